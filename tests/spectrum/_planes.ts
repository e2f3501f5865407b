// Planes and pictures for the tests of lib/spectrum, and the Fourier transform by its definition.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createImage, type Image, readImage } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { inverseFourier, type Spectrum } from "../../lib/spectrum/mod.ts";

/** White noise of mean 0 and variance 1. */
export function noise(length: number, seed: number): Float64Array {
  const { normal } = random(seed);
  return Float64Array.from({ length }, normal);
}

/** A random picture whose samples are whole multiples of 1/1024, so that sums of them are exact. */
export function randomImage(height: number, width: number, channels: 1 | 3, seed: number): Image {
  const { uniform } = random(seed);
  const data = Float32Array.from(
    { length: height * width * channels },
    () => Math.floor(uniform() * 1024) / 1024,
  );
  return createImage({ height, width, channels, data });
}

export const shipped = (name: string): Promise<Image> =>
  readImage(fileURLToPath(new URL(`../../data/${name}`, import.meta.url)));

/** The whole spectrum by its definition, along rows, then along columns: `[height, width]`. */
export function naiveFourier(plane: ArrayLike<number>, height: number, width: number) {
  const along = (
    re: ArrayLike<number>,
    im: ArrayLike<number>,
    length: number,
    place: (line: number, i: number) => number,
  ) => {
    const real = new Float64Array(re.length), imaginary = new Float64Array(re.length);
    const angles = Array.from({ length }, (_, i) => -2 * Math.PI * i / length);
    const cos = angles.map(Math.cos), sin = angles.map(Math.sin);
    for (let line = 0; line < re.length / length; line++) {
      for (let k = 0; k < length; k++) {
        let x = 0, y = 0;
        for (let j = 0; j < length; j++) {
          const at = place(line, j), angle = j * k % length;
          x += re[at]! * cos[angle]! - im[at]! * sin[angle]!;
          y += re[at]! * sin[angle]! + im[at]! * cos[angle]!;
        }
        real[place(line, k)] = x;
        imaginary[place(line, k)] = y;
      }
    }
    return { real, imaginary };
  };
  const rows = along(plane, new Float64Array(plane.length), width, (y, x) => y * width + x);
  return along(rows.real, rows.imaginary, height, (x, y) => y * width + x);
}

/** `|k|` of a coefficient of the whole spectrum, as a signed frequency in periods a side. */
export const periods = (k: number, side: number): number => Math.min(k, side - k);

/** The plane of those coefficients of a half spectrum for which `keep` is true. */
export function filtered(spectrum: Spectrum, keep: (i: number) => boolean): Float64Array {
  const only = (values: Float64Array) => values.map((value, i) => keep(i) ? value : 0);
  const { real, imaginary } = spectrum;
  return inverseFourier({ ...spectrum, real: only(real), imaginary: only(imaginary) });
}

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! / values.length;
  return sum;
};

/** Checks that two lists of numbers differ by at most `tolerance` anywhere. */
export function close(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "value",
): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(
      Math.abs(actual[i]! - expected[i]!) <= tolerance,
      `${what} ${i}: ${actual[i]}, expected ${expected[i]}`,
    );
  }
}
