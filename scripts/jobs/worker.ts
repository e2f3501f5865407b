// A worker: runs jobs of a queue and stores their results. A job that it cannot finish goes to another worker.
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

/** Options of {@linkcode serve}. */
export interface WorkerOptions {
  readonly address: QueueAddress;
  /** The number of jobs at once. */
  readonly jobs: number;
  /** The shared folder on this machine. */
  readonly shared: string | undefined;
  /** Seconds without a heartbeat after which its jobs go to another worker. */
  readonly lostAfter: number;
  /** Its name in the queue. */
  readonly name: string;
}

/** The longest wait for a job before the connection is checked, in seconds. */
const POLL = 2;

/** The longest time to return jobs to the queue when the worker ends, in milliseconds. */
const CLOSING_PATIENCE = 10_000;

/** The least time between two progress reports, in milliseconds. */
const SIGN = 1000;

/**
 * Serves a queue until it is interrupted.
 *
 * @param options The options.
 * @param progress The progress display.
 * @param signal The signal that interrupts it; active jobs then return to the queue.
 * @throws {Failure} If the queue cannot be reached.
 * @throws {MachineFailure} If this machine has a fault; its jobs have then returned to the queue.
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
    // An error that a retry cannot fix fails the job, not the worker.
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
  // BullMQ checks the number of parameters before it passes a signal as the third.
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
      // The job itself limits how often it may lose its worker.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      drainDelay: POLL,
      runRetryDelay: SIGN,
    },
  );
  worker.on("error", () => {
    // The connection reports its own errors; a lost lock is reported with its job.
  });
  worker.on("lockRenewalFailed", (ids: string[]) => {
    for (const id of ids) worker.cancelJob(id);
  });
  try {
    await new Promise<void>((resolve) => {
      if (ended.aborted) resolve();
      ended.addEventListener("abort", () => resolve(), { once: true });
    });
    // Active jobs end after their current step and return to the queue. If the queue is unreachable, they count as
    // lost.
    const closed = worker.close().then(() => true);
    if (!await Promise.race([closed, delay(CLOSING_PATIENCE, false)])) {
      progress.note(`the queue does not answer: it gives the jobs to others after ${lostAfter} s`);
    }
  } finally {
    close();
  }
  if (trouble) throw trouble;
}

/** What a worker uses for its jobs. */
interface Here {
  readonly shared: string | undefined;
  /** The transfer through the queue's server. */
  readonly server: FileTransfer;
  /** The memory limit of each job on this machine, in bytes. */
  readonly share: number;
}

/** Runs a job of the queue, and stores its result. */
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
  // Another worker may have been lost after it had stored the result.
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
    // Paths of this machine's temporary folders mean nothing to the user.
    if (error instanceof Error) error.message = error.message.replaceAll(join(folder, "/"), "");
    throw error;
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

const noFolder = (error: Error): never => {
  throw new MachineFailure(`cannot make a temporary folder: ${reasonOf(error)}`);
};

/** The differences of versions, for a message. */
const differences = (there: FilesByOption, here: FilesByOption): string =>
  [...new Set([...Object.keys(there), ...Object.keys(here)])]
    .filter((part) => there[part] !== here[part])
    .map((part) => `${part} ${there[part] ?? "none"}, here ${here[part] ?? "none"}`).join("; ");

/**
 * Refuses the result of a run that used another algorithm because it had less memory than its limit: other
 * convolutions or tiles give other bytes than on a machine with enough memory.
 */
function refuseSaving({ pages }: JobResult, args: Job["args"], share: number): void {
  const isGivenTile = isGiven(args, "--tile");
  const isAsUsual = ({ record: { engine, tiles } }: PageResult) =>
    // Nothing was trained, or the first choice fitted into memory.
    (engine?.convolutions ?? "winograd") === "winograd" && (tiles === undefined || isGivenTile);
  if (pages.every(isAsUsual)) return;
  throw new Failure(
    `it needs more than a worker's share of ${
      (share / 1e9).toFixed(1)
    } GB: give the worker fewer ` +
      "--jobs, or the study less --memory",
  );
}

/** Shows steps, and reports the job's progress to the queue at intervals. */
function signsOf(queued: Queued, shown: Progress): Progress["step"] {
  let due = 0;
  return (step, total) => {
    shown.step(step, total);
    if (performance.now() < due) return;
    due = performance.now() + SIGN;
    const { iteration } = step;
    // A job that has moved to another worker no longer takes this worker's progress.
    queued.updateProgress({ iteration, total } satisfies QueuedProgress).catch(() => {});
  };
}
