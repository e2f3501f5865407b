// The two-dimensional discrete Fourier transform of a real plane.
import { checkSize } from "./_check_size.ts";
import { transformOf } from "./_fft.ts";
import type { Spectrum } from "./spectrum.ts";
import { transformColumns } from "./_transform_columns.ts";

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
 * @param into A spectrum of the same size to be overwritten, in place of a new one.
 * @returns The half spectrum; `into` if it was given.
 * @throws {RangeError} If a size is not a positive whole number, `plane` has another length than
 * the sizes say or `into` another size.
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
  checkSize({ height, width });
  if (plane.length !== height * width) {
    throw new RangeError(`\`plane\` must hold ${height}x${width} numbers: got ${plane.length}`);
  }
  if (into && (into.height !== height || into.width !== width)) {
    throw new RangeError(
      `\`into\` must be of ${height}x${width}: got ${into.height}x${into.width}`,
    );
  }
  const columns = Math.floor(width / 2) + 1;
  const spectrum = into ?? {
    height,
    width,
    columns,
    real: new Float64Array(height * columns),
    imaginary: new Float64Array(height * columns),
  };
  const { real, imaginary } = spectrum;

  // Two rows make one complex row, whose transform is Z = A + i B: A and B are real rows' and have
  // the mirror symmetry that parts them.
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
