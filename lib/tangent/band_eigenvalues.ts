// How fast each band is learned, computed from the tangent kernel.
import { fourier, type Rings, type Spectrum } from "../spectrum/mod.ts";
import { times } from "./_times.ts";
import type { TangentKernel } from "./tangent_kernel.ts";

/**
 * The mean eigenvalue of the tangent kernel in each band: the mean of `vᵀ Θ v` over an orthonormal basis of the
 * band's waves. In gradient descent an error in the band is multiplied by 1 minus `2 η / N` times it in every step,
 * as long as the kernel is constant and does not mix waves.
 *
 * @param kernel The kernel of a network with one channel.
 * @param rings The bands, for the network's picture; the mean of the picture is in none.
 * @returns A number for each band; 0 for an empty one.
 * @throws {RangeError} If the picture has another size.
 *
 * @example The identity learns all bands alike
 * ```ts
 * import { isotropicRings } from "../spectrum/mod.ts";
 * import assert from "node:assert/strict";
 *
 * const kernel = Float32Array.from({ length: 64 * 64 }, (_, i) => i % 65 === 0 ? 1 : 0);
 * const all = bandEigenvalues({ kernel, size: 64, output: new Float32Array(64) }, isotropicRings(8, 8));
 * // The lowest band of so small a picture has only the picture's mean.
 * const [lowest, ...rates] = all;
 * assert.equal(lowest, 0);
 * for (const rate of rates) assert.ok(Math.abs(rate - 1) < 1e-6);
 * ```
 */
export function bandEigenvalues({ kernel, size }: TangentKernel, rings: Rings): number[] {
  const { height, width, columns } = rings;
  if (size !== height * width) {
    throw new RangeError(
      `\`rings\` are of ${height}x${width}; the kernel is of ${size} numbers`,
    );
  }
  const powers = new Float64Array(height * columns);
  let row: Spectrum | undefined;
  for (let p = 0; p < size; p++) {
    row = fourier(kernel.subarray(p * size, (p + 1) * size), height, width, row);
    const y = Math.floor(p / width), x = p % width;
    for (let v = 0, k = 0; v < height; v++) {
      for (let u = 0; u < columns; u++, k++) {
        const angle = 2 * Math.PI * ((v * y) % height / height + (u * x) % width / width);
        // The conjugate wave times the row's coefficient; the imaginary parts sum to 0.
        powers[k]! += row.real[k]! * Math.cos(angle) - row.imaginary[k]! * Math.sin(angle);
      }
    }
  }
  const sums = rings.sizes.map(() => 0), counts = rings.sizes.map(() => 0);
  for (let k = 1; k < powers.length; k++) {
    const ring = rings.of[k]!;
    if (ring < 0) continue;
    const u = k % columns, copies = u === 0 || 2 * u === width ? 1 : 2;
    sums[ring]! += copies * powers[k]! / size;
    counts[ring]! += copies;
  }
  return sums.map((sum, ring) => counts[ring] ? sum / counts[ring] : 0);
}

/**
 * The largest eigenvalue of the kernel, by power iteration: gradient descent is stable where
 * `2 η / N` is below 2 over it.
 *
 * @param kernel The kernel.
 * @returns The eigenvalue, to about a thousandth.
 */
export function largestEigenvalue({ kernel, size }: TangentKernel): number {
  let vector: Float64Array = new Float64Array(size).fill(1 / Math.sqrt(size)), value = 0;
  for (let i = 0; i < POWER_STEPS; i++) {
    const next = times(kernel, vector);
    value = Math.sqrt(next.reduce((sum, x) => sum + x * x, 0));
    vector = next.map((x) => x / value);
  }
  return value;
}

/** The output is nearly constant, so the leading eigenvector is close to the constant picture: few steps suffice. */
const POWER_STEPS = 40;
