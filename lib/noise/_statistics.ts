// Robust and plain statistics of numbers.

/** The factor from the median absolute deviation to the standard deviation, for a normal distribution. */
export const MAD_TO_SIGMA = 1.4826;

/** The median of sorted numbers. */
export function median(sorted: Float32Array | Float64Array): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** The mean of numbers. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value) / values.length;
