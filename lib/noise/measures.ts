// Measures of a noise model: its level, whether it is white, its spectrum.
import { checkChannels } from "../check.ts";
import type { Image } from "../image/mod.ts";
import type { NoiseModel } from "./model.ts";
import { powerSpectrum } from "./_spectrum.ts";

/** Linear interpolation between ascending points; constant outside. */
function interpolated(points: readonly number[], values: readonly number[], at: number): number {
  const last = points.length - 1;
  if (!(at > points[0]!)) return values[0]!;
  if (at >= points[last]!) return values[last]!;
  let low = 0, high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle]! <= at) low = middle;
    else high = middle;
  }
  const part = (at - points[low]!) / (points[high]! - points[low]!);
  return values[low]! + part * (values[high]! - values[low]!);
}

/**
 * The variance of one channel at a luminance.
 *
 * @param model The noise.
 * @param channel The channel of the model.
 * @param luminance The luminance, (R + G + B) / 3 or the grey value.
 * @returns The variance.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { poissonGaussian } from "./model.ts";
 *
 * const model = poissonGaussian(0.01, 0.001, 1);
 * assert.ok(Math.abs(noiseVariance(model, 0, 0.5) - 0.006) < 1e-12);
 * ```
 */
export const noiseVariance = (model: NoiseModel, channel: number, luminance: number): number =>
  interpolated(model.luminance, model.variance[channel]!, luminance);

/** The luminance of each pixel in the noise model, (R + G + B) / 3 or the grey value. */
export function luminances({ channels, data }: Pick<Image, "channels" | "data">): Float32Array {
  if (channels === 1) return data;
  return Float32Array.from(
    { length: data.length / 3 },
    (_, i) => (data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]!) / 3,
  );
}

/**
 * The correlation of neighbouring pixels below which noise is of short range, and below which strong noise is. Noise of
 * real cameras has 0.46 and more, that of a simulated one 0.2 to 0.45, white noise that was compressed up to 0.2.
 */
const SHORT_RANGE = 0.2, STRONG_SHORT_RANGE = 0.35;

/** Noise from this standard deviation on is strong. */
const STRONG = 8 / 255;

/**
 * Whether the noise of neighbouring pixels is little correlated, as in white noise, also after JPEG compression.
 *
 * @param model The noise.
 * @returns Whether the autocorrelation of luminance at a distance of one pixel, down and across, is below 0.2, or
 * below 0.35 in strong noise, from 8/255 on.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { whiteNoise } from "./model.ts";
 *
 * assert.ok(isShortRangeNoise(whiteNoise(0.1, 3)));
 * ```
 */
export function isShortRangeNoise(model: NoiseModel): boolean {
  const [luminance] = model.autocorrelation;
  const down = luminance![Math.sqrt(luminance!.length)] ?? 0, across = luminance![1] ?? 0;
  return Math.max(down, across) < (noiseSigma(model) < STRONG ? SHORT_RANGE : STRONG_SHORT_RANGE);
}

/**
 * The overall standard deviation of the noise: the root of the variance's mean over channels and pixels.
 *
 * @param model The noise.
 * @param image The noisy or clean picture.
 * @default {one of the model's luminances, as many pixels of each}
 * @returns The standard deviation, in units of the picture's samples.
 * @throws {RangeError} If the image has another number of channels.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { whiteNoise } from "./model.ts";
 *
 * assert.ok(Math.abs(noiseSigma(whiteNoise(0.1, 3)) - 0.1) < 1e-12);
 * ```
 */
export function noiseSigma(model: NoiseModel, image?: Image): number {
  if (image) checkChannels("image", image, model.channels);
  const places = image ? luminances(image) : model.luminance;
  let sum = 0;
  for (let c = 0; c < model.channels; c++) {
    for (const place of places) sum += noiseVariance(model, c, place);
  }
  return Math.sqrt(sum / (places.length * model.channels));
}

/** Correlations between pixels or channels below this count as 0, and ratios of variances below this as 1. */
const NEGLIGIBLE = 0.02, EQUAL = 1.1;

/** Whether the noise of the channels is independent. */
export const isUncorrelated = ({ correlation }: NoiseModel): boolean =>
  correlation.every((row, c) => row.every((value, d) => c === d || Math.abs(value) < NEGLIGIBLE));

/**
 * Whether noise is white and of one level: independent from sample to sample, and equal at every luminance and in
 * every channel. The objectives `sure`, `r2r` and `guided` assume this.
 *
 * @param model The noise.
 * @returns Whether it is.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { poissonGaussian, whiteNoise } from "./model.ts";
 *
 * assert.ok(isWhiteNoise(whiteNoise(0.1, 3)));
 * assert.ok(!isWhiteNoise(poissonGaussian(0.01, 0.001, 3)));
 * ```
 */
export function isWhiteNoise(model: NoiseModel): boolean {
  const variances = model.variance.flat();
  return Math.max(...variances) <= EQUAL * Math.min(...variances) &&
    model.autocorrelation.every((rho) =>
      rho.every((value, i) => i === 0 || Math.abs(value) < NEGLIGIBLE)
    ) &&
    isUncorrelated(model);
}

/**
 * The power spectrum of a channel's noise along the frequency, for variance 1: its mean over all frequencies is 1.
 *
 * @param model The noise.
 * @param channel The channel of the model.
 * @param size The side of the square on which it is computed, even. @default {64}
 * @returns The mean over rings of whole radius, at the frequencies `radius / size` cycles per pixel, from 0 to 1/2.
 *
 * @example White noise has the same power everywhere
 * ```ts
 * import assert from "node:assert/strict";
 * import { whiteNoise } from "./model.ts";
 *
 * for (const power of noiseSpectrum(whiteNoise(0.1, 1), 0)) assert.ok(Math.abs(power - 1) < 1e-12);
 * ```
 */
export function noiseSpectrum(model: NoiseModel, channel: number, size = 64): number[] {
  const { real, columns } = powerSpectrum(model.autocorrelation[channel]!, size, size);
  const sums = new Float64Array(size / 2 + 1), counts = new Float64Array(size / 2 + 1);
  for (let i = 0; i < real.length; i++) {
    const y = Math.floor(i / columns), x = i % columns;
    const radius = Math.round(Math.hypot(Math.min(y, size - y), x));
    if (radius > size / 2) continue;
    sums[radius]! += real[i]!;
    counts[radius]!++;
  }
  return Array.from(sums, (sum, r) => sum / counts[r]!);
}
