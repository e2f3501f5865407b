// What denoise and compare have in common: the noise options, the pictures and the run.
import type { Command } from "commander";
import { denoising } from "../lib/degradation/mod.ts";
import { addGaussianNoise, estimateNoise, type Image, readImage } from "../lib/image/mod.ts";
import { derive } from "../lib/random/mod.ts";
import { restore, type Run } from "../lib/restoration/mod.ts";
import { positiveNumber } from "./_command_line.ts";
import { Failure } from "./_failure.ts";
import {
  addRestorationOptions,
  type RestorationOptions,
  restoreOptions,
} from "./_restoration_options.ts";

/** What a run of denoising is made of. */
export interface DenoisingOptions extends RestorationOptions {
  /** In units of 0 to 255. */
  noiseSigma?: number;
  /** In units of 0 to 255. */
  addNoise?: number;
}

/** The picture to be restored, and the clean one if it is known. */
export interface Pictures {
  readonly noisy: Image;
  readonly clean: Image | undefined;
}

const WHITE = 255;

/** Gives a command the options of {@linkcode DenoisingOptions}. */
export function addDenoisingOptions(command: Command): Command {
  command
    .option(
      "--noise-sigma <s>",
      "the noise's standard deviation where white is 255 (default: estimated)",
      positiveNumber(WHITE),
    )
    .option(
      "--add-noise <s>",
      "for experiments: take the input as clean and add Gaussian noise of this standard deviation " +
        "where white is 255; the input is then the reference",
      positiveNumber(WHITE),
    );
  return addRestorationOptions(command);
}

/**
 * Reads the picture to be restored, and the clean one if it is known.
 *
 * @param input The input's file.
 * @param reference The reference's file, if there is one.
 * @returns The pictures.
 * @throws {ImageError} If one cannot be read.
 * @throws {Failure} If they are not alike.
 */
export async function readPictures(input: string, reference?: string): Promise<Pictures> {
  const noisy = await readImage(input);
  const clean = reference === undefined ? undefined : await readImage(reference);
  if (clean) refuseUnlike(noisy, clean);
  return { noisy, clean };
}

/**
 * The pictures of a run: with `--add-noise` the input counts as clean, and noise is added to it.
 *
 * @param pictures The pictures as they were read.
 * @param options How much noise, if any, and the seed.
 * @returns The pictures.
 */
export function withNoise(
  pictures: Pictures,
  { addNoise, seed }: Pick<DenoisingOptions, "addNoise" | "seed">,
): Pictures {
  if (addNoise === undefined) return pictures;
  const { noisy: picture, clean = picture } = pictures;
  return { noisy: addGaussianNoise(picture, addNoise / WHITE, derive(seed, "noise")), clean };
}

/**
 * Refuses a picture that cannot be compared with another.
 *
 * @param picture The picture.
 * @param other The other.
 * @param names What they are called. @default {["the input", "the reference"]}
 * @throws {Failure} If their sizes or channels differ.
 */
export function refuseUnlike(
  picture: Image,
  other: Image,
  [name, otherName]: readonly [string, string] = ["the input", "the reference"],
): void {
  const [wanted, found] = [picture, other].map(({ width, height, channels }) =>
    `${width}x${height} ${channels === 1 ? "grey" : "RGB"}`
  );
  if (found !== wanted) {
    throw new Failure(`${otherName} is ${found}, but ${name} is ${wanted}; they must be alike`);
  }
}

/** A noise level that is off by more than this costs decibels (docs/spectral-bias.md). */
const FAR = 1.4;

/**
 * What to say of a noise level that the picture does not seem to have.
 *
 * @param noisy The picture.
 * @param options The noise level given, if there is one.
 * @returns One line, or nothing.
 */
export function doubtAbout(
  noisy: Image,
  { noiseSigma }: Pick<DenoisingOptions, "noiseSigma">,
): string | undefined {
  if (noiseSigma === undefined) return undefined;
  const estimated = estimateNoise(noisy) * WHITE;
  if (noiseSigma < FAR * estimated && estimated < FAR * noiseSigma) return undefined;
  return `--noise-sigma is ${noiseSigma}, but the picture's noise looks like ` +
    `${estimated.toFixed(1)}: too much blurs, too little leaves noise`;
}

/**
 * The run that the options describe.
 *
 * @param pictures What is restored.
 * @param options The options.
 * @param signal What ends it.
 * @param snapshots Whether the record holds pictures of its course.
 * @returns The run, and the most iterations it makes.
 */
export function denoisingRun(
  { noisy, clean }: Pictures,
  options: DenoisingOptions,
  signal: AbortSignal,
  snapshots = false,
): { run: Run; iterations: number } {
  const settings = restoreOptions(options);
  const given = options.noiseSigma ?? options.addNoise;
  const run = restore(denoising(noisy), {
    ...settings,
    ...given === undefined ? {} : { noiseSigma: given / WHITE },
    ...clean ? { reference: clean } : {},
    snapshots,
    signal,
  });
  return { run, iterations: settings.iterations };
}
