// Describes a noise model in words.
import { isWhiteNoise, noiseVariance } from "./measures.ts";
import type { NoiseModel } from "./model.ts";

/** The value of white in the description. */
const WHITE = 255;

/** Below this, of 255, a picture counts as free of noise: rounding alone leaves 0.3. */
const NONE = 0.5;

/** The luminances that are described, if the model includes them. */
const TONES = { "middle tones": 0.5, "shadows": 0.15, "lights": 0.85 } as const;

/** A tone is mentioned if its level differs from the middle tones' by this factor. */
const OTHER = 1.2;

/** Pixels count as correlated if their correlation is above this. */
const ALIKE = 0.2;

/**
 * The colour's part of the variance above which noise is described as colour noise, and below which as luminance
 * noise; white noise has 2/3.
 */
const IN_COLOUR = 0.8, IN_BRIGHTNESS = 0.45;

/**
 * Describes noise: its level in several tones, its extent in pixels, and whether it is in luminance or colour.
 *
 * @param model The noise, of a picture in [0, 1].
 * @returns One line.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { whiteNoise } from "./model.ts";
 *
 * assert.equal(describeNoise(whiteNoise(25 / 255, 3)), "noise: about 25 of 255, independent from pixel to pixel");
 * assert.equal(describeNoise(whiteNoise(0, 3)), "noise: none to speak of");
 * ```
 */
export function describeNoise(model: NoiseModel): string {
  const level = (luminance: number) => {
    let sum = 0;
    for (let c = 0; c < model.channels; c++) sum += noiseVariance(model, c, luminance);
    return WHITE * Math.sqrt(sum / model.channels);
  };
  const levels = model.luminance.map(level);
  if (Math.max(...levels) < NONE) return "noise: none to speak of";
  const parts = [levelsOf(model, level), extentOf(model)];
  if (model.channels === 3 && !isWhiteNoise(model)) parts.push(colourOf(model));
  return `noise: ${parts.filter(Boolean).join(", ")}`;
}

const rounded = (level: number) => level < 2 ? level.toFixed(1) : level.toFixed(0);

/** The level in the middle tones, or the closest ones, and tones that differ from it. */
function levelsOf(model: NoiseModel, level: (luminance: number) => number): string {
  const low = model.luminance[0]!, high = model.luminance.at(-1)!;
  const middle = level(TONES["middle tones"]);
  const others = (["shadows", "lights"] as const).flatMap((tone) => {
    const at = TONES[tone];
    const isKnown = tone === "shadows" ? low < 0.35 : high > 0.65;
    const other = level(at), ratio = other / middle;
    return isKnown && (ratio > OTHER || ratio < 1 / OTHER)
      ? [`${rounded(other)} in the ${tone}`]
      : [];
  });
  const where = others.length > 0 ? " in the middle tones" : "";
  return [`about ${rounded(middle)} of ${WHITE}${where}`, ...others].join(", ");
}

/** The extent in pixels of the noise of the strongest channel. */
function extentOf({ variance, autocorrelation }: NoiseModel): string {
  const energies = variance.map((values) => values.reduce((a, b) => a + b));
  const rho = autocorrelation[energies.indexOf(Math.max(...energies))]!,
    lags = Math.sqrt(rho.length);
  const reach = (step: number) => {
    let lag = 0;
    while (lag + 1 < lags && rho[(lag + 1) * step]! > ALIKE) lag++;
    return lag + 1;
  };
  const [least, most] = [reach(1), reach(lags)].sort((a, b) => a - b) as [number, number];
  if (most === 1) return "independent from pixel to pixel";
  return least === most ? `over ${most} pixels` : `over ${least} to ${most} pixels`;
}

/** Whether the noise is mainly in colour or in luminance; undefined if it is in both, as white noise is. */
function colourOf({ variance }: NoiseModel): string {
  const [luminance, ...colour] = variance.map((values) => values.reduce((a, b) => a + b));
  const all = colour.reduce((a, b) => a + b, luminance!);
  const part = (all - luminance!) / all;
  return part > IN_COLOUR ? "mostly in colour" : part < IN_BRIGHTNESS ? "mostly in brightness" : "";
}
