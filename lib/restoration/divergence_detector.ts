// Notices when a run has gone wrong: a loss that is not a number, or leaps.

/** Looks at each iteration in turn. */
export interface DivergenceDetector {
  /** Says what is wrong with an iteration, or nothing. One that is wrong is not taken into account. */
  look(iterate: { loss: number; misfit: number }): string | undefined;
  /** Its state as plain data, for a checkpoint. */
  state(): DivergenceState;
  restoreState(state: DivergenceState): void;
}

/** The running mean of the data term, and how many iterations it is of. */
export interface DivergenceState {
  readonly mean: number;
  readonly seen: number;
}

/** A leap: the data term above this many times its running mean. DIP's own threshold, 5 dB, is 3.2. */
const LEAP = 4;

/** The running mean's memory. */
const MEMORY = 0.9;

/**
 * Makes a watch.
 *
 * @returns The watch, knowing nothing yet.
 *
 * @example
 * ```ts
 * import { createDivergenceDetector } from "./divergence_detector.ts";
 * import assert from "node:assert/strict";
 * const detector = createDivergenceDetector();
 * for (let i = 0; i < 20; i++) assert.equal(detector.look({ loss: 0.01, misfit: 0.01 }), undefined);
 * assert.match(detector.look({ loss: 0.1, misfit: 0.1 })!, /leapt/);
 * assert.match(detector.look({ loss: NaN, misfit: 0.01 })!, /not a number/);
 * ```
 */
export function createDivergenceDetector(): DivergenceDetector {
  let mean = 0, seen = 0;
  return {
    look({ loss, misfit }) {
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
