// Degrades an image with Gaussian noise.
import type { Image } from "./image.ts";
import { random } from "../random/mod.ts";

/** Options for {@linkcode addGaussianNoise}. */
export interface GaussianNoiseOptions {
  /**
   * Whether the noisy samples are clipped to [0, 1], as a picture's file would. Without it the
   * noise is exactly Gaussian and samples leave that range.
   *
   * @default {true}
   */
  clip?: boolean;
}

/**
 * Adds Gaussian noise of mean 0 to every sample: `y = x + sigma n`. `alpha` is left as it is.
 *
 * @param image The clean image.
 * @param sigma The noise's standard deviation, where white is 1 (divide a level of 0 to 255 by 255).
 * @param seed The noise's seed: the same seed gives the same noise.
 * @param options Whether to clip.
 * @returns A new image.
 * @throws {RangeError} If `sigma` is negative or not finite, or `seed` is no whole number.
 *
 * @example The noise of the denoising papers, 25 of 255
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./create_image.ts";
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
  if (!(sigma >= 0 && sigma < Infinity)) {
    throw new RangeError(`\`sigma\` must be a finite number from 0: got ${sigma}`);
  }
  const { normal } = random(seed);
  const data = image.data.map((value) => {
    const noisy = value + sigma * normal();
    return clip ? Math.min(Math.max(noisy, 0), 1) : noisy;
  });
  return { ...image, data };
}
