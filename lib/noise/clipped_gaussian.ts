// Moments of Gaussian noise that was clipped to [0, 1].

/** The standard normal density at 181 points from -4.5 to 4.5, normalised to sum 1. */
const POINTS = Float64Array.from({ length: 181 }, (_, i) => (i - 90) / 20);
const WEIGHTS = POINTS.map((n) => 0.05 / Math.sqrt(2 * Math.PI) * Math.exp(-n * n / 2));

/**
 * Mean and variance of `y = min(max(x + sigma n, 0), 1)`, `n` standard normal (Foi 2009, "Clipped noisy images:
 * heteroskedastic modeling and practical denoising").
 *
 * @param x The level; it may lie beyond [0, 1], as in a blown highlight.
 * @param sigma The noise's standard deviation before clipping, from 0.
 * @returns Both, in units of the level.
 *
 * @example Noise that is not clipped, and noise of which half is
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { mean, variance } = clippedMoments(0.5, 0.05);
 * assert.ok(Math.abs(mean - 0.5) < 1e-6 && Math.abs(variance - 0.05 ** 2) < 1e-6);
 * assert.ok(Math.abs(clippedMoments(0, 0.1).mean - 0.1 / Math.sqrt(2 * Math.PI)) < 1e-4);
 * ```
 */
export function clippedMoments(
  x: number,
  sigma: number,
): { readonly mean: number; readonly variance: number } {
  const origin = Math.min(Math.max(x, 0), 1); // moments about it keep their digits
  let first = 0, second = 0;
  for (let i = 0; i < POINTS.length; i++) {
    const from = Math.min(Math.max(x + sigma * POINTS[i]!, 0), 1) - origin;
    first += WEIGHTS[i]! * from;
    second += WEIGHTS[i]! * from * from;
  }
  return { mean: origin + first, variance: second - first * first };
}

/** Levels x in the table. */
const LEVELS = 1024;

/**
 * The variance of clipped noise as a function of the mean of the clipped values (see {@linkcode clippedMoments}). The
 * level before clipping may lie 3 sigma beyond the ends.
 *
 * @param sigma The noise's standard deviation before clipping, positive.
 * @returns The function.
 */
export function clippedVariance(sigma: number): (mean: number) => number {
  const table = Array.from(
    { length: LEVELS },
    (_, k) => clippedMoments(-3 * sigma + (1 + 6 * sigma) * k / (LEVELS - 1), sigma),
  );
  return (mean) => {
    let low = 0, high = LEVELS - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (table[middle]!.mean < mean) low = middle;
      else high = middle;
    }
    const from = table[low]!, to = table[high]!;
    const part = Math.min(Math.max((mean - from.mean) / (to.mean - from.mean), 0), 1);
    return from.variance + part * (to.variance - from.variance);
  };
}
