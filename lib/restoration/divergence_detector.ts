// Detects that a run has diverged: a loss that is not a number, or a data term that jumps.

/** Checks the iterations of a run in order. */
export interface DivergenceDetector {
  /** Returns what is wrong with an iteration, or undefined. A wrong iteration does not enter the running mean. */
  check(iterate: { loss: number; misfit: number }): string | undefined;
  /** The detector's state as plain data, for a checkpoint. */
  state(): DivergenceState;
  restoreState(state: DivergenceState): void;
}

/** The running mean of the data term, and its number of iterations. */
export interface DivergenceState {
  readonly mean: number;
  readonly seen: number;
}

/** A jump is a data term above this many times its running mean. DIP's own threshold of 5 dB is 3.2. */
const LEAP = 4;

/** The weight of the old mean in the running mean. */
const MEMORY = 0.9;

/**
 * Makes a detector.
 *
 * @returns The detector, before its first iteration.
 *
 * @example
 * ```ts
 * import { createDivergenceDetector } from "./divergence_detector.ts";
 * import assert from "node:assert/strict";
 * const detector = createDivergenceDetector();
 * for (let i = 0; i < 20; i++) assert.equal(detector.check({ loss: 0.01, misfit: 0.01 }), undefined);
 * assert.match(detector.check({ loss: 0.1, misfit: 0.1 })!, /leapt/);
 * assert.match(detector.check({ loss: NaN, misfit: 0.01 })!, /not a number/);
 * ```
 */
export function createDivergenceDetector(): DivergenceDetector {
  let mean = 0, seen = 0;
  return {
    check({ loss, misfit }) {
      if (!Number.isFinite(loss) || !Number.isFinite(misfit)) return "the loss is not a number";
      if (seen > 0 && misfit > LEAP * mean) {
        return `the data term leapt from ${mean.toPrecision(3)} to ${misfit.toPrecision(3)}`;
      }
      mean = seen === 0 ? misfit : MEMORY * mean + (1 - MEMORY) * misfit;
      seen++;
      return undefined;
    },
    state: () => ({ mean, seen }),
    restoreState: (state) => void ({ mean, seen } = state),
  };
}
