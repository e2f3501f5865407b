// The mean square error and the peak signal-to-noise ratio.
import { checkSameShape } from "./_check_same_shape.ts";
import type { Image } from "./image.ts";

/**
 * The peak signal-to-noise ratio in dB: `10 log10(1 / MSE)`, the mean square error taken over all
 * pixels and channels. `alpha` is not compared.
 *
 * @param image The image to judge.
 * @param reference What it should be.
 * @returns The ratio; `Infinity` for equal images.
 * @throws {RangeError} If the shapes differ.
 *
 * @example An error of a tenth everywhere
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const black = { height: 1, width: 2, channels: 1, data: Float32Array.of(0, 0) } as const;
 * const dark = { ...black, data: Float32Array.of(0.1, 0.1) };
 * assert.ok(Math.abs(psnr(dark, black) - 20) < 1e-6);
 * assert.equal(psnr(black, black), Infinity);
 * ```
 */
export function psnr(image: Image, reference: Image): number {
  return 10 * Math.log10(image.data.length / squaredError(image, reference));
}

/**
 * The mean square error over all pixels and channels, in squared units of the range [0, 1]. `alpha` is not
 * compared.
 *
 * @param image The image to judge.
 * @param reference What it should be.
 * @returns The error; 0 for equal images.
 * @throws {RangeError} If the shapes differ.
 *
 * @example An error of a half everywhere
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const black = { height: 1, width: 2, channels: 1, data: Float32Array.of(0, 0) } as const;
 * assert.equal(meanSquaredError({ ...black, data: Float32Array.of(0.5, 0.5) }, black), 0.25);
 * ```
 */
export function meanSquaredError(image: Image, reference: Image): number {
  return squaredError(image, reference) / image.data.length;
}

function squaredError(image: Image, reference: Image): number {
  checkSameShape(image, reference);
  let sum = 0;
  for (let i = 0; i < image.data.length; i++) {
    const error = image.data[i]! - reference.data[i]!;
    sum += error * error;
  }
  return sum;
}
