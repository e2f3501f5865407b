// Removes stripes: errors that all pixels of a row, or of a column, have in common.
import type { Image } from "../image/mod.ts";
import { MAD_TO_SIGMA, median } from "./_statistics.ts";

/**
 * The standard error of the median of a line's differences, in units of their deviation divided by the root of their
 * number. For independent differences it would be 1.25, but those of neighbouring pixels are correlated. It was
 * chosen on squares of `data/` with stripes of 3, 12 and 25 of 255 along either axis, 48 in all: 2 lost 1.8 dB on
 * average, 8 lost 0.3.
 */
const MEDIAN_ERROR = 6;

/** The rounding error of a difference with 8 bits, in units of the samples. */
const ROUNDING = 0.05 / 255;

/** The number of lowest cosines across the lines that belong to the picture, such as a gradient of the sky. */
const SLOW = 4;

/** The result of {@linkcode removeStripes}. */
export interface StripeRemoval {
  readonly image: Image;
  /** Whether the rows or the columns had errors. */
  readonly along: "rows" | "columns";
  /** Their standard deviation, in units of the samples, over all channels. */
  readonly sigma: number;
}

/**
 * Removes the stripes of a picture whose rows, or columns, each have an independent error, as of the sensors of a
 * line scanner or the amplifiers of a detector.
 *
 * The median of the pixels' differences between two rows is the difference of their errors, because most pixels are
 * similar to their neighbours. The errors of all rows are fitted to these differences by least squares, with a
 * penalty that makes them independent: slow changes belong to the picture. The direction is the one in which
 * neighbouring lines differ more. Channels have independent errors.
 *
 * @param noisy The picture; samples at 0 and 1 count as clipped.
 * @returns The picture without its stripes, within [0, 1] if it was.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { addStripeNoise } from "../degradation/mod.ts";
 * import { createImage, psnr } from "../image/mod.ts";
 *
 * const data = Float32Array.from({ length: 64 * 64 }, (_, i) => 0.3 + 0.4 * (i % 64) / 64);
 * const clean = createImage({ height: 64, width: 64, channels: 1, data });
 * const { image, along } = removeStripes(addStripeNoise(clean, 0.05, 1));
 * assert.equal(along, "columns");
 * assert.ok(psnr(image, clean) > 40);
 * ```
 */
export function removeStripes(noisy: Image): StripeRemoval {
  const { height, width, channels, data } = noisy;
  const found = (["rows", "columns"] as const).map((along) => {
    const lines = along === "rows" ? height : width;
    const errors = Array.from({ length: channels }, (_, c) => errorsOf(noisy, along, c));
    const sum = errors.flatMap((one) => [...one]).reduce((sum, value) => sum + value ** 2, 0);
    return { along, errors, sigma: Math.sqrt(sum / (lines * channels)) };
  });
  const { along, errors, sigma } = found[0]!.sigma >= found[1]!.sigma ? found[0]! : found[1]!;
  const [low, high] = data.every((value) => value >= 0 && value <= 1)
    ? [0, 1]
    : [-Infinity, Infinity];
  const image = data.map((value, i) => {
    const pixel = Math.floor(i / channels);
    const line = along === "rows" ? Math.floor(pixel / width) : pixel % width;
    return Math.min(Math.max(value - errors[i % channels]![line]!, low), high);
  });
  return { image: { ...noisy, data: image }, along, sigma };
}

/** The errors of a channel's rows, or columns. */
function errorsOf(
  { height, width, channels, data }: Image,
  along: "rows" | "columns",
  channel: number,
): Float64Array {
  const isRows = along === "rows",
    lines = isRows ? height : width,
    length = isRows ? width : height;
  const at = (line: number, i: number) =>
    data[((isRows ? line : i) * width + (isRows ? i : line)) * channels + channel]!;
  const isClipped = (value: number) => value === 0 || value === 1;
  // For each pair of neighbouring lines: their difference, and its standard error.
  const steps = Array.from({ length: lines - 1 }, (_, line) => {
    const differences: number[] = [];
    for (let i = 0; i < length; i++) {
      const a = at(line, i), b = at(line + 1, i);
      if (!isClipped(a) && !isClipped(b)) differences.push(b - a);
    }
    if (differences.length === 0) return { difference: 0, variance: Infinity };
    const difference = medianOf(differences);
    const spread = MAD_TO_SIGMA *
      medianOf(differences.map((value) => Math.abs(value - difference)));
    return {
      difference,
      variance: (MEDIAN_ERROR * spread) ** 2 / differences.length + ROUNDING ** 2,
    };
  });
  const sizes = steps.map(({ difference }) => Math.abs(difference));
  const own = (MAD_TO_SIGMA * medianOf(sizes)) ** 2 / 2;
  return own > 0 ? withoutTrend(leastSquares(steps, own)) : new Float64Array(lines);
}

/** Removes the lowest cosines from errors. */
function withoutTrend(errors: Float64Array): Float64Array {
  let left = errors;
  for (let k = 0; k < SLOW; k++) {
    const cosine = left.map((_, i) => Math.cos(Math.PI * k * (i + 0.5) / left.length));
    const squares = cosine.reduce((sum, value) => sum + value ** 2, 0);
    const part = cosine.reduce((sum, value, i) => sum + value * left[i]!, 0) / squares;
    left = left.map((value, i) => value - part * cosine[i]!);
  }
  return left;
}

/**
 * The errors e that minimise the sum of (e[i + 1] - e[i] - difference)² / variance and of e[i]² / `own`: a
 * tridiagonal system, solved by Thomas's algorithm.
 */
function leastSquares(
  steps: readonly { readonly difference: number; readonly variance: number }[],
  own: number,
): Float64Array {
  const size = steps.length + 1;
  const diagonal = new Float64Array(size).fill(1 / own), right = new Float64Array(size);
  const beside = steps.map(({ difference, variance }, i) => {
    const weight = 1 / variance;
    diagonal[i]! += weight;
    diagonal[i + 1]! += weight;
    right[i]! -= weight * difference;
    right[i + 1]! += weight * difference;
    return -weight;
  });
  for (let i = 1; i < size; i++) {
    const factor = beside[i - 1]! / diagonal[i - 1]!;
    diagonal[i]! -= factor * beside[i - 1]!;
    right[i]! -= factor * right[i - 1]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    right[i] = (right[i]! - (beside[i] ?? 0) * (right[i + 1] ?? 0)) / diagonal[i]!;
  }
  return right;
}

const medianOf = (values: readonly number[]): number => median(Float64Array.from(values).sort());
