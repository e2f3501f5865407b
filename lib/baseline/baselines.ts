// All baselines as two lists of uniform functions, for comparison tables.
import type { Image } from "../image/mod.ts";
import { nlRidge } from "../nonlocal/mod.ts";
import { withSamples } from "./_arguments.ts";
import { enlarge } from "./enlarge.ts";
import { gaussianFilter, medianFilter } from "./filters.ts";
import { nonLocalMeans } from "./non_local_means.ts";
import { totalVariation, totalVariationWeight } from "./total_variation.ts";
import { zsN2n } from "./zs_n2n.ts";

/** Options of every baseline; a baseline ignores those that it does not need. */
export interface BaselineOptions {
  /** The seed of random numbers. @default {0} */
  seed?: number;
  /** Aborts baselines that take long. */
  signal?: AbortSignal;
}

/** A baseline of denoising. */
export interface DenoisingBaseline {
  readonly name: string;
  /**
   * Denoises.
   *
   * @param noisy The noisy picture.
   * @param sigma The noise's standard deviation, where white is 1, above 0.
   * @param options Seed and signal.
   */
  run(noisy: Image, sigma: number, options?: BaselineOptions): Promise<Image>;
}

/** A baseline of enlargement. */
export interface EnlargingBaseline {
  readonly name: string;
  /** Enlarges by a whole factor. */
  run(image: Image, factor: number): Promise<Image>;
}

/** The best Gaussian at 25/255 has 0.8 pixels; its power of the noise level fits 10/255 and 50/255 too. */
const gaussianSigma = (sigma: number) => Math.max(0.8 * (sigma / (25 / 255)) ** 0.4, 0.3);

/** The noise from which a larger median is better. */
const STRONG = 40 / 255;

/**
 * Baselines of denoising without a prior, the fastest first. Each uses settings for the noise level that were chosen
 * on the pictures in data/.
 *
 * @example Denoise by each of those that take no training
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise, createImage, psnr } from "../image/mod.ts";
 *
 * const data = new Float32Array(24 * 24).fill(0.5);
 * const clean = createImage({ height: 24, width: 24, channels: 1, data });
 * const noisy = addGaussianNoise(clean, 0.1, 1);
 * for (const { run } of DENOISING_BASELINES.filter(({ name }) => name !== "ZS-N2N")) {
 *   assert.ok(psnr(await run(noisy, 0.1), clean) > psnr(noisy, clean) + 3);
 * }
 * ```
 */
export const DENOISING_BASELINES: readonly DenoisingBaseline[] = [
  { name: "Gaussian", run: (noisy, sigma) => gaussianFilter(noisy, gaussianSigma(sigma)) },
  {
    name: "median",
    run: (noisy, sigma) => medianFilter(noisy, sigma < STRONG ? 3 : 5),
  },
  {
    name: "total variation",
    run: async (noisy, sigma) =>
      await totalVariation(noisy, { weight: totalVariationWeight(noisy, sigma) }),
  },
  {
    name: "non-local means",
    run: async (noisy, sigma) => await nonLocalMeans(noisy, { sigma }),
  },
  {
    name: "NL-Ridge",
    run: async (noisy, sigma, options) => {
      const { data } = await nlRidge(
        noisy,
        sigma,
        options?.signal ? { signal: options.signal } : {},
      );
      return withSamples(noisy, data);
    },
  },
  { name: "ZS-N2N", run: (noisy, _sigma, options) => zsN2n(noisy, options) },
];

/**
 * Baselines of enlargement without a prior.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const image = createImage({ height: 4, width: 5, channels: 3 });
 * for (const { run } of ENLARGING_BASELINES) assert.equal((await run(image, 4)).width, 20);
 * ```
 */
export const ENLARGING_BASELINES: readonly EnlargingBaseline[] = (["bicubic", "lanczos3"] as const)
  .map((kernel) => ({
    name: kernel,
    run: async (image, factor) => await enlarge(image, factor, { kernel }),
  }));
