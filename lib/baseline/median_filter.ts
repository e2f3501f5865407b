// Replaces each sample by the median of its surroundings.
import type { Image } from "../image/mod.ts";
import { checkOdd } from "./_check.ts";
import { sharpFilter } from "./_sharp_filter.ts";

/** sharp's bound, the odd number below it. */
const LARGEST = 999;

/**
 * The median over the `size` by `size` square around each pixel, channel by channel (Tukey 1977).
 * Edge pixels are repeated beyond the edge.
 *
 * It is sharp's median at 16 bits: exact for the samples of a picture's file, else within half a
 * level, 8e-6.
 *
 * @param image The picture, its samples clipped to [0, 1]; `alpha` is kept.
 * @param size The side of the square in pixels, odd, no larger than the picture and 999.
 * @returns A new picture.
 * @throws {RangeError} If `size` is no such number or the image's fields do not agree.
 *
 * @example A lone white pixel is gone
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
 * const image = await medianFilter({ height: 3, width: 3, channels: 1, data }, 3);
 * assert.deepEqual(image.data, new Float32Array(9));
 * ```
 */
export async function medianFilter(image: Image, size: number): Promise<Image> {
  // sharp refuses a window larger than the picture.
  checkOdd("size", size, 1, Math.min(image.height, image.width, LARGEST));
  return await sharpFilter(image, (picture) => picture.median(size));
}
