// Smooths a picture with a Gaussian.
import type { Image } from "../image/mod.ts";
import { sharpFilter } from "./_sharp_filter.ts";

/** sharp's bounds for sigma. */
const LEAST = 0.3, MOST = 1000;

/**
 * Convolves a picture with a Gaussian: `u(x) = sum_d g(d) y(x + d)`, `g(d) ∝ exp(-|d|^2 / (2 sigma^2))`
 * of sum 1. Edge pixels are repeated beyond the edge.
 *
 * It is sharp's blur, at 16 bits, the Gaussian cut off where it falls below a thousandth of its
 * middle: a sample is within 0.001 of the formula, half a level of 8 bits being 0.002.
 *
 * @param image The picture, its samples clipped to [0, 1]; `alpha` is kept.
 * @param sigma The Gaussian's standard deviation in pixels, from 0.3 to 1000.
 * @returns A new picture.
 * @throws {RangeError} If `sigma` is out of range or the image's fields do not agree.
 *
 * @example An even picture stays as it is
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = new Float32Array(20).fill(0.25);
 * const smooth = await gaussianFilter({ height: 4, width: 5, channels: 1, data }, 1.5);
 * assert.ok(smooth.data.every((value) => Math.abs(value - 0.25) < 1e-4));
 * ```
 */
export async function gaussianFilter(image: Image, sigma: number): Promise<Image> {
  if (!(sigma >= LEAST && sigma <= MOST)) {
    throw new RangeError(`\`sigma\` must be a number from ${LEAST} to ${MOST}: got ${sigma}`);
  }
  return await sharpFilter(
    image,
    (picture) => picture.blur({ sigma, precision: "float", minAmplitude: 0.001 }),
  );
}
