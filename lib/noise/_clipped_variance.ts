// The variance that clipping to [0, 1] leaves to Gaussian noise.

/** Levels x in the table. */
const LEVELS = 1024;

/** The standard normal density at 181 points from -4.5 to 4.5, of sum 1. */
const POINTS = Float64Array.from({ length: 181 }, (_, i) => (i - 90) / 20);
const WEIGHTS = POINTS.map((n) => 0.05 / Math.sqrt(2 * Math.PI) * Math.exp(-n * n / 2));

/**
 * The variance of `y = min(max(x + sigma n, 0), 1)`, `n` standard normal, as a function of what a
 * picture shows, the mean of `y` (Foi 2009, "Clipped noisy images: heteroskedastic modeling and
 * practical denoising"). `x` may lie 3 sigma beyond the ends, as in a blown highlight.
 *
 * @param sigma The noise's standard deviation before clipping, positive.
 * @returns The function.
 */
export function clippedVariance(sigma: number): (mean: number) => number {
  const means = new Float64Array(LEVELS), variances = new Float64Array(LEVELS);
  for (let k = 0; k < LEVELS; k++) {
    const x = -3 * sigma + (1 + 6 * sigma) * k / (LEVELS - 1);
    const origin = Math.min(Math.max(x, 0), 1); // moments about it keep their digits
    let first = 0, second = 0;
    for (let i = 0; i < POINTS.length; i++) {
      const from = Math.min(Math.max(x + sigma * POINTS[i]!, 0), 1) - origin;
      first += WEIGHTS[i]! * from;
      second += WEIGHTS[i]! * from * from;
    }
    means[k] = origin + first;
    variances[k] = second - first * first;
  }
  return (mean) => {
    let low = 0, high = LEVELS - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (means[middle]! < mean) low = middle;
      else high = middle;
    }
    const part = (mean - means[low]!) / (means[high]! - means[low]!);
    return variances[low]! + Math.min(Math.max(part, 0), 1) * (variances[high]! - variances[low]!);
  };
}
