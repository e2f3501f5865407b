// Shows the progress of a run until its end.
import type { Run, RunResult } from "../lib/restoration/mod.ts";
import { Failure } from "./_failure.ts";
import type { Progress } from "./_progress.ts";

/**
 * Shows a run's progress and awaits its result.
 *
 * @param run The run; it stops by itself on the signal.
 * @param total The number of its iterations.
 * @param progress Shows the progress.
 * @param signal The signal that stops it.
 * @returns The result, after at least one good iteration.
 * @throws {Interruption} If it was stopped before the first iteration.
 * @throws {Failure} If no iteration was good.
 */
export async function followRun(
  run: Run,
  total: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<RunResult> {
  for await (const step of run) {
    progress.step(step, total);
    // Work after the last iteration, such as the mixture of a guided run, may take seconds.
    if (step.iteration === total) progress.stage("finishing");
  }
  progress.end();
  const result = await run.result;
  const { stop, guide } = result.record;
  // An initial estimate is worth keeping.
  if (guide) return result;
  if (stop.iteration === 0) {
    signal.throwIfAborted();
    // There was nothing to do: no noise was found.
    return result;
  }
  if (stop.best === 0) {
    throw new Failure(
      "every iteration diverged, nothing was written; try a smaller --learning-rate",
    );
  }
  return result;
}

/**
 * Shows a run's progress and awaits the result of a complete run.
 *
 * @param run The run; it stops by itself on the signal.
 * @param total The number of its iterations.
 * @param progress Shows the progress.
 * @param signal The signal that stops it.
 * @returns The result of a run that was not ended early.
 * @throws {Interruption} If it was stopped.
 * @throws {Failure} If no iteration was good, or it ended by an error.
 */
export async function followToEnd(
  run: Run,
  total: number,
  progress: Progress,
  signal: AbortSignal,
): Promise<RunResult> {
  const result = await followRun(run, total, progress, signal);
  const { stop, events } = result.record;
  if (stop.reason === "aborted") throw signal.reason;
  const failure = events.find(({ kind }) => kind === "failure");
  if (failure) throw new Failure(failure.message);
  return result;
}
