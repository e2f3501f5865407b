// The Spectrum type: the discrete Fourier transform of a real plane.

/**
 * Half of the spectrum of a real plane; the other half is its mirror image, `F(-k) = conj F(k)`.
 *
 * The coefficient of row `y` and column `k` is `real[y * columns + k] + i imaginary[...]`. Row `y`
 * is the vertical frequency `y / height` cycles per pixel, or `(y - height) / height` past the
 * middle; column `k` the horizontal frequency `k / width`. Every column but the first, and the last
 * where `width` is even, stands for two of the whole spectrum.
 *
 * @example The sizes of a spectrum
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "./fourier.ts";
 *
 * const spectrum: Spectrum = fourier(new Float64Array(6 * 9), 6, 9);
 * assert.equal(spectrum.columns, 5);
 * assert.equal(spectrum.real.length, 6 * 5);
 * ```
 */
export interface Spectrum {
  /** The rows of the plane, and of the spectrum. */
  readonly height: number;
  /** The columns of the plane. */
  readonly width: number;
  /** The columns kept, `floor(width / 2) + 1`. */
  readonly columns: number;
  /** The real parts, `[height, columns]`, not normalised. */
  readonly real: Float64Array;
  /** The imaginary parts, `[height, columns]`, not normalised. */
  readonly imaginary: Float64Array;
}
