// Adds Gaussian or Poisson noise to an image.
import { checkNotNegative, checkPositive } from "../check.ts";
import type { Image } from "./image.ts";
import { type Random, random } from "../random/mod.ts";

/** Options for {@linkcode addGaussianNoise}. */
export interface GaussianNoiseOptions {
  /**
   * Whether the noisy samples are clipped to [0, 1], as in a picture's file. Without clipping the noise is exactly
   * Gaussian, and samples can leave that range.
   *
   * @default {true}
   */
  clip?: boolean;
}

/**
 * Adds Gaussian noise of mean 0 to every sample: `y = x + sigma n`. `alpha` is not changed.
 *
 * @param image The clean image.
 * @param sigma The noise's standard deviation, where white is 1 (divide a level of 0 to 255 by 255).
 * @param seed The noise's seed: the same seed gives the same noise.
 * @param options Whether to clip.
 * @returns A new image.
 * @throws {RangeError} If `sigma` is negative or not finite, or `seed` is not a whole number.
 *
 * @example The noise of the denoising papers, 25 of 255
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./image.ts";
 * import { psnr } from "./psnr.ts";
 *
 * const data = new Float32Array(128 * 128).fill(0.5);
 * const clean = createImage({ height: 128, width: 128, channels: 1, data });
 * const noisy = addGaussianNoise(clean, 25 / 255, 1);
 * assert.ok(Math.abs(psnr(noisy, clean) - 20.17) < 0.2);
 * ```
 */
export function addGaussianNoise(
  image: Image,
  sigma: number,
  seed: number,
  options?: GaussianNoiseOptions,
): Image {
  const { clip = true } = options ?? {};
  checkNotNegative("sigma", sigma);
  const { normal } = random(seed);
  const data = image.data.map((value) => {
    const noisy = value + sigma * normal();
    return clip ? Math.min(Math.max(noisy, 0), 1) : noisy;
  });
  return { ...image, data };
}

/** Options for {@linkcode addPoissonNoise}. */
export interface PoissonNoiseOptions {
  /**
   * Whether samples brighter than white are clipped to 1, as in a picture's file.
   *
   * @default {true}
   */
  clip?: boolean;
}

/**
 * Replaces every sample by a count of photons: `y = Poisson(peak x) / peak`. `alpha` is not changed.
 *
 * @param image The clean image.
 * @param peak The mean number of photons at value 1; the fewer, the noisier.
 * @param seed The noise's seed: the same seed gives the same noise.
 * @param options Whether to clip.
 * @returns A new image.
 * @throws {RangeError} If `peak` is not a positive finite number, a sample is not finite or `seed` is not a whole
 * number.
 *
 * @example Few photons, few levels
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./image.ts";
 *
 * const data = new Float32Array(64).fill(0.5);
 * const noisy = addPoissonNoise(createImage({ height: 8, width: 8, channels: 1, data }), 4, 1);
 * assert.ok(noisy.data.every((value) => Number.isInteger(value * 4) && value <= 1));
 * ```
 */
export function addPoissonNoise(
  image: Image,
  peak: number,
  seed: number,
  options?: PoissonNoiseOptions,
): Image {
  const { clip = true } = options ?? {};
  checkPositive("peak", peak);
  const stream = random(seed);
  const data = image.data.map((value) => {
    const mean = Math.max(value, 0) * peak;
    if (!Number.isFinite(mean)) {
      throw new RangeError(`\`image\` must hold finite samples: got ${value}`);
    }
    const noisy = poisson(stream, mean) / peak;
    return clip ? Math.min(noisy, 1) : noisy;
  });
  return { ...image, data };
}

/** A Poisson random number of mean `mean`, which must be finite and not negative. */
function poisson(random: Random, mean: number): number {
  return mean < 10 ? byMultiplication(random, mean) : byRejection(random, mean);
}

/** Counts the uniform factors whose product falls below exp(-mean) (Knuth); the time grows with the mean. */
function byMultiplication({ uniform }: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = uniform(); product > limit; product *= uniform()) count++;
  return count;
}

/** Hörmann's transformed rejection with squeeze (1993, algorithm PTRS), for means from 10. */
function byRejection({ uniform }: Random, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const accepted = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const u = uniform() - 0.5;
    const v = 1 - uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= accepted) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const logDensity = k * Math.log(mean) - mean - logFactorial(k);
    if (Math.log(v * inverseAlpha / (a / (us * us) + b)) <= logDensity) return k;
  }
}

/** log(n!), from 10 on by Stirling's series, whose error there is below 1e-9. */
function logFactorial(n: number): number {
  if (n < 10) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + series;
}
