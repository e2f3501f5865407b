// The data step of super-resolution: the picture closest to an estimate among all whose downsampling is the observed
// one.
import { type Image, type ResamplingTaps, resamplingTaps } from "../image/mod.ts";
import type { Weighing } from "./demosaicing_errors.ts";

/** Keeps the normal equations well-conditioned; far below the resolution of 8 bits. */
const RIDGE = 1e-4;

/** One axis of the downsampling R, and the Cholesky factor of R Rᵀ + ridge, which has the same band. */
interface Axis {
  readonly large: number;
  readonly small: number;
  readonly taps: readonly ResamplingTaps[];
  readonly band: number;
  /** The factor L of L Lᵀ, in row-major order: `factor[i * (band + 1) + k]` is L[i, i - band + k]. */
  readonly factor: Float64Array;
}

function axisOf(matrix: Float32Array, small: number): Axis {
  const large = matrix.length / small, taps = resamplingTaps(matrix, large);
  const product = (i: number, j: number) => {
    const a = taps[i]!, b = taps[j]!;
    const from = Math.max(a.first, b.first);
    const to = Math.min(a.first + a.weights.length, b.first + b.weights.length);
    let sum = i === j ? RIDGE : 0;
    for (let k = from; k < to; k++) sum += a.weights[k - a.first]! * b.weights[k - b.first]!;
    return sum;
  };
  let band = 0;
  for (let i = 0; i < small; i++) {
    while (i + band + 1 < small && product(i, i + band + 1) !== 0) band++;
  }
  const factor = new Float64Array(small * (band + 1));
  const at = (i: number, j: number) => i * (band + 1) + j - i + band;
  for (let i = 0; i < small; i++) {
    for (let j = Math.max(0, i - band); j <= i; j++) {
      let sum = product(i, j);
      for (let k = Math.max(0, i - band); k < j; k++) {
        if (k >= j - band) sum -= factor[at(i, k)]! * factor[at(j, k)]!;
      }
      factor[at(i, j)] = i === j ? Math.sqrt(sum) : sum / factor[at(j, j)]!;
    }
  }
  return { large, small, taps, band, factor };
}

/** Applies R along the middle axis of `[outer, large, inner]`. */
function down(x: Float64Array, outer: number, inner: number, { large, small, taps }: Axis) {
  const result = new Float64Array(outer * small * inner);
  for (let o = 0; o < outer; o++) {
    for (let s = 0; s < small; s++) {
      const { first, weights } = taps[s]!;
      for (let k = 0; k < weights.length; k++) {
        const from = (o * large + first + k) * inner, to = (o * small + s) * inner;
        for (let i = 0; i < inner; i++) result[to + i]! += weights[k]! * x[from + i]!;
      }
    }
  }
  return result;
}

/** Applies the pseudo-inverse Rᵀ (R Rᵀ + ridge)⁻¹ along the middle axis of `[outer, small, inner]`. */
function up(
  x: Float64Array,
  outer: number,
  inner: number,
  { large, small, taps, band, factor }: Axis,
) {
  const result = new Float64Array(outer * large * inner), solved = x.slice();
  for (let o = 0; o < outer; o++) {
    const row = (s: number) => (o * small + s) * inner;
    for (let s = 0; s < small; s++) {
      for (let k = Math.max(0, s - band); k <= s; k++) {
        const weight = factor[s * (band + 1) + k - s + band]!;
        for (let i = 0; i < inner; i++) {
          if (k < s) solved[row(s) + i]! -= weight * solved[row(k) + i]!;
          else solved[row(s) + i]! /= weight;
        }
      }
    }
    for (let s = small - 1; s >= 0; s--) {
      for (let k = Math.min(small - 1, s + band); k >= s; k--) {
        const weight = factor[k * (band + 1) + s - k + band]!;
        for (let i = 0; i < inner; i++) {
          if (k > s) solved[row(s) + i]! -= weight * solved[row(k) + i]!;
          else solved[row(s) + i]! /= weight;
        }
      }
    }
    for (let s = 0; s < small; s++) {
      const { first, weights } = taps[s]!;
      for (let k = 0; k < weights.length; k++) {
        const to = (o * large + first + k) * inner;
        for (let i = 0; i < inner; i++) result[to + i]! += weights[k]! * solved[row(s) + i]!;
      }
    }
  }
  return result;
}

/**
 * x + A⁺ (observed - A x), where A is the separable downsampling and A⁺ its pseudo-inverse: the picture closest to
 * the estimate x among all whose downsampling is the observed one.
 *
 * @param observed The small picture.
 * @param matrices The resampling matrices of rows and of columns, `[small, large]` each.
 * @param weigh Weighs observed - A x, where the small picture has errors.
 * @default {no errors}
 * @returns The data step.
 */
export function downsampledStep(
  observed: Image,
  matrices: { readonly rows: Float32Array; readonly columns: Float32Array },
  weigh: Weighing = () => {},
): (estimate: Image, sigma: number) => Image {
  const { channels, height, width } = observed;
  const rows = axisOf(matrices.rows, height), columns = axisOf(matrices.columns, width);
  const factor = rows.large / height;
  return (estimate, sigma) => {
    const narrow = down(Float64Array.from(estimate.data), rows.large, channels, columns);
    const residual = down(narrow, 1, width * channels, rows);
    residual.forEach((value, i) => residual[i] = observed.data[i]! - value);
    // A pixel of the small picture is about the mean of factor² pixels, and so is its error.
    weigh(residual, sigma / factor);
    const tall = up(residual, 1, width * channels, rows);
    const correction = up(tall, rows.large, channels, columns);
    return { ...estimate, data: estimate.data.map((value, i) => value + correction[i]!) };
  };
}
