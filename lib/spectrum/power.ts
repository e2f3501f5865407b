// The power spectrum of a picture: averaged over directions, on a logarithmic scale, and as a grey picture.
import { check, checkSameSize } from "../check.ts";
import { createImage, type Image } from "../image/mod.ts";
import type { Spectrum } from "./fourier.ts";
import { fineRings, ringProducts, type Rings } from "./rings.ts";

/** The result of {@linkcode radialPower}. */
export interface RadialPower {
  /** The mean frequency of each ring, in cycles per pixel. */
  readonly frequency: number[];
  /** The mean of `|F|^2 / (height * width)` over each ring. */
  readonly power: number[];
}

/**
 * The radially averaged power spectrum, the mean of `|F|^2 / (height * width)` over each ring: for
 * white noise its variance, at every frequency.
 *
 * @param spectrum The spectrum.
 * @param rings The rings; reuse them, because making them takes time.
 * @returns Frequency and power of each ring; power 0 in an empty one.
 * @throws {RangeError} If the sizes differ.
 *
 * @example A wave of two periods in eight pixels
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "./fourier.ts";
 *
 * const wave = Float64Array.from({ length: 8 }, (_, i) => Math.cos(2 * Math.PI * 2 * i / 8));
 * const { frequency, power } = radialPower(fourier(wave, 1, 8));
 * assert.deepEqual(frequency, [0, 0.125, 0.25, 0.375, 0.5]);
 * power.forEach((value, i) => assert.ok(Math.abs(value - (i === 2 ? 2 : 0)) < 1e-12));
 * ```
 */
export function radialPower(
  spectrum: Spectrum,
  rings: Rings = fineRings(spectrum.height, spectrum.width),
): RadialPower {
  checkSameSize(spectrum, { rings });
  const pixels = spectrum.height * spectrum.width;
  return {
    frequency: [...rings.frequencies],
    power: ringProducts(spectrum, spectrum, rings).map((sum, ring) =>
      sum / (pixels * Math.max(rings.sizes[ring]!, 1))
    ),
  };
}

/** A whole spectrum on a logarithmic scale, frequency zero in the middle. */
export interface LogPower {
  /** The rows. */
  readonly height: number;
  /** The columns. */
  readonly width: number;
  /** `log10(|F|^2 / (height * width) + 1e-12)`, `[height, width]`. */
  readonly data: Float32Array;
}

/** A constant far below the power of the rounding error of 8 bits, `1 / (12 * 255^2) = 1.3e-6`. */
const FLOOR = 1e-12;

/**
 * The whole spectrum's power on a logarithmic scale, `log10(|F|^2 / (height * width) + 1e-12)`,
 * with frequency zero in row `floor(height / 2)` and column `floor(width / 2)`.
 *
 * @param spectrum The half spectrum.
 * @returns The logarithms.
 *
 * @example A flat plane has its mean in the middle and nothing else
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "./fourier.ts";
 *
 * const { data } = logPower(fourier([5, 5, 5, 5], 2, 2));
 * assert.deepEqual(data, Float32Array.of(-12, -12, -12, 2));
 * ```
 */
export function logPower(spectrum: Spectrum): LogPower {
  const { height, width, columns, real, imaginary } = spectrum;
  const data = new Float32Array(height * width);
  const top = Math.floor(height / 2), left = Math.floor(width / 2);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const v = row - top, u = column - left;
      // The left half is the right half's mirror image.
      const y = ((u < 0 ? -v : v) + height) % height;
      const i = y * columns + Math.abs(u);
      const power = (real[i]! ** 2 + imaginary[i]! ** 2) / (height * width);
      data[row * width + column] = Math.log10(power + FLOOR);
    }
  }
  return { height, width, data };
}

/** The values shown black and white. */
export interface PowerRange {
  /** The logarithm shown black. */
  readonly low: number;
  /** The logarithm shown white. */
  readonly high: number;
}

/**
 * Shows a spectrum as a grey picture. Pictures with the same range can be compared by eye.
 *
 * @param logPower The logarithms of the power, from the function {@linkcode logPower}.
 * @param range The values shown black and white.
 * @default {the least and the greatest value}
 * @returns A grey picture.
 * @throws {RangeError} If `range` is not two finite numbers, the lower first.
 *
 * @example From black to white
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const power = { height: 1, width: 3, data: Float32Array.of(-2, 0, 2) };
 * assert.deepEqual(spectrumPicture(power).data, Float32Array.of(0, 0.5, 1));
 * assert.deepEqual(spectrumPicture(power, { low: 0, high: 4 }).data, Float32Array.of(0, 0, 0.5));
 * ```
 */
export function spectrumPicture(logPower: LogPower, range?: PowerRange): Image {
  const { height, width, data } = logPower;
  const { low, high } = range ?? extremes(data);
  check(
    Number.isFinite(low) && Number.isFinite(high) && low <= high,
    "range",
    `${low}, ${high}`,
    "two numbers, the lower first",
  );
  const span = high - low || 1;
  const grey = data.map((value) => Math.min(Math.max((value - low) / span, 0), 1));
  return createImage({ height, width, channels: 1, data: grey });
}

function extremes(data: Float32Array): PowerRange {
  let low = Infinity, high = -Infinity;
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}
