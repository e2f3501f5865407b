// Morozov's discrepancy principle: the output need not be closer to the observed picture than the clean picture is.
import { check, checkPositive, checkWholeNumber } from "../check.ts";
import { clippedMoments } from "../noise/mod.ts";
import { keepLast, mean, monitorWithState, type StoppingRule, UNDECIDED } from "./rule.ts";

/** Options for {@linkcode discrepancy}. */
export interface DiscrepancyOptions {
  /** The part of the noise's energy down to which the misfit may fall; 1 is Morozov's. @default {1} */
  factor?: number;
  /** Iterations over which the misfit is averaged. @default {1, the misfit at hand} */
  window?: number;
}

/**
 * Stops when the misfit has fallen to the energy of the noise, and returns the current iterate (Morozov 1966). The
 * rule needs the noise level.
 *
 * The rule stops at `misfit <= factor E`. `E` is `sigma^2` or, for a picture whose noise was clipped to [0, 1], the
 * energy of the clipped noise at the levels of the output: a tenth less at sigma 0.1 if the levels are uniform. A
 * picture without a sample outside [0, 1] counts as clipped.
 *
 * It is for problems whose data term is a mean square: the data terms of impulse noise, counted light and JPEG have
 * other units than `sigma^2`.
 *
 * @param options The factor and the window.
 * @returns The rule; its criterion is `misfit / E`.
 * @throws {RangeError} If an option is out of range; from `monitor`, if `noiseSigma` is not a finite number from 0.
 *
 * @example Stop a little before the noise is reached
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(discrepancy({ factor: 1.1 }).settings, { factor: 1.1, window: 1 });
 * assert.throws(() => discrepancy({ factor: 0 }), RangeError);
 * ```
 */
export function discrepancy(options: DiscrepancyOptions = {}): StoppingRule {
  const { factor = 1, window = 1 } = options;
  checkPositive("factor", factor);
  checkWholeNumber("window", window, 1);
  return {
    name: "discrepancy",
    settings: { factor, window },
    needsSquares: true,
    monitor({ observed, noiseSigma: sigma }) {
      check(sigma >= 0 && sigma < Infinity, "noiseSigma", sigma, "a finite number from 0");
      const clipped = observed.data.every((value) => value >= 0 && value <= 1);
      const energyAt = clipped ? clippedEnergy(sigma) : () => sigma * sigma;
      return monitorWithState({ last: [] as number[] }, ({ last }, { misfit, output }) => {
        const misfits = keepLast(last, window, misfit);
        if (!misfits) return UNDECIDED;
        const value = mean(misfits) / energyAt(output.data);
        return {
          value: Number.isFinite(value) ? value : NaN,
          best: true,
          stop: value <= factor,
        };
      });
    },
  };
}

/** Levels in the table, from black to white. */
const LEVELS = 256;

/** The mean square of clipped noise over all samples of a clean picture, which are clipped to [0, 1] first. */
function clippedEnergy(sigma: number): (clean: Float32Array) => number {
  const energies = Float64Array.from({ length: LEVELS }, (_, level) => {
    const x = level / (LEVELS - 1), { mean, variance } = clippedMoments(x, sigma);
    return variance + (mean - x) ** 2;
  });
  return (clean) => {
    let sum = 0;
    for (let i = 0; i < clean.length; i++) {
      const level = (clean[i]! * (LEVELS - 1) + 0.5) | 0;
      sum += energies[level < 0 ? 0 : level < LEVELS ? level : LEVELS - 1]!;
    }
    return sum / clean.length;
  };
}
