// The initial estimate of a run and the draws that its network learns from, both by NL-Ridge.
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import { neighbourCorrelation, type NoiseModel, undoClipping } from "../noise/mod.ts";
import { nlRidge } from "../nonlocal/mod.ts";
import { derive, random } from "../random/mod.ts";

/** How the noise of draws that are learned from is shared between input and target; 0.3 and 0.8 lose 0.1 dB. */
export const ALPHA = 0.5;

/**
 * The same for draws that judge: an estimate from so little more noise is within 0.06 dB of that from the
 * picture itself, with 0.5 it is half a decibel worse, and a network that betters it need not better the other.
 */
export const JUDGING_ALPHA = 0.15;

/** An estimate of the clean picture, not clipped. */
export type Estimator = (noisy: Image, sigma: number, signal?: AbortSignal) => Promise<Image>;

/** A picture's noise, and what ends the work. */
export interface GuideOptions {
  /** Standard deviation of the noise, in [0, 1]. */
  sigma: number;
  /** The noise, if it is not white: the initial estimate is then told it, and not the level. */
  model?: NoiseModel | undefined;
  signal?: AbortSignal | undefined;
  /** @default {ALPHA} */
  alpha?: number;
  /** Cores that NL-Ridge may use; the estimate does not depend on them. @default {all} */
  workers?: number;
  /** @default {NL-Ridge} */
  estimate?: Estimator;
}

const byNlRidge = (workers: number | undefined): Estimator => (noisy, sigma, signal) =>
  nlRidge(noisy, sigma, { ...signal && { signal }, ...workers && { workers } });

/**
 * Coloured noise is told to be so much stronger than it is said to be: too little costs more than too much. Squares of
 * 256x256 of five real photographs, with an estimate 8 % lower than today's: 36.2 dB at 1, 36.7 at 1.15, 36.9 at
 * 1.3. A channel of white noise is measured well, and would lose; so is noise whose neighbouring pixels are little alike,
 * such as white noise that was compressed or interpolated by a sharpening filter: twelve pictures with a simulated
 * camera's noise gained 0.1 dB on average by not raising it, sixteen with compressed noise 0.3.
 */
const SAFETY = 1.15, ALIKE = 0.35;

const raised = (model: NoiseModel): NoiseModel => ({
  ...model,
  variance: model.variance.map((values, c) =>
    model.autocorrelation[c]!.length === 1 || neighbourCorrelation(model) < ALIKE
      ? values
      : values.map((value) => value * SAFETY ** 2)
  ),
});

/** What a run begins with. */
export interface NonlocalEstimate {
  /** The estimate, within [0, 1]; where noise was clipped it shows the mean of that, as the picture does. */
  readonly estimate: Image;
  /** What to show of it or of a refinement: the same with clipping undone. */
  shown(image: Image): Image;
}

/**
 * The initial estimate of a noisy picture: what a run shows within seconds.
 *
 * @param problem The noisy picture.
 * @param options Its noise, and what ends the work.
 * @returns The estimate.
 */
export async function nonlocalEstimate(
  { observed }: Degradation,
  { sigma, model, signal, workers, estimate = byNlRidge(workers) }: GuideOptions,
): Promise<NonlocalEstimate> {
  if (sigma === 0) return { estimate: observed, shown: (image) => image };
  const { data, ...rest } = model
    ? await nlRidge(observed, raised(model), { ...signal && { signal }, ...workers && { workers } })
    : await estimate(observed, sigma, signal);
  const image = { ...rest, data: data.map((value) => Math.min(Math.max(value, 0), 1)) };
  // White noise has one level, dark and bright; of any other it is not known how much was clipped.
  return {
    estimate: image,
    shown: model ? (image) => image : undoClipping(observed, image, sigma),
  };
}

/** A recorrupted copy of a picture y, not clipped. */
export interface Draw {
  /** How the noise is shared, α. */
  readonly alpha: number;
  /** y + αn, n noise of the picture's own law. */
  readonly noisy: Image;
  /** The guide: the estimate of the clean picture from `noisy` alone. */
  readonly guide: Image;
}

/**
 * Draws noise and adds it to a picture, with a guide for each. What a guide knows of y it knows through
 * y + αn alone: the noise of y - n/α, the network's target, is independent of it (Pang et al. 2021).
 *
 * @param problem The noisy picture.
 * @param count How many draws.
 * @param seed The same seed gives the same draws.
 * @param options The picture's noise, and what ends the work.
 * @returns The draws.
 */
export async function makeDraws(
  { observed }: Degradation,
  count: number,
  seed: number,
  { sigma, signal, alpha = ALPHA, workers, estimate = byNlRidge(workers) }: GuideOptions,
): Promise<Draw[]> {
  const draws: Draw[] = [];
  for (let k = 0; k < count; k++) {
    const noise = new Float32Array(observed.data.length);
    random(derive(seed, `draw ${k}`)).fillNormal(noise, alpha * sigma);
    const data = observed.data.map((value, i) => value + noise[i]!), noisy = { ...observed, data };
    const guide = await estimate(noisy, sigma * Math.sqrt(1 + alpha ** 2), signal);
    draws.push({ alpha, noisy, guide });
  }
  return draws;
}

/** What the network of a guided run is trained with. */
export interface GuidedInputs extends NonlocalEstimate {
  readonly draws: readonly Draw[];
  /** 1 for the pixels that the network learns from, 0 for those kept apart, of one channel. */
  readonly learned: Image;
}
