// The Fourier ring correlation that one noisy picture and its noise model let expect of two.
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
 * The Fourier ring correlation of two photographs of one scene, expected from a single one and its noise: with the
 * power P of the noisy picture's luminance on a ring, and N that of the noise, it is (P - N) / P, because the pictures
 * have the scene in common and the noise not (Saxton and Baumeister 1982, by the signal-to-noise ratio). Where it
 * falls below a threshold the scene's detail is lost in the noise.
 *
 * A single coefficient's power varies as much as its mean, so that a ring of n coefficients has an error of about
 * 1 / √n. Rings that come out below 0 are 0.
 *
 * @param noisy The noisy picture, values in [0, 1].
 * @param noise Its noise, as given or by `estimateNoise()`.
 * @param options The window against the picture's edges.
 * @param rings The rings; pass the same ones to save making them every time.
 * @returns The correlation, its thresholds, and where they cross.
 * @throws {RangeError} If the model has another number of channels than the picture.
 *
 * @example Noise alone
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise, createImage } from "../image/mod.ts";
 * import { whiteNoise } from "./model.ts";
 *
 * const grey = createImage({ height: 64, width: 64, channels: 1 });
 * grey.data.fill(0.5);
 * const noisy = addGaussianNoise(grey, 0.1, 1);
 * const { correlation } = expectedRingCorrelation(noisy, whiteNoise(0.1, 1));
 * // The first ring is the mean, which has no noise to speak of.
 * assert.ok(correlation.slice(8).every((value) => value < 0.25));
 * ```
 */
export function expectedRingCorrelation(
  noisy: Image,
  noise: NoiseModel,
  options: SpectrumOptions = {},
  rings: Rings = fineRings(noisy.height, noisy.width),
): RingCorrelation {
  if (noise.channels !== noisy.channels) {
    throw new RangeError(`\`noise\` must have ${noisy.channels} channels: got ${noise.channels}`);
  }
  const { power } = radialPower(spectrumOf(noisy, options), rings);
  const ofNoise = radialPower(luminanceNoise(noisy, noise), rings).power;
  const kept = windowPower(noisy.height, noisy.width, options.window ?? "none");
  const correlation = power.map((whole, ring) =>
    whole > 0 ? Math.max(1 - kept * ofNoise[ring]! / whole, 0) : 0
  );
  return ringCorrelation(correlation, rings);
}

/** A spectrum with the power that the noise has on average in the measured luminance. */
function luminanceNoise(noisy: Image, noise: NoiseModel): Spectrum {
  const { height, width } = noisy, pixels = height * width, tones = luminances(noisy);
  const deviation = noise.variance.map((_, c) =>
    Math.sqrt(tones.reduce((sum, tone) => sum + noiseVariance(noise, c, tone), 0) / pixels)
  );
  // The luminance as a sum of the model's channels.
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
