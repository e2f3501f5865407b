// Transforms every column of a complex array.
import { transformOf } from "./_fft.ts";

/**
 * Replaces every column of a complex array `[height, columns]` by its unnormalised transform, or,
 * with `real` and `imaginary` exchanged, by its unnormalised inverse transform.
 */
export function transformColumns(
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
