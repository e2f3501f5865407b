// The initial estimate of a guided run, and the draws on which its network is trained; both use NL-Ridge.
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import { isShortRangeNoise, type NoiseModel, undoClipping } from "../noise/mod.ts";
import { nlRidge } from "../nonlocal/mod.ts";
import { derive, random } from "../random/mod.ts";

/**
 * The parameter α of the training draws, which splits the noise between input and target; 0.3 and 0.8 lose 0.1 dB.
 */
export const ALPHA = 0.5;

/**
 * The α of the draws that judge a refinement. The estimate of such a draw is within 0.06 dB of the estimate of the
 * picture itself. With 0.5 it is half a decibel worse, so that a network which improves it need not improve the
 * other.
 */
export const JUDGING_ALPHA = 0.15;

/** An estimate of the clean picture, not clipped. */
export type Estimator = (noisy: Image, sigma: number, signal?: AbortSignal) => Promise<Image>;

/** The noise of a picture and how the work is done. */
export interface GuideOptions {
  /** Standard deviation of the noise, in [0, 1]. */
  sigma: number;
  /** The noise, if it is not white: the initial estimate then uses it instead of `sigma`. */
  model?: NoiseModel | undefined;
  signal?: AbortSignal | undefined;
  /** @default {ALPHA} */
  alpha?: number;
  /** Cores that NL-Ridge may use; they do not change the estimate. @default {all} */
  workers?: number;
  /** @default {NL-Ridge} */
  estimate?: Estimator;
}

const byNlRidge = (workers: number | undefined): Estimator => (noisy, sigma, signal) =>
  nlRidge(noisy, sigma, { ...signal && { signal }, ...workers && { workers } });

/**
 * Factor on the standard deviation of coloured noise before NL-Ridge, because a level that is too low costs more than
 * one that is too high. For squares of 256x256 from five real photographs, with an estimate 8 % lower than today's:
 * 36.2 dB at 1, 36.7 at 1.15, 36.9 at 1.3. White noise is estimated accurately and would lose by it. So would noise
 * of short range, such as white noise that was compressed: sixteen pictures with it are 0.3 dB better without the factor.
 */
const SAFETY = 1.15;

const raised = (model: NoiseModel): NoiseModel => ({
  ...model,
  variance: model.variance.map((values, c) =>
    model.autocorrelation[c]!.length === 1 || isShortRangeNoise(model)
      ? values
      : values.map((value) => value * SAFETY ** 2)
  ),
});

/** The initial estimate of a guided run. */
export interface NonlocalEstimate {
  /** The estimate, within [0, 1]. Where noise was clipped, it is an estimate of the mean of the clipped noise. */
  readonly estimate: Image;
  /** Undoes the effect of clipping in the estimate or in a refinement of it. */
  shown(image: Image): Image;
}

/**
 * Computes the initial estimate of a noisy picture, which a run shows within seconds.
 *
 * @param problem The noisy picture.
 * @param options Its noise and how the work is done.
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
  // White noise has one level at all luminances. For other noise the amount of clipping is not known.
  return {
    estimate: image,
    shown: model ? (image) => image : undoClipping(observed, image, sigma),
  };
}

/** A recorrupted copy of a picture y, not clipped. */
export interface Draw {
  /** The parameter α, which splits the noise between input and target. */
  readonly alpha: number;
  /** y + αn, where n has the distribution of the picture's noise. */
  readonly noisy: Image;
  /** The guide: the estimate of the clean picture from `noisy` alone. */
  readonly guide: Image;
}

/**
 * Draws noise and adds it to a picture, with a guide for each copy. The guide depends on y only through y + αn, so
 * the noise of y - n/α, the network's target, is independent of it (Pang et al. 2021).
 *
 * @param problem The noisy picture.
 * @param count The number of draws.
 * @param seed The same seed gives the same draws.
 * @param options The picture's noise and how the work is done.
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

/** The data on which the network of a guided run is trained. */
export interface GuidedInputs extends NonlocalEstimate {
  readonly draws: readonly Draw[];
  /** One channel: 1 for the pixels on which the network is trained, 0 for those held out to judge it. */
  readonly learned: Image;
}
