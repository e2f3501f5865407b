// The interface of runners of jobs, and the runner in this process.
import type { Job, JobResult } from "./job.ts";
import { perform } from "./perform.ts";
import type { JobsProgress } from "./progress.ts";

/** What a command does with its jobs and their results. */
export interface Handlers {
  /**
   * Checks before a job's run that its result could be written.
   *
   * @throws {Failure | FileError} If not; the job then fails.
   */
  check(job: Job): Promise<void>;
  /**
   * Writes the result of a job.
   *
   * @returns A description for a line.
   * @throws {Failure} If the result is not usable; the job then fails.
   * @throws {FileError} If it cannot be written; the job then fails, but a result in a queue is kept there.
   */
  keep(job: Job, done: JobResult): Promise<string>;
  /** Reports that a job has finally failed; the others continue. */
  fail(job: Job, error: unknown): void;
}

/** Runs jobs in this process or elsewhere. */
export interface Runner {
  /**
   * Runs jobs. Each job is kept or reported as failed exactly once, unless the run is interrupted.
   *
   * @param jobs The jobs.
   * @param handlers What is done with the jobs.
   * @param progress The progress display.
   * @param signal The signal that interrupts the run.
   * @throws {Failure} If no job can run.
   */
  run(
    jobs: readonly Job[],
    handlers: Handlers,
    progress: JobsProgress,
    signal: AbortSignal,
  ): Promise<void>;
  /** How to continue after an interruption, for a message. */
  readonly interrupted: string;
}

/** The line of a failed job; the reason is printed separately. */
export const FAILED = "";

/**
 * Runs jobs in this process.
 *
 * @param count The number of jobs at once.
 * @param memoryLimit The memory limit of each in bytes; undefined for the machine's available memory.
 * @returns The runner.
 */
export const localRunner = (count: number, memoryLimit: number | undefined): Runner => ({
  interrupted: "the same command goes on",
  async run(jobs, handlers, progress, signal) {
    const queue = jobs.values();
    /** Runs jobs until there are no more; several of these loops run at once. */
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
          // The other jobs may succeed.
          handlers.fail(job, error);
        }
      }
    };
    await Promise.all(Array.from({ length: count }, work));
  },
});
