// Noise that is added to a clean picture for experiments.
import { type Command, Option } from "commander";
import {
  addCameraNoise,
  addFilmGrain,
  addImpulseNoise,
  addJpegCompressedNoise,
  addLowFrequencyNoise,
  addLuminanceNoise,
  addStripeNoise,
  type NoiseKind,
} from "../../lib/degradation/mod.ts";
import { addGaussianNoise, addPoissonNoise, type Image } from "../../lib/image/mod.ts";
import { derive } from "../../lib/random/mod.ts";
import { positiveNumber } from "../_command_line.ts";
import { UsageError } from "../_failure.ts";

/** The value of white on the command line. */
export const WHITE = 255;

/** The kinds of noise on the command line: how each is added, and the library's kind for it. */
export const NOISES = {
  gaussian: { kind: "gaussian", isWhite: true, isModelled: true, add: addGaussianNoise },
  poisson: {
    kind: "poisson",
    isWhite: false,
    isModelled: true,
    // The standard deviation at white is 1/√peak.
    add: (image, sigma, seed) => addPoissonNoise(image, 1 / sigma ** 2, seed),
  },
  "salt-and-pepper": {
    kind: "impulse",
    isWhite: false,
    isModelled: false,
    // For impulse noise the number is a percentage.
    add: (image, level, seed) => addImpulseNoise(image, Math.min(level * WHITE / 100, 1), seed),
  },
  "low-frequency": {
    kind: "gaussian",
    isWhite: false,
    isModelled: true,
    add: addLowFrequencyNoise,
  },
  // Stripes are removed first; the remaining noise is estimated.
  stripes: { kind: "gaussian", isWhite: false, isModelled: true, add: addStripeNoise },
  camera: {
    kind: "gaussian",
    isWhite: false,
    isModelled: true,
    // For a camera the number is the ISO sensitivity.
    add: (image, level, seed) => addCameraNoise(image, level * WHITE, seed),
  },
  jpeg: { kind: "gaussian", isWhite: false, isModelled: true, add: addJpegCompressedNoise },
  grain: { kind: "gaussian", isWhite: false, isModelled: true, add: addFilmGrain },
  luma: { kind: "gaussian", isWhite: false, isModelled: true, add: addLuminanceNoise },
} satisfies Record<string, {
  kind: NoiseKind;
  /** Whether it is white noise of the standard deviation given. */
  isWhite: boolean;
  /** Whether a noise model describes it; the model is then estimated, and used by NL-Ridge. */
  isModelled: boolean;
  add(image: Image, sigma: number, seed: number): Image | Promise<Image>;
}>;

/** The name of a noise on the command line. */
export type NoiseName = keyof typeof NOISES;

/** The highest ISO sensitivity. */
const HIGHEST_ISO = 102400;

/** Adds `--add-noise`, for noise that is white and Gaussian, to a command. */
export function addNoiseOption(command: Command, text: string): Command {
  return command.option("--add-noise <s>", `for experiments: ${text}`, positiveNumber(WHITE));
}

/** Adds `--noise`, its kind, and `--add-noise` to a command. */
export function addNoiseOptions(command: Command, kind: string, text: string): Command {
  return command
    .addOption(
      new Option("--noise <kind>", kind).choices(Object.keys(NOISES))
        .default("gaussian"),
    )
    .option(
      "--add-noise <s>",
      `for experiments: ${text} --noise of this standard deviation where white is ${WHITE}; for poisson that at ` +
        "white, for salt-and-pepper the percentage of samples lost, for camera the ISO sensitivity",
      positiveNumber(HIGHEST_ISO),
    );
}

/**
 * Checks the level of added noise.
 *
 * @throws {UsageError} If it is above white for another noise than a camera's.
 */
export function checkAddedNoise(noise: NoiseName, level: number): void {
  if (level > WHITE && noise !== "camera") {
    throw new UsageError(`--add-noise is at most ${WHITE} for --noise ${noise}: got ${level}`);
  }
}

/**
 * Adds noise to a picture.
 *
 * @param image The picture.
 * @param level The level, of 255; for some noises another number (see {@linkcode NOISES}).
 * @param seed The run's seed.
 * @param name The noise.
 * @returns The noisy picture.
 */
export const withNoise = (
  image: Image,
  level: number,
  seed: number,
  name: NoiseName = "gaussian",
): Image | Promise<Image> => NOISES[name].add(image, level / WHITE, derive(seed, "noise"));
