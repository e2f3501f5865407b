// The settings of the published deep image prior for each task, from the authors' public notebooks.
import { dip, fixedBudget, nearestUpsampling, type RestoreOptions } from "../mod.ts";
import type { DipOptions } from "../lib/network/mod.ts";

/** The settings that differ from task to task. */
interface Published extends Pick<RestoreOptions, "iterations" | "learningRate" | "inputNoise"> {
  readonly network?: DipOptions;
}

/**
 * Settings by the beginning of a command line, of which the longest match is taken. Sources: `restoration.ipynb`
 * (barbara) for missing pixels, `inpainting.ipynb` (kate) for text, `super-resolution.ipynb`, and for JPEG
 * `denoising.ipynb`, with the iterations of the snail and the network of the other picture. The authors have no
 * notebook for deblurring: its settings are those of super-resolution.
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
 * The published deep image prior's settings for a task: five scales of 128 channels, skip connections of 4, random
 * input, Adam's learning rate 0.01 unless the notebook has another, and no early stopping. The result is the
 * exponential average of the outputs (0.99). The authors average for noise and JPEG alone; for the other tasks the
 * average is better than their last output.
 *
 * @param line A command line of `bench tasks`.
 * @param iterations The number of iterations. @default {that of the notebook}
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
    stop: [fixedBudget()],
    measure: false,
    ...settings,
    ...iterations === undefined ? {} : { iterations },
  };
}
