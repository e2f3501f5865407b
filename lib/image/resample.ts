// Resamples an image without shifting it.
import { checkImage, type Image } from "./image.ts";
import {
  type ResamplingKernel,
  resamplingMatrix,
  type ResamplingTaps,
  resamplingTaps,
} from "./resampling_matrix.ts";

/**
 * Resamples an image to another size by {@linkcode resamplingMatrix} along both axes, in floating point; `alpha` is
 * resampled too.
 *
 * sharp can resample too, but it rounds to whole numbers and shifts the picture by half a new pixel. This function
 * computes the same as the forward operator of super-resolution.
 *
 * @param image The image.
 * @param height The rows of the result.
 * @param width The columns of the result.
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
  const rows = resamplingTaps(resamplingMatrix(image.height, height, kernel), image.height);
  const columns = resamplingTaps(resamplingMatrix(image.width, width, kernel), image.width);
  const clipped = (samples: Float32Array, channels: number) => {
    const narrow = along(samples, image.height, channels, columns);
    return along(narrow, 1, width * channels, rows)
      .map((value) => Math.min(Math.max(value, 0), 1));
  };
  const { alpha } = image;
  return {
    ...image,
    height,
    width,
    data: clipped(image.data, image.channels),
    ...alpha && { alpha: clipped(alpha, 1) },
  };
}

/** Resamples the middle axis of `[outer, old, inner]`. */
function along(
  samples: Float32Array,
  outer: number,
  inner: number,
  taps: readonly ResamplingTaps[],
): Float32Array {
  const old = samples.length / (outer * inner);
  const result = new Float32Array(outer * taps.length * inner);
  for (let o = 0, at = 0; o < outer; o++) {
    for (const { first, weights } of taps) {
      const start = (o * old + first) * inner;
      for (let i = 0; i < inner; i++, at++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) {
          sum += weights[k]! * samples[start + k * inner + i]!;
        }
        result[at] = sum;
      }
    }
  }
  return result;
}
