// The errors of demosaicing: whether a picture has them, and how far it is trusted because of them.
import type { Image } from "../image/mod.ts";
import { blurred } from "./deblurring.ts";
import { fineDetail } from "./fine_detail.ts";

/**
 * The least difference of detail between the two halves of a chessboard, as the logarithm of its ratio: LEAST, and
 * CHANCE divided by the root of the number of pixels. In 1515 pictures that no filter was applied to (101 photographs,
 * whole, cut, resized, with noise, as JPEG, WebP and GIF) the logarithm times that root was below 8.6 but for one
 * square of 64x64.
 */
const LEAST = 0.03, CHANCE = 10;

/** In smaller pictures chance is too large. */
const SMALLEST = 64;

/**
 * Whether a picture is as a camera's Bayer filter gave it, not resized since: its green was measured at every other
 * pixel, as on a chessboard, and interpolated at the others, where it has less fine detail (Gallagher and Chen 2008).
 *
 * @param image The picture.
 * @returns Whether fine detail of green, or of a grey picture, is more than 3 % stronger on one half of a chessboard
 * than on the other; more in small pictures. False for pictures with a side below 64.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise, createImage } from "../image/mod.ts";
 * import { demosaic, mosaic } from "./bayer.ts";
 *
 * const image = addGaussianNoise(createImage({ height: 128, width: 128, channels: 3 }), 0.1, 1, { clip: false });
 * assert.equal(isDemosaiced(image), false);
 * assert.equal(isDemosaiced(demosaic(mosaic(image), "malvar")), true);
 * ```
 */
export function isDemosaiced(image: Image): boolean {
  const { height, width } = image;
  if (Math.min(height, width) < SMALLEST) return false;
  const detail = fineDetail(image).data, sums = [0, 0] as [number, number];
  detail.forEach((value, i) => {
    const half = (Math.floor(i / width) + i % width) % 2 as 0 | 1;
    sums[half] += Math.abs(value);
  });
  const least = Math.max(LEAST, CHANCE / Math.sqrt(height * width));
  // Without any detail the logarithm is not a number, and the comparison false.
  return Math.abs(Math.log(sums[0] / sums[1])) > least;
}

/** The side of the window in which detail is measured, in pixels. */
const WINDOW = 7;

/**
 * The errors of demosaicing relative to the fine detail around a pixel. Green is measured twice as often as red and
 * blue, and in detail the filter's pattern is mistaken for colour, so colour has by far the larger errors. Chosen on
 * ten photographs behind simulated cameras (docs/tasks.md).
 */
const LUMINANCE = 1, COLOUR = 4;

/** What a Bayer filter measures best, as weights of red, green and blue (Alleysson, Süsstrunk and Hérault 2005). */
const MEASURED = [0.25, 0.5, 0.25] as const;

/** Weighs the difference between an observed picture and an estimate of it, in place. */
export type Weighing = (residual: Float64Array, sigma: number) => void;

/**
 * Makes the function that weighs differences by the trust in a demosaiced picture: σ² / (σ² + κ²), where σ is the
 * standard deviation of the estimate's error and κ that of demosaicing.
 *
 * @param observed The demosaiced picture, larger than 7x7.
 * @returns The function, for residuals of the picture's layout.
 */
export function demosaicingWeighing(observed: Image): Weighing {
  const { channels } = observed, detail = fineDetail(observed);
  const squares = { ...detail, data: detail.data.map((value) => value ** 2) };
  const weights = new Float32Array(WINDOW ** 2).fill(WINDOW ** -2);
  const { data: energy } = blurred(squares, { height: WINDOW, width: WINDOW, weights });
  return (residual, sigma) => {
    const trust = (relative: number, pixel: number) =>
      sigma ** 2 / (sigma ** 2 + relative ** 2 * energy[pixel]!);
    for (let pixel = 0, i = 0; pixel < energy.length; pixel++, i += channels) {
      const luminance = trust(LUMINANCE, pixel);
      if (channels === 1) {
        residual[i]! *= luminance;
        continue;
      }
      const colour = trust(COLOUR, pixel);
      const shared = MEASURED.reduce((sum, weight, c) => sum + weight * residual[i + c]!, 0);
      for (let c = 0; c < 3; c++) {
        residual[i + c] = luminance * shared + colour * (residual[i + c]! - shared);
      }
    }
  };
}
