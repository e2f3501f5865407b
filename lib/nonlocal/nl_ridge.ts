// NL-Ridge: every patch as a combination of the patches like it.
import { createImage, type Image } from "../image/mod.ts";
import { type NoiseModel, whiteNoise } from "../noise/mod.ts";
import { fromOpponent, padEnds, toOpponent } from "./_planes.ts";
import { pass } from "./_pass.ts";

/** Options for {@linkcode nlRidge}. */
export interface NlRidgeOptions {
  /** The side of a patch, in pixels, from 4. @default {6 for white noise, 10 for any other} */
  patch?: number;
  /** The distance of neighbouring reference patches, in pixels. @default {3 for white noise, 4 for any other} */
  stride?: number;
  /** The patches of a group, in the first step and in the second. @default {[18, 32]} */
  groups?: readonly [number, number];
  /** The side of the window in which a patch's group is looked for, in pixels, odd. @default {37} */
  window?: number;
  /** Ends the work; what `nlRidge()` returned then rejects with the signal's reason. */
  signal?: AbortSignal;
  /**
   * Hears of the progress.
   *
   * @param part The part of the work that is done, in [0, 1].
   */
  onProgress?: (part: number) => void;
}

/**
 * Denoises by NL-Ridge (Herbreteau and Kervrann, ICIP 2022; SIAM J. Imaging Sci. 2025).
 *
 * @param noisy The noisy picture; its samples may lie outside [0, 1].
 * @param noise Its noise: a model, or the standard deviation of white noise.
 * @param options Sizes, signal and progress.
 * @returns A new picture, not clipped; `alpha` and `bitDepth` are the noisy picture's.
 * @throws {RangeError} If an option is out of range or the picture's fields do not agree.
 *
 * @example Stripes repeat, noise does not
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise, psnr } from "../image/mod.ts";
 *
 * const data = Float32Array.from({ length: 1024 }, (_, i) => i % 8 < 4 ? 0.25 : 0.75);
 * const clean = { height: 32, width: 32, channels: 1, data } as const;
 * const noisy = addGaussianNoise(clean, 0.1, 1);
 * assert.ok(psnr(await nlRidge(noisy, 0.1), clean) > psnr(noisy, clean) + 10);
 * ```
 */
export async function nlRidge(
  noisy: Image,
  noise: NoiseModel | number,
  options: NlRidgeOptions = {},
): Promise<Image> {
  createImage(noisy);
  const model = typeof noise === "number" ? whiteNoise(noise, noisy.channels) : noise;
  if (model.channels !== noisy.channels) {
    throw new RangeError(`\`noise\` must have ${noisy.channels} channels: got ${model.channels}`);
  }
  const white = model.autocorrelation.every((rho) => rho.length === 1);
  const { patch = white ? 6 : 10, stride = white ? 3 : 4, groups = [18, 32], window = 37 } =
    options;
  if (model.variance.every((level) => level.every((variance) => variance === 0))) {
    return { ...noisy, data: noisy.data.slice() };
  }
  const observed = padEnds(toOpponent(noisy), patch, stride);
  let pilot = undefined;
  for (const step of [0, 1] as const) {
    pilot = await pass(observed, pilot, model, {
      patch,
      stride,
      group: groups[step],
      window,
      ...options.signal ? { signal: options.signal } : {},
      onProgress: (part) => options.onProgress?.((step + part) / 2),
    });
  }
  return { ...noisy, data: fromOpponent(pilot!, noisy) };
}
