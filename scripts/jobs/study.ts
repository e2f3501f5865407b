// A study's jobs on their way through a queue: given to the workers, collected from them, each once.
import { setTimeout as delay } from "node:timers/promises";
import { FileError } from "../../lib/files/mod.ts";
import { Failure } from "../_failure.ts";
import type { Progress } from "../_progress.ts";
import type { QueueAddress } from "./address.ts";
import {
  type OpenQueue,
  openQueue,
  type Queued,
  type QueuedData,
  type QueuedProgress,
} from "./connection.ts";
import {
  type FileTransfer,
  folderTransfer,
  MachineFailure,
  markShared,
  serverTransfer,
} from "./exchange.ts";
import { digestsOf, type FilesByOption, identityOf, type Job, programVersions } from "./job.ts";
import type { JobsProgress } from "./progress.ts";
import { FAILED, type Handlers, type Runner } from "./runner.ts";

/** How a study uses a queue. */
export interface QueueOptions {
  readonly address: QueueAddress;
  /** The folder through which jobs go, as this machine sees it; undefined if they go through the server. */
  readonly shared: string | undefined;
  /** How often a job is tried again. */
  readonly retries: number;
  /** What an interruption does with the jobs that wait. */
  readonly onInterrupt: "leave" | "drain";
  /** Bytes that a job may take, on whichever worker. */
  readonly memoryLimit: number;
}

/** A job of the study that has not ended; several, if they are the same but for their names. */
interface Pending {
  readonly jobs: readonly Job[];
  readonly digests: FilesByOption;
  /** Whether it has been given to the queue. */
  isAdded: boolean;
  /** How often what it gave was gone. */
  gone: number;
  /** Where it is shown, while a worker does it. */
  shown: Progress | undefined;
}

/** Between two looks at the queue, and at the workers and for jobs that the server has lost, in milliseconds. */
const LOOK = 500, LOOK_AROUND = 5000;

/** Wait before a job is tried again, in milliseconds; it doubles each time. */
const BACKOFF = 1000;

/** How long an interrupted study still takes to keep what it has collected, in milliseconds. */
const LAST_LOOK = 5000;

/** Resolves when a signal comes. */
const interrupted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** Waits, or until a signal comes. */
const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  delay(milliseconds, undefined, signal && { signal }).catch(() => {});

/** The jobs of one command on their way through a queue. */
export class Study {
  readonly #pending = new Map<string, Pending>();
  readonly #server: FileTransfer;
  readonly #exchange: FileTransfer;
  #aroundAt = 0;
  #hasNoWorkers = false;

  constructor(
    readonly options: QueueOptions,
    readonly opened: OpenQueue,
    readonly mark: string | null,
    readonly handlers: Handlers,
    readonly progress: JobsProgress,
  ) {
    this.#server = serverTransfer(opened.client);
    this.#exchange = options.shared === undefined ? this.#server : folderTransfer(options.shared);
  }

  async run(jobs: readonly Job[], signal: AbortSignal): Promise<void> {
    await this.#identify(jobs, signal);
    const isDrained = this.options.onInterrupt === "drain";
    let error: unknown, isNoted = false;
    const adding = this.#addAll(signal).catch((reason) => error = reason);
    // The server may be away: who leaves does not wait for it.
    const late = interrupted(signal).then(() => pause(LAST_LOOK));
    while (this.#pending.size > 0 && error === undefined) {
      if (signal.aborted && !isDrained) break;
      if (signal.aborted) await adding;
      const look = this.#look(signal.aborted);
      await (isDrained ? look : Promise.race([look, late]));
      if (this.#pending.size === 0) break;
      if (signal.aborted && isDrained && !isNoted) {
        this.progress.note(`${this.#pending.size} are under way and will be collected`);
        isNoted = true;
      }
      await pause(LOOK, signal.aborted ? undefined : signal);
    }
    if (error !== undefined) throw error;
    const missing = [...this.#pending.values()].filter(({ isAdded }) => !isAdded).length;
    if (missing > 0) this.progress.note(`${missing} were not given to the queue yet`);
  }

  /** Finds out what each job is recognised by. */
  async #identify(jobs: readonly Job[], signal: AbortSignal): Promise<void> {
    for (const job of jobs) {
      if (signal.aborted) return;
      try {
        await this.handlers.check(job);
        const digests = await digestsOf(job.files);
        const id = identityOf(job, digests, this.options.memoryLimit);
        const same = this.#pending.get(id)?.jobs ?? [];
        const pending = { digests, isAdded: false, gone: 0, shown: undefined };
        this.#pending.set(id, { jobs: [...same, job], ...pending });
      } catch (error) {
        this.#fail([job], error);
      }
    }
  }

  /** Gives the jobs to the queue, one after another; those that it has are left as they are. */
  async #addAll(signal: AbortSignal): Promise<void> {
    for (const [id, pending] of [...this.#pending]) {
      if (signal.aborted) return;
      await this.#add(id, pending);
    }
  }

  async #add(id: string, pending: Pending): Promise<void> {
    const [job] = pending.jobs as [Job], { retries, memoryLimit } = this.options;
    const files: Record<string, QueuedData["files"][string]> = {};
    try {
      for (const [option, path] of Object.entries(job.files)) {
        files[option] = await this.#exchange.send(id, path, pending.digests[option]!);
      }
    } catch (error) {
      if (error instanceof MachineFailure) throw error;
      this.#pending.delete(id);
      return this.#fail(pending.jobs, error);
    }
    const { task, args, extension } = job, versions = programVersions();
    const data = {
      task,
      args,
      extension,
      versions,
      files,
      shared: this.mark,
      memoryLimit,
      retries,
    };
    await this.opened.queue.add(job.name, data, {
      jobId: id,
      attempts: retries + 1,
      backoff: { type: "exponential", delay: BACKOFF },
      stackTraceLimit: 0,
    });
    pending.isAdded = true;
  }

  #fail(jobs: readonly Job[], error: unknown): void {
    for (const job of jobs) {
      this.progress.end(job.name, FAILED);
      this.handlers.fail(job, error);
    }
  }

  /** Looks at the queue once: keeps what is done, tells what has failed, shows what is under way. */
  async #look(isDraining: boolean): Promise<void> {
    try {
      const { client, queue } = this.opened;
      const [completed, failed, active] = await Promise.all([
        client.zrange(queue.toKey("completed"), 0, -1),
        client.zrange(queue.toKey("failed"), 0, -1),
        client.lrange(queue.toKey("active"), 0, -1),
      ]);
      for (const id of completed) await this.#collect(id);
      for (const id of failed) await this.#collectFailure(id);
      await this.#show(new Set(active));
      if (isDraining) await this.#drain(new Set(active));
      else if (performance.now() >= this.#aroundAt) await this.#lookAround();
    } catch (error) {
      // A server that has no memory or no disk left says so; it may be helped.
      if (!(error instanceof Error) || error.name !== "ReplyError") throw error;
      this.progress.note(`the queue refuses: ${error.message}`);
    }
  }

  /** Collects a job that a worker has done, if it is of this study. */
  async #collect(id: string): Promise<void> {
    const pending = this.#pending.get(id);
    const queued: Queued | undefined = pending && await this.opened.queue.getJob(id);
    if (!pending || !queued) return;
    const exchange = this.#exchangeOf(queued);
    const done = await exchange?.collect(id, queued.data.extension);
    if (!done) return await this.#again(id, pending, queued);
    this.#pending.delete(id);
    let isKept = true;
    for (const job of pending.jobs) {
      try {
        this.progress.end(job.name, await this.handlers.keep(job, done));
      } catch (error) {
        this.#fail([job], error);
        // What could not be written is still in the queue for the next command.
        if (error instanceof FileError) isKept = false;
      }
    }
    if (isKept) await this.#forget(id, queued);
  }

  /** Where the files of a job are that this or an earlier command has given to the queue. */
  #exchangeOf({ data: { shared } }: Queued): FileTransfer | undefined {
    if (shared === null) return this.#server;
    return shared === this.mark ? this.#exchange : undefined;
  }

  /** Gives a job to the queue once more, as what it gave is not there. */
  async #again(id: string, pending: Pending, queued: Queued): Promise<void> {
    if (pending.gone++ < this.options.retries) {
      await this.#forget(id, queued);
      return await this.#add(id, pending);
    }
    this.#pending.delete(id);
    this.#fail(pending.jobs, new Failure("it was done, but what it gave is gone"));
  }

  async #collectFailure(id: string): Promise<void> {
    const pending = this.#pending.get(id);
    const queued: Queued | undefined = pending && await this.opened.queue.getJob(id);
    if (!pending || !queued) return;
    this.#pending.delete(id);
    this.#fail(pending.jobs, new Failure(queued.failedReason ?? "it failed"));
    await this.#forget(id, queued);
  }

  /** Takes all that is left of a job out of the queue. */
  async #forget(id: string, { data: { extension, files } }: Queued): Promise<void> {
    // Should the process die in between, what is left is small.
    for (const exchange of new Set([this.#server, this.#exchange])) {
      await exchange.discard(id, extension, Object.values(files));
    }
    await this.opened.queue.remove(id);
  }

  /** Shows how far the jobs are that workers do. */
  async #show(active: ReadonlySet<string>): Promise<void> {
    for (const [id, pending] of this.#pending) {
      const [job] = pending.jobs as [Job];
      if (!active.has(id)) {
        // Its worker is lost, or was interrupted.
        if (pending.shown) this.progress.end(job.name);
        pending.shown = undefined;
        continue;
      }
      pending.shown ??= this.progress.begin(job.place, job.name);
      const text = await this.opened.client.hget(this.opened.queue.toKey(id), "progress");
      const { iteration, total }: QueuedProgress = JSON.parse(text || "0") || { total: 0 };
      if (total > 0) pending.shown.step({ iteration, loss: 0 }, total);
    }
  }

  /** Takes out of the queue what waits. */
  async #drain(active: ReadonlySet<string>): Promise<void> {
    for (const [id, pending] of [...this.#pending]) {
      if (active.has(id)) continue;
      const queued: Queued | undefined = pending.isAdded
        ? await this.opened.queue.getJob(id)
        : undefined;
      // It may have come under way, or ended, just now.
      if (queued && !await this.#isRemoved(queued)) continue;
      if (queued) await this.#forget(id, queued);
      this.#pending.delete(id);
    }
  }

  async #isRemoved(queued: Queued): Promise<boolean> {
    if (await queued.isCompleted() || await queued.isFailed()) return false;
    return await this.opened.queue.remove(queued.id!) === 1;
  }

  /** Tells how many workers there are, and gives jobs once more that the server has lost. */
  async #lookAround(): Promise<void> {
    this.#aroundAt = performance.now() + LOOK_AROUND;
    const { client, queue } = this.opened;
    // Some servers do not tell.
    const workers = await queue.getWorkersCount().catch(() => undefined);
    if (workers !== undefined) {
      this.progress.aside(`${workers} worker${workers === 1 ? "" : "s"}`);
      if (workers === 0 && !this.#hasNoWorkers) {
        const { shown } = this.options.address;
        this.progress.note(`no worker serves the queue: deno task worker --queue ${shown}`);
      }
      this.#hasNoWorkers = workers === 0;
    }
    const added = [...this.#pending].filter(([, { isAdded }]) => isAdded);
    const asked = client.pipeline(added.map(([id]) => ["exists", queue.toKey(id)]));
    const answers = await asked.exec() ?? [];
    for (const [i, [id, pending]] of added.entries()) {
      if (answers[i]?.[1] === 0) await this.#add(id, pending);
    }
  }
}

/**
 * Runs jobs on the workers of a queue: it connects, and gives a study the queue for as long as it runs.
 *
 * @param options The queue, and how it is used.
 * @returns The runner.
 */
export const queueRunner = (options: QueueOptions): Runner => ({
  interrupted: options.onInterrupt === "leave"
    ? "the workers go on; the same command collects what they do"
    : "nothing of it waits in the queue; the same command goes on",
  async run(jobs, handlers, progress, signal) {
    const opened = await openQueue(options.address, progress.note);
    try {
      const mark = options.shared === undefined ? null : await markShared(options.shared);
      const study = new Study(options, opened, mark, handlers, progress);
      await study.run(jobs, signal);
    } finally {
      opened.close();
    }
  },
});
