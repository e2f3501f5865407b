// Draws noise with the distribution of a noise model.
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { checkChannels } from "../check.ts";
import type { Image } from "../image/mod.ts";
import type { Random } from "../random/mod.ts";
import { fourier, inverseFourier, type Spectrum } from "../spectrum/mod.ts";
import { isUncorrelated, luminances, noiseVariance } from "./measures.ts";
import type { NoiseModel } from "./model.ts";
import { OPPONENT_TRANSFORM } from "./_opponent.ts";
import { powerSpectrum } from "./_spectrum.ts";

/**
 * Draws noise of a model: with its level at each luminance, its autocorrelation and its correlation of channels.
 * White noise of each channel is mixed by the root of the correlation matrix, filtered by the root of the spectrum
 * and scaled by the level. The noise is Gaussian, and periodic across opposite borders.
 *
 * @param model The noise.
 * @param image The picture whose luminance determines the level, an estimate of the clean one.
 * @param random The source of random numbers.
 * @returns The noise, `[height, width, channels]` as in the image, in units of its samples.
 * @throws {RangeError} If the image has another number of channels.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 * import { random } from "../random/mod.ts";
 * import { whiteNoise } from "./model.ts";
 *
 * const image = createImage({ height: 64, width: 64, channels: 1 });
 * const noise = drawNoise(whiteNoise(0.1, 1), image, random(1));
 * const variance = noise.reduce((sum, value) => sum + value ** 2, 0) / noise.length;
 * assert.ok(Math.abs(Math.sqrt(variance) - 0.1) < 0.01);
 * ```
 */
export function drawNoise(
  model: NoiseModel,
  image: Pick<Image, "height" | "width" | "channels" | "data">,
  random: Random,
): Float32Array {
  const { height, width, channels } = image, pixels = height * width;
  checkChannels("image", image, model.channels);
  const white = Array.from({ length: channels }, () => new Float32Array(pixels));
  white.forEach((field) => random.fillNormal(field, 1));
  const spectra = model.autocorrelation.map((rho) =>
    rho.slice(1).some((value) => value !== 0) ? powerSpectrum(rho, height, width) : undefined
  );
  const fields = mixed(white, rootOf(model, spectra)).map((field, c) =>
    spectra[c] ? filtered(field, spectra[c]) : field
  );
  const luminance = luminances(image), noise = new Float32Array(image.data.length);
  for (let p = 0; p < pixels; p++) {
    for (let c = 0; c < channels; c++) {
      const value = fields[c]![p]! * Math.sqrt(noiseVariance(model, c, luminance[p]!));
      if (channels === 1) noise[p] = value;
      else for (let d = 0; d < 3; d++) noise[3 * p + d]! += OPPONENT_TRANSFORM[c]![d]! * value;
    }
  }
  return noise;
}

/**
 * The matrix that mixes the white fields. If the channels' filters differ, they reduce the correlation; the mixing
 * compensates for this as far as possible.
 */
function rootOf(
  model: NoiseModel,
  spectra: readonly (Spectrum | undefined)[],
): number[][] | undefined {
  if (isUncorrelated(model)) return undefined;
  return symmetricRoot(
    model.correlation.map((row, c) =>
      row.map((value, d) => {
        if (c === d) return 1;
        return Math.min(Math.max(value / overlap(spectra[c], spectra[d]), -1), 1);
      })
    ),
  );
}

/** The mean over frequencies of the root of the product of two spectra; undefined is the spectrum of white noise. */
function overlap(a: Spectrum | undefined, b: Spectrum | undefined): number {
  const { real, columns, width } = (a ?? b) ?? { real: [1], columns: 1, width: 1 };
  let sum = 0, count = 0;
  for (let i = 0; i < real.length; i++) {
    const x = i % columns, weight = x === 0 || 2 * x === width ? 1 : 2;
    sum += weight * Math.sqrt((a?.real[i] ?? 1) * (b?.real[i] ?? 1));
    count += weight;
  }
  return sum / count;
}

function mixed(fields: readonly Float32Array[], root: number[][] | undefined): Float32Array[] {
  if (!root) return [...fields];
  return root.map((row) =>
    fields[0]!.map((_, p) => row.reduce((sum, weight, d) => sum + weight * fields[d]![p]!, 0))
  );
}

/** Filters a white field to a power spectrum. */
function filtered(field: Float32Array, power: Spectrum): Float64Array {
  const spectrum = fourier(field, power.height, power.width);
  for (let i = 0; i < spectrum.real.length; i++) {
    const gain = Math.sqrt(power.real[i]!);
    spectrum.real[i]! *= gain;
    spectrum.imaginary[i]! *= gain;
  }
  return inverseFourier(spectrum);
}

/**
 * The symmetric root of a symmetric matrix. Negative eigenvalues are set to 0, and rows are rescaled to the matrix's
 * diagonal: the root of a nearby correlation matrix.
 */
function symmetricRoot(matrix: readonly (readonly number[])[]): number[][] {
  const { realEigenvalues, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(
    matrix.map((row) => [...row]),
    { assumeSymmetric: true },
  );
  const roots = realEigenvalues.map((value) => Math.sqrt(Math.max(value, 0)));
  return vectors.mmul(Matrix.diag(roots)).mmul(vectors.transpose()).to2DArray().map((row, i) => {
    const length = Math.hypot(...row);
    return row.map((value) => length > 0 ? value * Math.sqrt(matrix[i]![i]!) / length : 0);
  });
}
