// The finest detail of a picture, pixel by pixel.
import { createImage, type Image } from "../image/mod.ts";
import type { BlurKernel } from "./blur_kernels.ts";
import { blurred } from "./deblurring.ts";

/** A pixel less the mean of its four neighbours. */
const KERNEL: BlurKernel = {
  height: 3,
  width: 3,
  weights: Float32Array.of(0, -0.25, 0, -0.25, 1, -0.25, 0, -0.25, 0),
};

/**
 * The finest detail of green, or of a grey picture: each pixel less the mean of its four neighbours. Behind a camera's
 * Bayer filter green is measured at every other pixel, as on a chessboard, and these four are measured where the pixel
 * is not.
 *
 * @param image The picture, at least 4x4; edges are reflected.
 * @returns A picture of one channel, with values around 0.
 * @throws {RangeError} If the picture is smaller.
 *
 * @example A point
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const point = createImage({ height: 4, width: 4, channels: 1 });
 * point.data[5] = 1;
 * const { data } = fineDetail(point);
 * // Both of the pixel's neighbours in its column are the point, one of them by reflection.
 * assert.deepEqual([data[5], data[1]], [1, -0.5]);
 * ```
 */
export function fineDetail({ height, width, channels, data }: Image): Image {
  const green = createImage({ height, width, channels: 1 });
  green.data.forEach((_, i) => green.data[i] = data[i * channels + (channels === 3 ? 1 : 0)]!);
  return blurred(green, KERNEL);
}
