// The mean square error and the peak signal-to-noise ratio, of all channels and of the luminance.
import type { Image } from "./image.ts";

/**
 * The peak signal-to-noise ratio in dB: `10 log10(1 / MSE)`, the mean square error taken over all
 * pixels and channels. `alpha` is not compared.
 *
 * @param image The image to judge.
 * @param reference The correct image.
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
 * @param reference The correct image.
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

/** The weights of the luminance Y of ITU-R BT.601 in units of 255, without the offset 16, for samples in [0, 1]. */
const WEIGHTS = [65.481, 128.553, 24.966];

/** The weight of a grey picture, for which R = G = B. */
const SUM = WEIGHTS.reduce((a, b) => a + b);

/**
 * The PSNR in dB as in papers on super-resolution: of the luminance Y = 16 + 65.481 R + 128.553 G + 24.966 B (ITU-R
 * BT.601, samples in [0, 1]) with 255 as the peak, and without a border whose width is the factor of enlargement. It
 * is at least 1.3 dB above the PSNR of all channels, because Y uses only 219 of 255 levels.
 *
 * @param image The picture to judge.
 * @param reference The correct picture.
 * @param border The pixels left out at each side, usually the factor.
 * @returns The ratio; `Infinity` for equal pictures.
 * @throws {RangeError} If the shapes differ, or the border leaves nothing.
 *
 * @example Grey pictures an error of a tenth apart
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const black = { height: 9, width: 9, channels: 1, data: new Float32Array(81) } as const;
 * const dark = { ...black, data: black.data.map(() => 0.1) };
 * assert.ok(Math.abs(luminancePsnr(dark, black, 4) - 20 * Math.log10(255 / 21.9)) < 1e-5);
 * ```
 */
export function luminancePsnr(image: Image, reference: Image, border: number): number {
  checkSameShape(image, reference);
  const { height, width, channels } = image;
  const rows = height - 2 * border, columns = width - 2 * border;
  if (!(Number.isInteger(border) && border >= 0) || rows < 1 || columns < 1) {
    throw new RangeError(`\`border\` must leave pixels of ${width}x${height}: got ${border}`);
  }
  const weights = channels === 1 ? [SUM] : WEIGHTS;
  let sum = 0;
  for (let y = border; y < height - border; y++) {
    for (let x = border; x < width - border; x++) {
      const at = (y * width + x) * channels;
      let error = 0;
      weights.forEach((weight, c) => {
        error += weight * (image.data[at + c]! - reference.data[at + c]!);
      });
      sum += error ** 2;
    }
  }
  return 10 * Math.log10(255 ** 2 * rows * columns / sum);
}

const shape = ({ height, width, channels }: Image) => `${height}x${width}x${channels}`;

/** Throws a `RangeError` with both shapes if they differ. */
export function checkSameShape(image: Image, reference: Image): void {
  if (shape(image) !== shape(reference)) {
    throw new RangeError(
      `\`image\` must have the shape of \`reference\`, ${shape(reference)}: got ${shape(image)}`,
    );
  }
}
