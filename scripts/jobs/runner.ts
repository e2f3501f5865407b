// "Run these jobs": what the commands over several runs ask for, and what does it in this process.
import type { Job, JobResult } from "./job.ts";
import { perform } from "./perform.ts";
import type { JobsProgress } from "./progress.ts";

/** What a command does with its jobs. */
export interface Handlers {
  /**
   * Looks before a job's run whether what it gives could be kept.
   *
   * @throws {Failure | FileError} If not: the job fails.
   */
  check(job: Job): Promise<void>;
  /**
   * Keeps what a job gave.
   *
   * @returns What a line says of it.
   * @throws {Failure} If it is no good: the job fails.
   * @throws {FileError} If it cannot be written: the job fails, and if it ran elsewhere, that is not lost.
   */
  keep(job: Job, done: JobResult): Promise<string>;
  /** Tells that a job has failed for good; the others go on. */
  fail(job: Job, error: unknown): void;
}

/** Runs jobs, here or elsewhere. */
export interface Runner {
  /**
   * Runs jobs. Each is kept once, or told to have failed once, unless the run is interrupted.
   *
   * @param jobs The jobs.
   * @param handlers What is done with them.
   * @param progress Where they are shown.
   * @param signal What interrupts the run.
   * @throws {Failure} If none can run.
   */
  run(
    jobs: readonly Job[],
    handlers: Handlers,
    progress: JobsProgress,
    signal: AbortSignal,
  ): Promise<void>;
  /** How it goes on after an interruption, for a line. */
  readonly interrupted: string;
}

/** What a line says of a job that has failed; the reason is told apart. */
export const FAILED = "";

/**
 * Runs jobs in this process.
 *
 * @param count How many at once.
 * @param memoryLimit Bytes that each may take; undefined for what the machine has.
 * @returns The runner.
 */
export const localRunner = (count: number, memoryLimit: number | undefined): Runner => ({
  interrupted: "the same command goes on",
  async run(jobs, handlers, progress, signal) {
    const queue = jobs.values();
    /** Takes jobs until there are no more; several of these do so at once. */
    const work = async () => {
      for (const job of queue) {
        if (signal.aborted) return;
        try {
          await handlers.check(job);
          const begin = (isFurtherPage: boolean) =>
            isFurtherPage ? progress.again(job.name) : progress.begin(job.place, job.name);
          const done = await perform(job, { memoryLimit, begin, signal });
          progress.end(job.name, await handlers.keep(job, done));
        } catch (error) {
          progress.end(job.name, FAILED);
          if (signal.aborted) return;
          // The others may well succeed.
          handlers.fail(job, error);
        }
      }
    };
    await Promise.all(Array.from({ length: count }, work));
  },
});
