// Plug-and-play restoration: NL-Ridge takes noise out of an estimate, the data step puts back what was observed.
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import { nlRidge } from "../nonlocal/mod.ts";

/** Options of {@linkcode plugAndPlay}. */
export interface PlugAndPlayOptions {
  /** The denoiser's first noise level: how far from the picture the start is, in [0, 1]. */
  from: number;
  /** Its last noise level. */
  to: number;
  /** How often the two steps alternate. */
  iterations: number;
  /** Ends it after the step in progress. */
  signal?: AbortSignal;
}

/**
 * Plug-and-play restoration (Venkatakrishnan et al. 2013) with backward projections (Tirer and Giryes 2019): a
 * denoiser for white noise of a falling level, here NL-Ridge, in turn with the problem's data step.
 *
 * @param problem What was observed; it must have a data step, `nearest`.
 * @param options Noise levels and iterations.
 * @returns After each iteration the picture.
 */
export async function* plugAndPlay(
  problem: Degradation,
  { from, to, iterations, signal }: PlugAndPlayOptions,
): AsyncGenerator<Image, void, void> {
  let x = problem.start;
  for (let i = 0; i < iterations && !signal?.aborted; i++) {
    const sigma = iterations === 1 ? to : from * (to / from) ** (i / (iterations - 1));
    const denoised = await nlRidge(x, sigma, { ...signal ? { signal } : {} });
    x = problem.nearest!(denoised, sigma);
    yield x;
  }
}
