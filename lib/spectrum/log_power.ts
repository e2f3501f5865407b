// The logarithm of a whole spectrum's power, to be looked at.
import type { Spectrum } from "./spectrum.ts";

/** The whole of a spectrum as it is shown, frequency zero in the middle. */
export interface LogPower {
  /** The rows. */
  readonly height: number;
  /** The columns. */
  readonly width: number;
  /** `log10(|F|^2 / (height * width) + 1e-12)`, `[height, width]`. */
  readonly data: Float32Array;
}

/** Far below the rounding of 8 bits, `1 / (12 * 255^2) = 1.3e-6`. */
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
