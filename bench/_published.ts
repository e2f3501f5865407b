// The deep image prior as it was published: the settings of each task, from the original's public notebooks.
import { dip, nearestUpsampling, type RestoreOptions } from "../mod.ts";
import type { DipOptions } from "../lib/network/mod.ts";

/** A task's settings, as far as they differ from one to another. */
interface Published extends Pick<RestoreOptions, "iterations" | "learningRate" | "inputNoise"> {
  readonly network?: DipOptions;
}

/**
 * By the start of a command line; the longest that fits counts. `restoration.ipynb` (barbara) for missing pixels,
 * `inpainting.ipynb` (kate) for text, `super-resolution.ipynb`, and for JPEG the iterations of the snail in
 * `denoising.ipynb` with the network of its other picture. The original has no deblurring: it is run as enlarging is.
 */
const PUBLISHED: Readonly<Record<string, Published>> = {
  "denoise": { iterations: 3000 },
  "inpaint": { iterations: 11_000, learningRate: 0.001, inputNoise: 0.03 },
  "inpaint --remove-text": {
    iterations: 6000,
    inputNoise: 0.03,
    network: { skipChannels: 128, upsampling: nearestUpsampling() },
  },
  "upscale": { iterations: 2000, inputNoise: 0.03 },
  "deblock": { iterations: 2400 },
  "deblur": { iterations: 2000, inputNoise: 0.03 },
};

/**
 * The published deep image prior's settings for a task: 128 channels at each of five scales, skips of 4, random input,
 * Adam's step size 0.01 unless its notebook has another, no early stop. The result is the exponential average of the
 * outputs (0.99), which the original takes for noise and JPEG alone; elsewhere the average is better than its last output.
 *
 * @param line A command line of `bench tasks`.
 * @param iterations How many instead.
 * @returns The settings.
 */
export function publishedSettings(line: string, iterations?: number): RestoreOptions {
  const name = Object.keys(PUBLISHED).filter((start) => line.startsWith(start))
    .sort((a, b) => b.length - a.length)[0]!;
  const { network, ...settings } = PUBLISHED[name]!;
  return {
    objective: "mse",
    input: "random",
    network: dip(network),
    inputNoise: 1 / 30,
    averaging: 0.99,
    stop: [],
    measure: false,
    ...settings,
    ...iterations === undefined ? {} : { iterations },
  };
}
