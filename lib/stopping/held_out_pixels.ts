// A stopping rule by pixels held out of the loss: the error on them grows once the network learns the noise of the
// others.
import { check, checkWholeNumber } from "../check.ts";
import { followMinimum, monitorWithState, noMinimum, type StoppingRule } from "./rule.ts";

/** Options for {@linkcode heldOutPixels}. */
export interface HeldOutPixelsOptions {
  /**
   * The fraction of the observed pixels that is held out of the loss.
   * @default {two thousand pixels, at most a tenth: the precision of the criterion depends on the number}
   */
  fraction?: number;
  /** Iterations without a new minimum after which the run stops. @default {500, our choice} */
  patience?: number;
  /**
   * The weight of the old average in the averaged error; 0 averages nothing.
   * @default {0.9, our choice}
   */
  smoothing?: number;
}

/** The default number of pixels, and the largest default fraction. */
const ENOUGH = 2000, MOST = 0.1;

/**
 * Returns the iterate that best predicts the pixels held out of the loss.
 *
 * If the noise is independent from pixel to pixel, the mean square error on these pixels is the error to the clean
 * picture plus a constant (Batson and Royer 2019, "Noise2Self"). It is averaged over the iterations, because the
 * error on a few pixels fluctuates.
 *
 * @param options The fraction, the patience and the smoothing.
 * @returns The rule; its criterion is the averaged error.
 * @throws {RangeError} If an option is out of range.
 * @throws {TypeError} From `observe`, if no error over held-out pixels was observed.
 *
 * @example Ask for every twentieth pixel
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(heldOutPixels({ fraction: 0.05 }).heldOut!(1000), 50);
 * assert.equal(heldOutPixels().heldOut!(100_000), 2000);
 * assert.throws(() => heldOutPixels({ fraction: 1 }), RangeError);
 * ```
 */
export function heldOutPixels(options: HeldOutPixelsOptions = {}): StoppingRule {
  const { fraction, patience = 500, smoothing = 0.9 } = options;
  if (fraction !== undefined) {
    check(fraction > 0 && fraction < 1, "fraction", fraction, "above 0 and below 1");
  }
  checkWholeNumber("patience", patience, 1);
  check(smoothing >= 0 && smoothing < 1, "smoothing", smoothing, "from 0 to below 1");
  return {
    name: "held-out",
    settings: { fraction: fraction ?? null, patience, smoothing },
    heldOut: (pixels) =>
      Math.max(1, Math.round(pixels * (fraction ?? Math.min(ENOUGH / pixels, MOST)))),
    monitor() {
      const memory = { ...noMinimum(), average: undefined as number | undefined };
      return monitorWithState(memory, (memory, { heldOut }) => {
        if (heldOut === undefined) {
          throw new TypeError("`heldOut` of the observation is missing: no pixels were held out");
        }
        memory.average = memory.average === undefined
          ? heldOut
          : smoothing * memory.average + (1 - smoothing) * heldOut;
        return followMinimum(memory, memory.average, patience);
      });
    },
  };
}
