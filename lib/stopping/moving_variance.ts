// A stopping rule by the exponential moving variance of the outputs.
import { check, checkWholeNumber } from "../check.ts";
import {
  followMinimum,
  monitorWithState,
  noMinimum,
  type StoppingRule,
  UNDECIDED,
} from "./rule.ts";

/** Options for {@linkcode movingVariance}. */
export interface MovingVarianceOptions {
  /** The weight of the newest output in average and variance; 0.1 is the authors'. @default {0.1} */
  alpha?: number;
  /** Iterations without a new minimum after which the run stops; the authors take 1000. @default {500} */
  patience?: number;
  /** Iterations before the first that may be the minimum; 100 is the authors'. @default {100} */
  start?: number;
  /** A variance is a new minimum if it is below `delta` times the last one. @default {1, the authors'} */
  delta?: number;
}

/**
 * Returns the iterate at which the outputs `f_t` vary least, the ES-EMV rule of Wang et al. ("Early stopping for deep
 * image prior", 2023). It stores no window of outputs.
 *
 * With `d = f_t - a`: `a <- a + alpha d`, `v <- (1 - alpha)(v + alpha |d|^2 / N)`, from `a = f_1`
 * and `v = 0`; `N` is the number of samples.
 *
 * @param options The weight, the patience and the start.
 * @returns The rule.
 * @throws {RangeError} If an option is out of range.
 *
 * @example A longer memory
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(movingVariance({ alpha: 0.05 }).name, "emv");
 * assert.throws(() => movingVariance({ alpha: 1 }), RangeError);
 * ```
 */
export function movingVariance(options: MovingVarianceOptions = {}): StoppingRule {
  const { alpha = 0.1, patience = 500, start = 100, delta = 1 } = options;
  check(alpha > 0 && alpha < 1, "alpha", alpha, "above 0 and below 1");
  checkWholeNumber("patience", patience, 1);
  // The variance of the first output is 0, so no later one could be a new minimum.
  checkWholeNumber("start", start, 1);
  check(delta > 0 && delta <= 1, "delta", delta, "above 0 and at most 1");
  return {
    name: "emv",
    settings: { alpha, patience, start, delta },
    monitor() {
      const average = undefined as Float64Array | undefined;
      const memory = { ...noMinimum(), average, variance: 0, looks: 0 };
      return monitorWithState(memory, (memory, { output: { data } }) => {
        const average = memory.average ??= Float64Array.from(data);
        let energy = 0;
        for (let i = 0; i < data.length; i++) {
          const difference = data[i]! - average[i]!;
          average[i]! += alpha * difference;
          energy += difference * difference;
        }
        memory.variance = (1 - alpha) * (memory.variance + alpha * energy / data.length);
        if (++memory.looks <= start) return UNDECIDED;
        return followMinimum(memory, memory.variance, patience, delta);
      });
    },
  };
}
