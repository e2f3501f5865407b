// Charts of a noise model: its level over luminance, and its power spectrum.
import { type NoiseModel, noiseSpectrum } from "../noise/mod.ts";
import type { Figure } from "./figure.ts";
import { linesFigure } from "./lines_figure.ts";

/** The value of white in the charts. */
const WHITE = 255;

/** The side of the square on which spectra are computed. */
const SIZE = 64;

/** The names of a model's channels. */
const namesOf = ({ channels }: NoiseModel): readonly string[] =>
  channels === 1 ? ["noise"] : ["brightness", "colour, R - B", "colour, R - 2 G + B"];

/**
 * The noise level function: the standard deviation of each channel of a noise model over the luminance.
 *
 * @param model The noise.
 * @returns The figure; both axes in units of 0 to 255.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { poissonGaussian } from "../noise/mod.ts";
 *
 * const [{ x, y }] = noiseLevelFigure(poissonGaussian(0.01, 0, 1)).data as [{ x: number[]; y: number[] }];
 * assert.deepEqual(x, [0, 255]);
 * assert.ok(y[0] === 0 && Math.abs(y[1]! - 25.5) < 1e-9);
 * ```
 */
export function noiseLevelFigure(model: NoiseModel): Figure {
  const { luminance, variance } = model;
  // A model with a single luminance has the same level everywhere.
  const isLevel = luminance.length === 1;
  const x = isLevel ? [0, WHITE] : luminance.map((value) => WHITE * value);
  const lines = namesOf(model).map((name, c) => {
    const levels = variance[c]!.map((value) => WHITE * Math.sqrt(value));
    return { name, x, y: isLevel ? [levels[0]!, levels[0]!] : levels };
  });
  const most = Math.max(...lines.flatMap(({ y }) => y));
  return linesFigure("Noise level", lines, {
    x: { title: "luminance, of 255", range: [0, WHITE] },
    y: { title: "standard deviation, of 255", range: [0, 1.05 * most || 1] },
  });
}

/**
 * The power spectrum of each channel of a noise model, for variance 1. White noise is a horizontal line at 1.
 *
 * @param model The noise.
 * @returns The figure.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { whiteNoise } from "../noise/mod.ts";
 *
 * const [{ y }] = noiseSpectrumFigure(whiteNoise(0.1, 1)).data as [{ y: number[] }];
 * assert.ok(y.every((power) => Math.abs(power - 1) < 1e-12));
 * ```
 */
export function noiseSpectrumFigure(model: NoiseModel): Figure {
  const lines = namesOf(model).map((name, c) => {
    const y = noiseSpectrum(model, c, SIZE);
    return { name, x: y.map((_, radius) => radius / SIZE), y };
  });
  const most = Math.max(...lines.flatMap(({ y }) => y));
  return linesFigure("Spectrum of the noise", lines, {
    x: { title: "frequency, cycles/pixel", range: [0, 0.5] },
    y: { title: "power, white noise is 1", range: [0, 1.05 * most] },
  });
}
