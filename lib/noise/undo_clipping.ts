// Corrects an estimate for clipping of the noisy picture: noise that was clipped at 0 makes the mean in the dark too
// bright.
import type { Image } from "../image/mod.ts";

/** The standard normal distribution: Abramowitz and Stegun 1964, 7.1.26, to 1e-7. */
function normalBelow(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x) / Math.SQRT2);
  const series = t *
    (0.254829592 +
      t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = series * Math.exp(-x * x / 2) / 2;
  return x < 0 ? tail : 1 - tail;
}

/** E[max(0, -(x + σn))]: the increase of the mean by clipping at 0, for a level x. */
const raised = (x: number, sigma: number): number =>
  sigma * Math.exp(-((x / sigma) ** 2) / 2) / Math.sqrt(2 * Math.PI) - x * normalBelow(-x / sigma);

/** The steps of the table from means to levels. */
const STEPS = 4096;

/** The level for each of {@linkcode STEPS} + 1 means, from the mean of black to that of white. */
function levelsBy(meanOf: (level: number) => number): (mean: number) => number {
  const low = meanOf(0), high = meanOf(1);
  const levels = Float64Array.from({ length: STEPS + 1 }, (_, i) => {
    const mean = low + (high - low) * i / STEPS;
    let from = 0, to = 1;
    for (let k = 0; k < 24; k++) {
      const middle = (from + to) / 2;
      if (meanOf(middle) < mean) from = middle;
      else to = middle;
    }
    return (from + to) / 2;
  });
  return (mean) => {
    const at = (mean - low) / (high - low) * STEPS;
    if (at <= 0) return 0;
    if (at >= STEPS) return 1;
    const i = Math.floor(at);
    return levels[i]! + (at - i) * (levels[i + 1]! - levels[i]!);
  };
}

/**
 * The range of the ratio between the number of clipped samples and the expected number, in which an end counts as
 * clipped.
 */
const LEAST = 0.6, MOST = 1.7;

/**
 * Finds out how clipping to [0, 1] changed a noisy picture, and returns the correction of an estimate. An estimate
 * has the mean of the clipped noise, which at black is σ/√(2π) too bright and at white as much too dark (Foi 2009,
 * "Clipped noisy images: heteroskedastic modeling and practical denoising").
 *
 * Each end is corrected only if the number of samples there is about that expected from the estimate and the noise.
 * It is lower if the noise is weaker in the dark, or was not clipped; then the estimate is correct.
 *
 * @param noisy The noisy picture.
 * @param estimate An estimate of the clean picture from it.
 * @param sigma The noise's standard deviation before clipping, in [0, 1].
 * @returns A function that corrects an estimate of the same picture: it returns a new image within [0, 1].
 *
 * @example Black with noise has a mean above black
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise, createImage } from "../image/mod.ts";
 *
 * const size = { height: 64, width: 64, channels: 1 } as const;
 * const noisy = addGaussianNoise(createImage(size), 0.1, 1);
 * const mean = noisy.data.reduce((sum, value) => sum + value, 0) / 4096;
 * const estimate = createImage({ ...size, data: new Float32Array(4096).fill(mean) });
 * assert.ok(Math.abs(mean - 0.04) < 0.003);
 * assert.ok(undoClipping(noisy, estimate, 0.1)(estimate).data[0]! < 0.01);
 * ```
 */
export function undoClipping(
  noisy: Image,
  estimate: Image,
  sigma: number,
): (estimate: Image) => Image {
  const clamp = (value: number) => Math.min(Math.max(value, 0), 1);
  const same = (image: Image): Image => ({ ...image, data: image.data.map(clamp) });
  const isWithin = noisy.data.every((value) => value >= 0 && value <= 1);
  if (!isWithin || !(sigma > 0)) return same;
  const both = levelsBy((level) => level + raised(level, sigma) - raised(1 - level, sigma));
  let low = 0, high = 0, expectedLow = 0, expectedHigh = 0;
  noisy.data.forEach((value, i) => {
    if (value === 0) low++;
    if (value === 1) high++;
    const level = both(estimate.data[i]!);
    expectedLow += normalBelow(-level / sigma);
    expectedHigh += normalBelow((level - 1) / sigma);
  });
  const fits = (count: number, expected: number) =>
    count > 0 && count >= LEAST * expected && count <= MOST * expected;
  const isLow = fits(low, expectedLow), isHigh = fits(high, expectedHigh);
  if (!isLow && !isHigh) return same;
  const levelOf = isLow && isHigh
    ? both
    : levelsBy((level) =>
      level + (isLow ? raised(level, sigma) : 0) - (isHigh ? raised(1 - level, sigma) : 0)
    );
  return (image) => ({ ...image, data: image.data.map(levelOf) });
}
