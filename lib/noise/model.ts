// The noise model: the noise level at each luminance, and the correlation of samples.
import { checkNotNegative } from "../check.ts";
import type { Image } from "../image/mod.ts";

/**
 * A picture's noise as plain data: zero mean, signal-dependent, correlated over pixels and channels.
 *
 * The channels of a colour picture are those of the orthonormal opponent space: luminance
 * L = (R + G + B) / √3, then C1 = (R - B) / √2 and C2 = (R - 2 G + B) / √6. White noise of one level in R, G
 * and B has that level in each of them. A grey picture has one channel, its own.
 */
export interface NoiseModel {
  /** 1 for a grey picture, 3 for the opponent channels of a colour picture. */
  readonly channels: 1 | 3;
  /**
   * The luminances at which the variances are known, ascending, in [0, 1]: (R + G + B) / 3, or the grey value.
   * Between them the variance is linear, outside constant.
   */
  readonly luminance: readonly number[];
  /** The noise level function: the variance of each channel at each luminance, `[channels][luminances]`. */
  readonly variance: readonly (readonly number[])[];
  /**
   * The autocorrelation of each channel over the distances |dy|, |dx| from 0 to n - 1, row by row (n² numbers); 1 at
   * distance 0, and 0 beyond. `[1]` is white noise.
   */
  readonly autocorrelation: readonly (readonly number[])[];
  /** The correlation of the channels at one pixel, `[channels][channels]`. */
  readonly correlation: readonly (readonly number[])[];
}

const identity = (size: number): number[][] =>
  Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => i === j ? 1 : 0));

/**
 * White Gaussian noise of one standard deviation.
 *
 * @param sigma The standard deviation in each sample, in units of the picture's range [0, 1].
 * @param channels The picture's channels.
 * @returns The model.
 * @throws {RangeError} If `sigma` is negative or not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(whiteNoise(0.1, 1).variance, [[0.1 ** 2]]);
 * ```
 */
export function whiteNoise(sigma: number, channels: Image["channels"]): NoiseModel {
  checkNotNegative("sigma", sigma);
  return {
    channels,
    luminance: [0.5],
    variance: Array.from({ length: channels }, () => [sigma ** 2]),
    autocorrelation: Array.from({ length: channels }, () => [1]),
    correlation: identity(channels),
  };
}

/**
 * White noise whose variance is linear in the luminance, as of a sensor: `a x + b`.
 *
 * @param a The variance's slope, not negative: 1 / the photons at white.
 * @param b The variance in the dark, not negative.
 * @param channels The picture's channels; all of a colour picture have the variance of its luminance.
 * @returns The model.
 * @throws {RangeError} If `a` or `b` is negative or not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(poissonGaussian(0.25, 0.5, 1).variance, [[0.5, 0.75]]);
 * ```
 */
export function poissonGaussian(a: number, b: number, channels: Image["channels"]): NoiseModel {
  checkNotNegative("a", a);
  checkNotNegative("b", b);
  return {
    ...whiteNoise(0, channels),
    luminance: [0, 1],
    variance: Array.from({ length: channels }, () => [b, a + b]),
  };
}
