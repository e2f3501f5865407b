// Degrades an image with the noise of counted light.
import type { Image } from "./image.ts";
import { poisson } from "./_poisson.ts";
import { random } from "../random/mod.ts";

/** Options for {@linkcode addPoissonNoise}. */
export interface PoissonNoiseOptions {
  /**
   * Whether samples brighter than white are clipped to 1, as a picture's file would.
   *
   * @default {true}
   */
  clip?: boolean;
}

/**
 * Replaces every sample by a count of photons: `y = Poisson(peak x) / peak`. `alpha` is left as it
 * is.
 *
 * @param image The clean image.
 * @param peak The mean number of photons at value 1; the fewer, the noisier.
 * @param seed The noise's seed: the same seed gives the same noise.
 * @param options Whether to clip.
 * @returns A new image.
 * @throws {RangeError} If `peak` is not a positive finite number, a sample is not finite or `seed`
 * is no whole number.
 *
 * @example Few photons, few levels
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./create_image.ts";
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
  if (!(peak > 0 && peak < Infinity)) {
    throw new RangeError(`\`peak\` must be a positive finite number: got ${peak}`);
  }
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
