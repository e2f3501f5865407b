// The matrix of resampling along one axis.
import { checkSides } from "../check.ts";

/** Kernels of resampling, by their usual names. */
export type ResamplingKernel = "bicubic" | "lanczos2" | "lanczos3" | "box" | "bilinear";

const sinc = (x: number) => x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);

const lanczos = (lobes: number) => ({
  support: lobes,
  at: (x: number) => Math.abs(x) < lobes ? sinc(x) * sinc(x / lobes) : 0,
});

/** Keys (1981) with a = -1/2, the usual value. */
function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

const KERNELS: Readonly<
  Record<ResamplingKernel, { support: number; at: (x: number) => number }>
> = {
  bicubic: { support: 2, at: cubic },
  lanczos2: lanczos(2),
  lanczos3: lanczos(3),
  // The mean of the pixels that a new pixel covers. A pixel whose centre is on the border counts whole.
  box: { support: 0.5, at: () => 1 },
  bilinear: { support: 1, at: (x) => 1 - Math.abs(x) },
};

/**
 * The matrix that resamples one axis from `from` to `to` samples.
 *
 * Sample `i` of the result lies at `(i + 1/2) from / to - 1/2`, so the outer edges stay in place. If the number of
 * samples is reduced, the kernel is stretched by `from / to` to avoid aliasing; with `lanczos2` and a whole factor
 * this is the downsampling of the deep image prior (Ulyanov et al. 2018, its code's `Downsampler` with phase 0.5).
 * Edge samples are repeated.
 *
 * @param from The number of samples.
 * @param to The number of samples of the result.
 * @param kernel The kernel.
 * @returns `[to, from]`, row-major; each row sums to 1.
 * @throws {RangeError} If a number of samples is not a positive whole number.
 *
 * @example Halving a constant does not change it
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const matrix = resamplingMatrix(4, 2, "lanczos2");
 * assert.ok(Math.abs(matrix.slice(0, 4).reduce((a, b) => a + b) - 1) < 1e-6);
 * // A result in the middle of its four, so that the weights are symmetric.
 * assert.ok(Math.abs(resamplingMatrix(4, 1, "bicubic")[0]! - resamplingMatrix(4, 1, "bicubic")[3]!) < 1e-6);
 * ```
 */
export function resamplingMatrix(from: number, to: number, kernel: ResamplingKernel): Float32Array {
  checkSides({ from, to });
  const { support, at } = KERNELS[kernel];
  const step = from / to, stretch = Math.max(step, 1), reach = support * stretch;
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * step - 0.5;
    const first = Math.ceil(centre - reach), last = Math.floor(centre + reach);
    const weights = Array.from(
      { length: last - first + 1 },
      (_, k) => at((first + k - centre) / stretch),
    );
    const sum = weights.reduce((a, b) => a + b);
    weights.forEach((weight, k) => {
      const j = Math.min(Math.max(first + k, 0), from - 1);
      matrix[i * from + j]! += weight / sum;
    });
  }
  return matrix;
}

/** The weights of one sample of the result: those of the original samples, from the index of the first. */
export interface ResamplingTaps {
  readonly first: number;
  readonly weights: Float32Array;
}

/**
 * The nonzero part of each row of a resampling matrix.
 *
 * @param matrix The result of {@linkcode resamplingMatrix}.
 * @param from The length of a row.
 * @returns The taps of each sample of the result.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(resamplingTaps(Float32Array.of(0, 0.5, 0.5, 0), 4), [
 *   { first: 1, weights: Float32Array.of(0.5, 0.5) },
 * ]);
 * ```
 */
export function resamplingTaps(matrix: Float32Array, from: number): ResamplingTaps[] {
  return Array.from({ length: matrix.length / from }, (_, i) => {
    const row = matrix.subarray(i * from, (i + 1) * from);
    const first = row.findIndex((w) => w !== 0), last = row.findLastIndex((w) => w !== 0);
    return { first, weights: row.slice(first, last + 1) };
  });
}
