// What clipping to [0, 1] leaves of the energy of Gaussian noise.

/** Levels in the table, from black to white. */
const LEVELS = 256;

/** The standard normal density at 181 points from -4.5 to 4.5, of sum 1. */
const POINTS = Float64Array.from({ length: 181 }, (_, i) => (i - 90) / 20);
const WEIGHTS = POINTS.map((n) => 0.05 / Math.sqrt(2 * Math.PI) * Math.exp(-n * n / 2));

/**
 * The mean of `(min(max(x + sigma n, 0), 1) - x)^2`, `n` standard normal, over all samples `x`.
 *
 * @param sigma The noise's standard deviation before clipping.
 * @returns The function of the clean samples, taken as in [0, 1].
 */
export function clippedEnergy(sigma: number): (clean: Float32Array) => number {
  const energies = Float64Array.from({ length: LEVELS }, (_, level) => {
    const x = level / (LEVELS - 1);
    return POINTS.reduce((sum, n, i) => {
      const noise = Math.min(Math.max(sigma * n, -x), 1 - x);
      return sum + WEIGHTS[i]! * noise * noise;
    }, 0);
  });
  return (clean) => {
    let sum = 0;
    for (let i = 0; i < clean.length; i++) {
      const level = (clean[i]! * (LEVELS - 1) + 0.5) | 0;
      sum += energies[level < 0 ? 0 : level < LEVELS ? level : LEVELS - 1]!;
    }
    return sum / clean.length;
  };
}
