// denoise: takes the noise out of a picture.
import { type Command, Option } from "commander";
import { DENOISING_BASELINES } from "../../lib/baseline/mod.ts";
import { denoising } from "../../lib/degradation/mod.ts";
import type { Image } from "../../lib/image/mod.ts";
import { estimateWhiteNoise } from "../../lib/noise/mod.ts";
import { positiveNumber } from "../_command_line.ts";
import { UsageError } from "../_failure.ts";
import type { RestorationOptions } from "../_restoration_options.ts";
import {
  addNoiseOption,
  HIGHEST_ISO,
  type NoiseName,
  NOISES,
  WHITE,
  withNoise,
} from "./_noise_options.ts";
import type { RestorationTask } from "./task.ts";

/** The options of a run of denoising. */
export interface DenoisingOptions extends RestorationOptions {
  noise: NoiseName;
  /** In units of 0 to 255. */
  noiseSigma?: number;
  /** In units of 0 to 255. */
  addNoise?: number;
}

/** Takes the noise out of a picture. */
export const denoise: RestorationTask<DenoisingOptions> = {
  name: "denoise",
  summary: "Takes the noise out of a picture",
  argument: "the noisy picture",
  suffix: "-denoised",
  examples: [
    ["writes photo-denoised.jpg", "photo.jpg"],
    ["the noise is known", "photo.png --noise-sigma 15 --output clean.png"],
    ["a quick try", "photo.png --iterations 200 --channels 16"],
    ["single wrong pixels", "photo.png --noise salt-and-pepper"],
    [
      "an experiment: adds noise to a clean picture and measures",
      "data/chelsea.png --add-noise 25 --output restored.png --report run.html",
    ],
  ],
  defaults: {},
  addOptions(command: Command) {
    command
      .addOption(
        new Option("--noise <kind>", "what the noise is like").choices(Object.keys(NOISES))
          .default("gaussian"),
      )
      .option(
        "--noise-sigma <s>",
        "the noise's standard deviation where white is 255 (default: estimated)",
        positiveNumber(WHITE),
      );
    return addNoiseOption(
      command,
      "take the input as clean and add --noise of this standard deviation where white is 255; " +
        "for poisson that at white, for salt-and-pepper the percentage of samples lost, for camera the ISO " +
        "sensitivity; the input is then the reference",
      HIGHEST_ISO,
    );
  },
  settle({ noise, addNoise = 0 }) {
    if (addNoise > WHITE && noise !== "camera") {
      throw new UsageError(`--add-noise is at most ${WHITE} for --noise ${noise}: got ${addNoise}`);
    }
    return NOISES[noise].isWhite ? {} : { objective: "mse" };
  },
  async pose({ picture, reference }, { noise, noiseSigma, addNoise, seed }) {
    const noisy = addNoise === undefined
      ? picture
      : await withNoise(picture, addNoise, seed, noise);
    const { kind, isWhite } = NOISES[noise];
    const given = noiseSigma ?? (isWhite ? addNoise : undefined);
    const doubt = isWhite ? doubtAbout(noisy, noiseSigma) : undefined;
    return {
      problem: { ...denoising(noisy, { noise: kind }), isWhite },
      clean: reference ?? (addNoise === undefined ? undefined : picture),
      ...given === undefined ? {} : { noiseSigma: given / WHITE },
      ...doubt === undefined ? {} : { notes: [doubt] },
    };
  },
  baselines({ problem: { observed }, noiseSigma = estimateWhiteNoise(observed) }, { seed }) {
    const sigma = Math.max(noiseSigma, LEAST);
    return DENOISING_BASELINES.map(({ name, run }) => ({
      name,
      run: (signal) => run(observed, sigma, { seed, signal }),
    }));
  },
};

/** Baselines need a level above 0: half a level of 255 is as good as none. */
const LEAST = 0.5 / WHITE;

/** A noise level that is off by more than this costs decibels (docs/spectral-bias.md). */
const FAR = 1.4;

/**
 * What to say of a noise level that the picture does not seem to have.
 *
 * @param noisy The picture.
 * @param noiseSigma The noise level given, of 255, if there is one.
 * @returns One line, or nothing.
 */
export function doubtAbout(noisy: Image, noiseSigma: number | undefined): string | undefined {
  if (noiseSigma === undefined) return undefined;
  const estimated = estimateWhiteNoise(noisy) * WHITE;
  if (noiseSigma < FAR * estimated && estimated < FAR * noiseSigma) return undefined;
  return `--noise-sigma is ${noiseSigma}, but the picture's noise looks like ` +
    `${estimated.toFixed(1)}: too much blurs, too little leaves noise`;
}
