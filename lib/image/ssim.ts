// The structural similarity index.
import { checkLeastSize } from "../check.ts";
import { checkSameShape } from "./psnr.ts";
import type { Image } from "./image.ts";

/** The constants of Wang et al. 2004, for white = 1. */
const SIDE = 11;
const SIGMA = 1.5;
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/** One row of the Gaussian window, of sum 1; the window is its outer product with itself. */
const WINDOW = gaussian();

/**
 * The structural similarity of two images (Wang, Bovik, Sheikh and Simoncelli 2004).
 *
 * `SSIM = (2 mx my + C1)(2 sxy + C2) / ((mx^2 + my^2 + C1)(sx^2 + sy^2 + C2))` with means, variances and covariance
 * under an 11x11 Gaussian window of sigma 1.5, `C1 = 0.01^2` and `C2 = 0.03^2`. It is averaged over the positions
 * where the window lies inside the image, then over the channels. `alpha` is not compared.
 *
 * @param image The image to judge.
 * @param reference The correct image.
 * @returns The similarity, 1 for equal images.
 * @throws {RangeError} If the shapes differ or a side is below 11.
 *
 * @example An image is similar to itself and not to its negative
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.from({ length: 400 }, (_, i) => (i % 7) / 6);
 * const image = { height: 20, width: 20, channels: 1, data } as const;
 * assert.ok(Math.abs(ssim(image, image) - 1) < 1e-12);
 * assert.ok(ssim({ ...image, data: data.map((value) => 1 - value) }, image) < 0);
 * ```
 */
export function ssim(image: Image, reference: Image): number {
  checkSameShape(image, reference);
  const { height, width, channels } = image;
  checkLeastSize("image", image, SIDE, " for SSIM");
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    const mean = (value: (i: number) => number) =>
      filter((i) => value(i * channels + c), height, width);
    const { data: x } = image, { data: y } = reference;
    const mx = mean((i) => x[i]!), my = mean((i) => y[i]!);
    const mxx = mean((i) => x[i]! * x[i]!), myy = mean((i) => y[i]! * y[i]!);
    const mxy = mean((i) => x[i]! * y[i]!);
    let channel = 0;
    for (let i = 0; i < mx.length; i++) {
      const xx = mx[i]! * mx[i]!, yy = my[i]! * my[i]!, xy = mx[i]! * my[i]!;
      channel += (2 * xy + C1) * (2 * (mxy[i]! - xy) + C2) /
        ((xx + yy + C1) * (mxx[i]! - xx + myy[i]! - yy + C2));
    }
    sum += channel / mx.length;
  }
  return sum / channels;
}

/** The weighted mean at every position where the window lies inside, first along rows, then columns. */
function filter(value: (pixel: number) => number, height: number, width: number): Float64Array {
  const columns = width - SIDE + 1, rows = height - SIDE + 1;
  const along = new Float64Array(height * columns);
  const line = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) line[x] = value(y * width + x);
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let k = 0; k < SIDE; k++) sum += WINDOW[k]! * line[x + k]!;
      along[y * columns + x] = sum;
    }
  }
  const result = new Float64Array(rows * columns);
  for (let i = 0; i < result.length; i++) {
    let sum = 0;
    for (let k = 0; k < SIDE; k++) sum += WINDOW[k]! * along[i + k * columns]!;
    result[i] = sum;
  }
  return result;
}

function gaussian(): Float64Array {
  const middle = (SIDE - 1) / 2;
  const weights = Float64Array.from(
    { length: SIDE },
    (_, i) => Math.exp(-((i - middle) ** 2) / (2 * SIGMA ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight);
  return weights.map((weight) => weight / total);
}
