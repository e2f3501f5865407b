// The plane whose spectrum is given.
import { transformOf } from "./_fft.ts";
import type { Spectrum } from "./spectrum.ts";
import { transformColumns } from "./_transform_columns.ts";

/**
 * The real plane of a half spectrum: the inverse of {@linkcode fourier}.
 *
 * In the first column, and the last where `width` is even, a spectrum holds both a coefficient and
 * its mirror image. Where they contradict each other, as in a spectrum altered by hand, the plane
 * is that of their mean.
 *
 * @param spectrum The half spectrum; it is left as it is.
 * @returns The plane, `[height, width]`.
 *
 * @example There and back
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "./fourier.ts";
 *
 * const plane = inverseFourier(fourier([1, 2, 3, 4, 5, 6], 2, 3));
 * plane.forEach((value, i) => assert.ok(Math.abs(value - (i + 1)) < 1e-12));
 * ```
 */
export function inverseFourier(spectrum: Spectrum): Float64Array {
  const { height, width, columns } = spectrum;
  const real = spectrum.real.slice(), imaginary = spectrum.imaginary.slice();
  transformColumns(imaginary, real, height, columns);

  const plane = new Float64Array(height * width), pixels = height * width;
  const { input, output, run } = transformOf(width);
  for (let y = 0; y < height; y += 2) {
    const two = y + 1 < height;
    for (let k = 0, a = y * columns, b = a + columns; k < columns; k++, a++, b++) {
      const ar = real[a]!, br = two ? real[b]! : 0;
      const self = k === 0 || 2 * k === width;
      const ai = self ? 0 : imaginary[a]!, bi = self || !two ? 0 : imaginary[b]!;
      const mirror = k === 0 ? 0 : width - k;
      // Z = A + i B with its parts exchanged, which makes the transform its inverse.
      input[2 * mirror] = br - ai;
      input[2 * mirror + 1] = ar + bi;
      input[2 * k] = br + ai;
      input[2 * k + 1] = ar - bi;
    }
    run();
    for (let x = 0, first = y * width, second = first + width; x < width; x++, first++, second++) {
      plane[first] = output[2 * x + 1]! / pixels;
      if (two) plane[second] = output[2 * x]! / pixels;
    }
  }
  return plane;
}
