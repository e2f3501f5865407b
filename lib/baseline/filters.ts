// Gaussian and median filters by sharp, with samples of 16 bits.
import type { Sharp } from "sharp";
import { checkOdd, checkRange } from "../check.ts";
import type { Image } from "../image/mod.ts";
import { checked } from "./_arguments.ts";

/** The range of sigma in sharp. */
const LEAST = 0.3, MOST = 1000;

/**
 * Convolves a picture with a Gaussian: `u(x) = sum_d g(d) y(x + d)`, `g(d) ∝ exp(-|d|^2 / (2 sigma^2))`
 * of sum 1. Edge pixels are repeated beyond the edge.
 *
 * It is sharp's blur at 16 bits; the Gaussian is truncated where it falls below a thousandth of its maximum. A sample
 * is within 0.001 of the formula; half a level of 8 bits is 0.002.
 *
 * @param image The picture, its samples clipped to [0, 1]; `alpha` is kept.
 * @param sigma The Gaussian's standard deviation in pixels, from 0.3 to 1000.
 * @returns A new picture.
 * @throws {RangeError} If `sigma` is out of range or the image's fields are inconsistent.
 *
 * @example A uniform picture does not change
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = new Float32Array(20).fill(0.25);
 * const smooth = await gaussianFilter({ height: 4, width: 5, channels: 1, data }, 1.5);
 * assert.ok(smooth.data.every((value) => Math.abs(value - 0.25) < 1e-4));
 * ```
 */
export async function gaussianFilter(image: Image, sigma: number): Promise<Image> {
  checkRange("sigma", sigma, LEAST, MOST);
  return await sharpFilter(
    image,
    (picture) => picture.blur({ sigma, precision: "float", minAmplitude: 0.001 }),
  );
}

/** The largest odd window of sharp. */
const LARGEST = 999;

/**
 * The median over the `size` by `size` square around each pixel, channel by channel (Tukey 1977).
 * Edge pixels are repeated beyond the edge.
 *
 * It is sharp's median at 16 bits: exact for the samples of a picture's file, else within half a level, 8e-6.
 *
 * @param image The picture, its samples clipped to [0, 1]; `alpha` is kept.
 * @param size The side of the square in pixels, odd, no larger than the picture and 999.
 * @returns A new picture.
 * @throws {RangeError} If `size` is out of range or the image's fields are inconsistent.
 *
 * @example A single white pixel is removed
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

/** sharp cannot take a float picture and return one, so samples are rounded to these levels. */
const WHITE = 65535;

/**
 * Filters an image with sharp.
 *
 * @param image The picture; its samples are clipped to [0, 1].
 * @param filter Adds the filter, which keeps the size.
 * @returns A new picture.
 */
async function sharpFilter(
  image: Image,
  filter: (picture: Sharp) => Sharp,
): Promise<Image> {
  const { height, width, channels, data } = checked(image);
  const levels = Uint16Array.from(
    data,
    (value) => Math.round(Math.min(Math.max(value, 0), 1) * WHITE),
  );
  const space = channels === 1 ? "grey16" : "rgb16";
  const { default: sharp } = await import("sharp");
  const picture = sharp(levels, { raw: { height, width, channels } })
    .pipelineColourspace(space)
    .toColourspace(space);
  const bytes = await filter(picture).raw({ depth: "ushort" }).toBuffer();
  const filtered = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  return { ...image, data: Float32Array.from(filtered, (level) => level / WHITE) };
}
