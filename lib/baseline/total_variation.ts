// Denoises by total variation.
import type { Image } from "../image/mod.ts";
import { checkNotNegative } from "./_check.ts";
import { checked, withSamples } from "./_picture.ts";
import { type Rof, rof } from "./_rof.ts";

/** Options for {@linkcode totalVariation}: how much is smoothed, or the noise that is to go. */
export type TotalVariationOptions =
  | {
    /** The weight of the total variation, from 0. */
    weight: number;
    sigma?: never;
  }
  | {
    /** The noise's standard deviation, where white is 1. */
    sigma: number;
    weight?: never;
  };

/** A quarter of a level of 8 bits. */
const TOLERANCE = 1 / 1020;

/** Far more than noise of any level takes. */
const MOST_ITERATIONS = 2000;

/** The residual is brought this near to sigma, relatively; it takes about five trials. */
const NEAR = 0.01, MOST_TRIALS = 30;

/**
 * Denoises by total variation (Rudin, Osher and Fatemi 1992):
 * `min over u of weight TV(u) + |u - y|^2 / 2`,
 * `TV(u) = sum over pixels of sqrt(sum over channels of |grad u|^2)`, forward differences. The
 * channels share their edges (Bresson and Chan 2008). The error of u left by the iterations is at
 * most 0.001, root mean square.
 *
 * With `sigma` the weight is the one that leaves as much as the noise, `|u - y|^2 = N sigma^2` (the
 * discrepancy principle), found as by Chambolle (2004, "An Algorithm for Total Variation Minimization
 * and Applications", section 4) from `weight <- weight sigma / rms(u - y)`, with steps sped up. A
 * picture that varies less than the noise becomes its mean. The discrepancy principle smooths more
 * than is best; {@linkcode totalVariationWeight} gives up to 3 dB more on the pictures in data/.
 *
 * @param image The noisy picture, `[height, width, channels]`; `alpha` is kept.
 * @param options `weight` or `sigma`.
 * @returns A new picture, clipped to [0, 1].
 * @throws {RangeError} If the option is negative or not finite, both or neither are given, or the
 * image's fields do not agree.
 *
 * @example An edge stays, noise goes
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise, psnr } from "../image/mod.ts";
 *
 * const data = Float32Array.from({ length: 1024 }, (_, i) => i % 32 < 16 ? 0.25 : 0.75);
 * const clean = { height: 32, width: 32, channels: 1, data } as const;
 * const noisy = addGaussianNoise(clean, 0.1, 1);
 * const image = totalVariation(noisy, { sigma: 0.1 });
 * assert.ok(psnr(image, clean) > psnr(noisy, clean) + 10);
 * ```
 */
export function totalVariation(image: Image, options: TotalVariationOptions): Image {
  const { weight, sigma } = options;
  if ((weight === undefined) === (sigma === undefined)) {
    throw new RangeError("exactly one of `weight` and `sigma` must be given");
  }
  if (weight !== undefined) checkNotNegative("weight", weight);
  if (sigma !== undefined) checkNotNegative("sigma", sigma);
  const { data } = checked(image);
  if (weight === 0 || sigma === 0) return withSamples(image, data);
  const problem = rof(image);
  if (weight !== undefined) {
    return withSamples(image, problem.solve(weight, TOLERANCE, MOST_ITERATIONS));
  }
  const mean = meanOf(image);
  if (distance(mean, data) <= sigma!) return withSamples(image, mean);
  return withSamples(image, byDiscrepancy(problem, data, sigma!));
}

/** The solution whose residual is sigma: the residual grows with the weight, nearly as a power of it. */
function byDiscrepancy(problem: Rof, data: Float32Array, sigma: number): Float32Array {
  let trial = sigma, power = 1, u = data;
  let before: { trial: number; residual: number } | undefined;
  for (let count = 0; count < MOST_TRIALS; count++) {
    u = problem.solve(trial, TOLERANCE, MOST_ITERATIONS);
    const residual = distance(u, data);
    if (Math.abs(residual / sigma - 1) < NEAR) break;
    if (before) {
      const slope = Math.log(residual / before.residual) / Math.log(trial / before.trial);
      // By Chambolle's update the power is 1; one below 1 takes larger steps.
      power = Math.min(Math.max(slope, 0.1), 1);
    }
    before = { trial, residual };
    trial *= (sigma / residual) ** (1 / power);
  }
  return u;
}

/** The root mean square difference. */
function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / a.length);
}

/** Each sample the mean of its channel. */
function meanOf({ data, channels }: Image): Float32Array {
  const sums = new Float64Array(channels);
  data.forEach((value, i) => sums[i % channels]! += value);
  return data.map((_, i) => sums[i % channels]! * channels / data.length);
}
