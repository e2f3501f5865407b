// A worker: takes jobs from a queue, does them, leaves what they give; a job that it cannot end is another's.
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { availableMemory } from "../../lib/engine/mod.ts";
import { explain, Failure } from "../_failure.ts";
import { reasonOf } from "../_kept_folder.ts";
import { duration, type Progress } from "../_progress.ts";
import type { QueueAddress } from "./address.ts";
import {
  connect,
  loadBullmq,
  PREFIX,
  QUEUE,
  type Queued,
  type QueuedData,
  type QueuedProgress,
} from "./connection.ts";
import {
  checkShared,
  type FileTransfer,
  folderTransfer,
  MachineFailure,
  serverTransfer,
} from "./exchange.ts";
import {
  areSame,
  type FilesByOption,
  isGiven,
  type Job,
  type JobResult,
  type PageResult,
  programVersions,
} from "./job.ts";
import { perform } from "./perform.ts";
import type { JobsProgress } from "./progress.ts";

/** What a worker is told. */
export interface WorkerOptions {
  readonly address: QueueAddress;
  /** How many jobs at once. */
  readonly jobs: number;
  /** The folder through which jobs may go, as this machine sees it. */
  readonly shared: string | undefined;
  /** Seconds without a sign of life after which its jobs are another worker's. */
  readonly lostAfter: number;
  /** What it is called in the queue. */
  readonly name: string;
}

/** Longest wait for another job to come, before the connection is looked after, in seconds. */
const POLL = 2;

/** How long a worker that ends waits for the queue to take its jobs back, in milliseconds. */
const CLOSING_PATIENCE = 10_000;

/** Least time between two signs of how far a job is, in milliseconds. */
const SIGN = 1000;

/**
 * Serves a queue until it is interrupted.
 *
 * @param options What it is told.
 * @param progress Where it is shown.
 * @param signal What interrupts it: jobs that are under way go back to the queue.
 * @throws {Failure} If the queue cannot be reached.
 * @throws {MachineFailure} If something is wrong with this machine: its jobs have gone back to the queue.
 */
export async function serve(
  options: WorkerOptions,
  progress: JobsProgress,
  signal: AbortSignal,
): Promise<void> {
  const { address, jobs, lostAfter, name } = options;
  const { client, close } = await connect(address, progress.note);
  const { Worker, WaitingError, UnrecoverableError } = await loadBullmq();
  const server = serverTransfer(client);
  const stop = new AbortController(), ended = AbortSignal.any([signal, stop.signal]);
  const here: Here = { shared: options.shared, server, share: availableMemory() / jobs };
  let trouble: MachineFailure | undefined;

  const handle = async (queued: Queued, token: string | undefined, lost: AbortSignal) => {
    // What a retry cannot help is the job's, not the worker's.
    const { retries } = queued.data;
    if (queued.stalledCounter > retries) {
      throw new UnrecoverableError(
        `given up: ${queued.stalledCounter} workers were lost while they ran it`,
      );
    }
    try {
      await performed(queued, here, progress, AbortSignal.any([ended, lost]));
      progress.end(queued.name, duration((Date.now() - queued.processedOn!) / 1000));
      return null;
    } catch (error) {
      progress.end(queued.name);
      if (error instanceof MachineFailure) {
        trouble ??= error;
        stop.abort(error);
      }
      if (lost.aborted) progress.note(`${queued.name} went to another worker`);
      else if (ended.aborted) await queued.moveToWait(token);
      else {
        const { line } = explain(error);
        progress.note(`${queued.name} failed: ${line}`);
        throw new Error(line);
      }
      throw new WaitingError();
    }
  };
  // BullMQ counts the parameters: it has a signal for the third.
  const worker = new Worker<QueuedData, null>(
    QUEUE,
    (queued, token, lost) => handle(queued, token, lost ?? ended),
    {
      connection: client,
      prefix: PREFIX,
      name,
      concurrency: jobs,
      lockDuration: lostAfter * 1000,
      stalledInterval: lostAfter * 500,
      // How often a job may lose its worker is the job's own number.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      drainDelay: POLL,
      runRetryDelay: SIGN,
    },
  );
  worker.on("error", () => {
    // The connection tells of itself; a lock that could not be kept is told with its job.
  });
  worker.on("lockRenewalFailed", (ids: string[]) => {
    for (const id of ids) worker.cancelJob(id);
  });
  try {
    await new Promise<void>((resolve) => {
      if (ended.aborted) resolve();
      ended.addEventListener("abort", () => resolve(), { once: true });
    });
    // Jobs under way end after their step, and go back; not if the queue is away, then they count as lost.
    const closed = worker.close().then(() => true);
    if (!await Promise.race([closed, delay(CLOSING_PATIENCE, false)])) {
      progress.note(`the queue does not answer: it gives the jobs to others after ${lostAfter} s`);
    }
  } finally {
    close();
  }
  if (trouble) throw trouble;
}

/** What a worker has for its jobs. */
interface Here {
  readonly shared: string | undefined;
  /** The exchange through the queue's server. */
  readonly server: FileTransfer;
  /** Bytes that each job may take here. */
  readonly share: number;
}

/** Does a job of the queue, and leaves what it gives. */
async function performed(
  queued: Queued,
  here: Here,
  progress: JobsProgress,
  signal: AbortSignal,
): Promise<void> {
  const { data: { files: sent, versions, shared, memoryLimit, ...work }, name } = queued;
  const own = programVersions(), id = queued.id!;
  if (!areSame(versions, own)) {
    throw new MachineFailure(`the jobs are of other versions: ${differences(versions, own)}`);
  }
  if (shared !== null) await checkShared(here.shared, shared);
  const exchange = shared === null ? here.server : folderTransfer(here.shared!);
  // Another worker may have been lost after it had left the result.
  if (await exchange.isLeft(id)) return;
  const folder = await Deno.makeTempDir({ prefix: "job-" }).catch(noFolder);
  try {
    const files: Record<string, string> = {};
    for (const [option, file] of Object.entries(sent)) {
      const place = join(folder, option);
      await Deno.mkdir(place).catch(noFolder);
      files[option] = await exchange.receive(file, place);
    }
    const done = await perform({ ...work, place: 0, name, files }, {
      memoryLimit: Math.min(memoryLimit, here.share),
      begin() {
        const shown = progress.begin(0, name);
        return { ...shown, step: signsOf(queued, shown) };
      },
      signal,
    });
    if (here.share < memoryLimit) refuseSaving(done, work.args, here.share);
    await exchange.leave(id, done, work.extension, folder);
  } catch (error) {
    // A user does not know this machine's temporary folders.
    if (error instanceof Error) error.message = error.message.replaceAll(join(folder, "/"), "");
    throw error;
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

const noFolder = (error: Error): never => {
  throw new MachineFailure(`cannot make a temporary folder: ${reasonOf(error)}`);
};

/** In what versions differ, for a line. */
const differences = (there: FilesByOption, here: FilesByOption): string =>
  [...new Set([...Object.keys(there), ...Object.keys(here)])]
    .filter((part) => there[part] !== here[part])
    .map((part) => `${part} ${there[part] ?? "none"}, here ${here[part] ?? "none"}`).join("; ");

/**
 * Refuses what a run gave that had less memory than it may take and went another way for it: other
 * convolutions or tiles give other bytes than on a machine that has it.
 */
function refuseSaving({ pages }: JobResult, args: Job["args"], share: number): void {
  const isGivenTile = isGiven(args, "--tile");
  const isAsUsual = ({ record: { engine, tiles } }: PageResult) =>
    // Nothing was trained, or the first choice fitted.
    (engine?.convolutions ?? "winograd") === "winograd" && (tiles === undefined || isGivenTile);
  if (pages.every(isAsUsual)) return;
  throw new Failure(
    `it needs more than a worker's share of ${
      (share / 1e9).toFixed(1)
    } GB: give the worker fewer ` +
      "--jobs, or the study less --memory",
  );
}

/** Shows steps, and says in the queue now and then how far the job is. */
function signsOf(queued: Queued, shown: Progress): Progress["step"] {
  let due = 0;
  return (step, total) => {
    shown.step(step, total);
    if (performance.now() < due) return;
    due = performance.now() + SIGN;
    const { iteration } = step;
    // A job that went to another worker has no progress of this one.
    queued.updateProgress({ iteration, total } satisfies QueuedProgress).catch(() => {});
  };
}
