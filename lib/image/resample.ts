// Makes an image larger or smaller, exactly where its pixels are.
import { checkImage } from "./_check_image.ts";
import type { Image } from "./image.ts";
import { type ResamplingKernel, resamplingMatrix } from "./resampling_matrix.ts";

/**
 * Resamples an image to another size by {@linkcode resamplingMatrix} along both axes, in floating point;
 * `alpha` with it.
 *
 * A picture library does this too, but to whole numbers, and rounds where its pixels lie: here the
 * result is what the forward operator of super-resolution computes of the same picture.
 *
 * @param image The image.
 * @param height The rows wanted.
 * @param width The columns wanted.
 * @param kernel The kernel. @default {"bicubic"}
 * @returns A new image, its samples clipped to [0, 1].
 * @throws {RangeError} If a size is not a positive whole number.
 *
 * @example A constant stays
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const grey = { height: 2, width: 2, channels: 1, data: new Float32Array(4).fill(0.5) } as const;
 * const large = resample(grey, 4, 6);
 * assert.equal(large.width, 6);
 * assert.ok(large.data.every((value) => Math.abs(value - 0.5) < 1e-6));
 * ```
 */
export function resample(
  image: Image,
  height: number,
  width: number,
  kernel: ResamplingKernel = "bicubic",
): Image {
  checkImage(image);
  const rows = tapsOf(resamplingMatrix(image.height, height, kernel), image.height);
  const columns = tapsOf(resamplingMatrix(image.width, width, kernel), image.width);
  const plane = (data: Float32Array, channels: number) => {
    const narrow = new Float64Array(image.height * width * channels);
    for (let y = 0; y < image.height; y++) {
      columns.forEach(({ first, weights }, x) => {
        for (let c = 0; c < channels; c++) {
          let sum = 0;
          weights.forEach((w, k) => sum += w * data[(y * image.width + first + k) * channels + c]!);
          narrow[(y * width + x) * channels + c] = sum;
        }
      });
    }
    const row = width * channels, result = new Float32Array(height * row);
    rows.forEach(({ first, weights }, y) => {
      for (let i = 0; i < row; i++) {
        let sum = 0;
        weights.forEach((w, k) => sum += w * narrow[(first + k) * row + i]!);
        result[y * row + i] = Math.min(Math.max(sum, 0), 1);
      }
    });
    return result;
  };
  const { alpha } = image;
  return {
    ...image,
    height,
    width,
    data: plane(image.data, image.channels),
    ...alpha && { alpha: plane(alpha, 1) },
  };
}

/** The part of each of a matrix's rows that is not zero. */
function tapsOf(matrix: Float32Array, length: number): { first: number; weights: Float32Array }[] {
  return Array.from({ length: matrix.length / length }, (_, i) => {
    const row = matrix.subarray(i * length, (i + 1) * length);
    const first = row.findIndex((w) => w !== 0), last = row.findLastIndex((w) => w !== 0);
    return { first, weights: row.slice(first, last + 1) };
  });
}
