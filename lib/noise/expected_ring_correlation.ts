// The expected Fourier ring correlation of two noisy pictures, computed from one and its noise model.
import { checkChannels } from "../check.ts";
import type { Image } from "../image/mod.ts";
import {
  fineRings,
  radialPower,
  type RingCorrelation,
  ringCorrelation,
  type Rings,
  type Spectrum,
  spectrumOf,
  type SpectrumOptions,
  windowPower,
} from "../spectrum/mod.ts";
import { OPPONENT_TRANSFORM } from "./_opponent.ts";
import { powerSpectrum } from "./_spectrum.ts";
import { luminances, noiseVariance } from "./measures.ts";
import type { NoiseModel } from "./model.ts";

/** The weights of red, green and blue in the luminance that is measured (`luminance()`). */
const WEIGHTS = [0.2989, 0.587, 0.114];

/**
 * The expected Fourier ring correlation of two photographs of one scene, computed from one of them and its noise. With
 * the power P of the noisy picture's luminance on a ring, and the power N of the noise, it is (P - N) / P, because the
 * photographs have the scene in common but not the noise (Saxton and Baumeister 1982, by the signal-to-noise ratio).
 * Where it falls below a threshold the scene's detail is lost in the noise.
 *
 * The standard deviation of a coefficient's power is equal to its mean, so a ring of n coefficients has an error of
 * about 1 / √n. Negative values become 0.
 *
 * @param noisy The noisy picture, values in [0, 1].
 * @param noise The noise model of the picture, such as that of `estimateNoise()`.
 * @param options The window that suppresses the picture's edges.
 * @param rings The rings; pass them if they are used repeatedly.
 * @returns The correlation, its thresholds, and the frequencies at which it falls below them.
 * @throws {RangeError} If the model has another number of channels than the picture.
 *
 * @example A picture of noise only
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise, createImage } from "../image/mod.ts";
 * import { whiteNoise } from "./model.ts";
 *
 * const grey = createImage({ height: 64, width: 64, channels: 1 });
 * grey.data.fill(0.5);
 * const noisy = addGaussianNoise(grey, 0.1, 1);
 * const { correlation } = expectedRingCorrelation(noisy, whiteNoise(0.1, 1));
 * // The first rings contain the mean and few coefficients.
 * assert.ok(correlation.slice(8).every((value) => value < 0.25));
 * ```
 */
export function expectedRingCorrelation(
  noisy: Image,
  noise: NoiseModel,
  options: SpectrumOptions = {},
  rings: Rings = fineRings(noisy.height, noisy.width),
): RingCorrelation {
  checkChannels("noise", noise, noisy.channels);
  const { power } = radialPower(spectrumOf(noisy, options), rings);
  const ofNoise = radialPower(luminanceNoise(noisy, noise), rings).power;
  const kept = windowPower(noisy.height, noisy.width, options.window ?? "none");
  const correlation = power.map((whole, ring) =>
    whole > 0 ? Math.max(1 - kept * ofNoise[ring]! / whole, 0) : 0
  );
  return ringCorrelation(correlation, rings);
}

/** A spectrum with the expected power of the noise in the measured luminance. */
function luminanceNoise(noisy: Image, noise: NoiseModel): Spectrum {
  const { height, width } = noisy, pixels = height * width, tones = luminances(noisy);
  const deviation = noise.variance.map((_, c) =>
    Math.sqrt(tones.reduce((sum, tone) => sum + noiseVariance(noise, c, tone), 0) / pixels)
  );
  // The weights of the model's channels in the luminance.
  const weight = noise.channels === 1
    ? [1]
    : OPPONENT_TRANSFORM.map((row) => row.reduce((sum, value, i) => sum + value * WEIGHTS[i]!, 0));
  const amplitudes = noise.autocorrelation.map((rho, c) =>
    powerSpectrum(rho, height, width).real
      .map((power) => weight[c]! * deviation[c]! * Math.sqrt(power))
  );
  const real = amplitudes[0]!.map((_, i) => {
    let sum = 0;
    for (const [c, row] of noise.correlation.entries()) {
      for (const [d, rho] of row.entries()) sum += rho * amplitudes[c]![i]! * amplitudes[d]![i]!;
    }
    return Math.sqrt(Math.max(sum, 0) * pixels);
  });
  const columns = Math.floor(width / 2) + 1;
  return { height, width, columns, real, imaginary: new Float64Array(real.length) };
}
