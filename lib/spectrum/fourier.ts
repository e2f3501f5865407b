// The discrete Fourier transform of a real plane, and its inverse.
import { checkSameSize, checkSides } from "../check.ts";
import { transformOf } from "./_fft.ts";

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

/**
 * The discrete Fourier transform of a real plane of any size,
 * `F(v, u) = sum_yx plane[y, x] exp(-2 pi i (v y / height + u x / width))`.
 *
 * Sides that are powers of two are the fastest; others go through Bluestein's algorithm, which
 * takes about four times as long.
 *
 * @param plane The plane, `[height, width]`.
 * @param height The rows of the plane.
 * @param width The columns of the plane.
 * @param into A spectrum of the same size to be overwritten, instead of a new one.
 * @returns The half spectrum; `into` if it was given.
 * @throws {RangeError} If a size is not a positive whole number, `plane` has not `height * width` numbers, or `into`
 * has another size.
 *
 * @example A wave of two periods
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const wave = Float64Array.from({ length: 3 * 8 }, (_, i) => Math.cos(2 * Math.PI * 2 * i / 8));
 * const { real } = fourier(wave, 3, 8);
 * real.forEach((value, i) => assert.ok(Math.abs(value - (i === 2 ? 12 : 0)) < 1e-12));
 * ```
 */
export function fourier(
  plane: ArrayLike<number>,
  height: number,
  width: number,
  into?: Spectrum,
): Spectrum {
  checkSides({ height, width });
  if (plane.length !== height * width) {
    throw new RangeError(`\`plane\` must hold ${height}x${width} numbers: got ${plane.length}`);
  }
  if (into) checkSameSize({ height, width }, { into });
  const columns = Math.floor(width / 2) + 1;
  const spectrum = into ?? {
    height,
    width,
    columns,
    real: new Float64Array(height * columns),
    imaginary: new Float64Array(height * columns),
  };
  const { real, imaginary } = spectrum;

  // Two real rows are transformed as one complex row. Its transform is Z = A + i B; the symmetry of the transforms A
  // and B of real rows separates them.
  const { input, output, run } = transformOf(width);
  for (let y = 0; y < height; y += 2) {
    const two = y + 1 < height, first = y * width, second = first + width;
    for (let x = 0; x < width; x++) {
      input[2 * x] = plane[first + x]!;
      input[2 * x + 1] = two ? plane[second + x]! : 0;
    }
    run();
    for (let k = 0, a = y * columns, b = a + columns; k < columns; k++, a++, b++) {
      const mirror = k === 0 ? 0 : width - k;
      const zr = output[2 * k]!, zi = output[2 * k + 1]!;
      const mr = output[2 * mirror]!, mi = output[2 * mirror + 1]!;
      real[a] = (zr + mr) / 2;
      imaginary[a] = (zi - mi) / 2;
      if (two) {
        real[b] = (zi + mi) / 2;
        imaginary[b] = (mr - zr) / 2;
      }
    }
  }
  transformColumns(real, imaginary, height, columns);
  return spectrum;
}

/**
 * The real plane of a half spectrum: the inverse of {@linkcode fourier}.
 *
 * In the first column, and the last where `width` is even, a spectrum holds both a coefficient and its mirror image.
 * If they are inconsistent, as in a spectrum altered by hand, their mean is used.
 *
 * @param spectrum The half spectrum; it is not changed.
 * @returns The plane, `[height, width]`.
 *
 * @example There and back
 * ```ts
 * import assert from "node:assert/strict";
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
      // Z = A + i B with real and imaginary part swapped, so that the transform is the inverse.
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

/**
 * Replaces every column of a complex array `[height, columns]` by its unnormalised transform or, if `real` and
 * `imaginary` are swapped, by its unnormalised inverse transform.
 */
function transformColumns(
  real: Float64Array,
  imaginary: Float64Array,
  height: number,
  columns: number,
): void {
  const { input, output, run } = transformOf(height);
  for (let k = 0; k < columns; k++) {
    for (let y = 0, i = k; y < height; y++, i += columns) {
      input[2 * y] = real[i]!;
      input[2 * y + 1] = imaginary[i]!;
    }
    run();
    for (let y = 0, i = k; y < height; y++, i += columns) {
      real[i] = output[2 * y]!;
      imaginary[i] = output[2 * y + 1]!;
    }
  }
}
