// The jobs of a study in a queue: they are added, and each result is collected once.
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
  /** The shared folder on this machine; undefined if files go through the server. */
  readonly shared: string | undefined;
  /** The number of retries of a job. */
  readonly retries: number;
  /** What an interruption does with waiting jobs. */
  readonly onInterrupt: "leave" | "drain";
  /** The memory limit of a job in bytes, on any worker. */
  readonly memoryLimit: number;
}

/** A job of the study that has not ended; or several that differ only in their names. */
interface Pending {
  readonly jobs: readonly Job[];
  readonly digests: FilesByOption;
  /** Whether it has been added to the queue. */
  isAdded: boolean;
  /** How many times its result was missing. */
  gone: number;
  /** Its progress display, while a worker runs it. */
  shown: Progress | undefined;
}

/** Milliseconds between two polls of the queue, and between two checks for workers and lost jobs. */
const LOOK = 500, LOOK_AROUND = 5000;

/** Milliseconds before a job is retried; doubled each time. */
const BACKOFF = 1000;

/** The time that an interrupted study may still take to write collected results, in milliseconds. */
const LAST_LOOK = 5000;

/** Resolves when a signal comes. */
const interrupted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** Waits for a time, or until the signal. */
const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  delay(milliseconds, undefined, signal && { signal }).catch(() => {});

/** The jobs of one command in a queue. */
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
    // The server may be unreachable, so an interruption does not wait for it.
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

  /** Computes the identity of each job. */
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

  /** Adds the jobs to the queue one after another; jobs that are already there are not changed. */
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

  /** Polls the queue once: keeps finished jobs, reports failed ones, shows active ones. */
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
      // Errors of a server without memory or disk space are temporary.
      if (!(error instanceof Error) || error.name !== "ReplyError") throw error;
      this.progress.note(`the queue refuses: ${error.message}`);
    }
  }

  /** Collects the result of a finished job, if it belongs to this study. */
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
        // A result that could not be written stays in the queue for the next command.
        if (error instanceof FileError) isKept = false;
      }
    }
    if (isKept) await this.#forget(id, queued);
  }

  /** The transfer of a job's files, which this or an earlier command has added to the queue. */
  #exchangeOf({ data: { shared } }: Queued): FileTransfer | undefined {
    if (shared === null) return this.#server;
    return shared === this.mark ? this.#exchange : undefined;
  }

  /** Adds a job again, because its result is missing. */
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

  /** Removes a job and its files from the queue. */
  async #forget(id: string, { data: { extension, files } }: Queued): Promise<void> {
    // If the process is killed in between, only little data is left.
    for (const exchange of new Set([this.#server, this.#exchange])) {
      await exchange.discard(id, extension, Object.values(files));
    }
    await this.opened.queue.remove(id);
  }

  /** Shows the progress of active jobs. */
  async #show(active: ReadonlySet<string>): Promise<void> {
    for (const [id, pending] of this.#pending) {
      const [job] = pending.jobs as [Job];
      if (!active.has(id)) {
        // Its worker was lost or interrupted.
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

  /** Removes waiting jobs from the queue. */
  async #drain(active: ReadonlySet<string>): Promise<void> {
    for (const [id, pending] of [...this.#pending]) {
      if (active.has(id)) continue;
      const queued: Queued | undefined = pending.isAdded
        ? await this.opened.queue.getJob(id)
        : undefined;
      // It may have been started, or ended, just now.
      if (queued && !await this.#isRemoved(queued)) continue;
      if (queued) await this.#forget(id, queued);
      this.#pending.delete(id);
    }
  }

  async #isRemoved(queued: Queued): Promise<boolean> {
    if (await queued.isCompleted() || await queued.isFailed()) return false;
    return await this.opened.queue.remove(queued.id!) === 1;
  }

  /** Shows the number of workers, and adds jobs again that the server has lost. */
  async #lookAround(): Promise<void> {
    this.#aroundAt = performance.now() + LOOK_AROUND;
    const { client, queue } = this.opened;
    // Some servers do not support this.
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
 * Runs jobs on the workers of a queue. It connects for the duration of the run.
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
