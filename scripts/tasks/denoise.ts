// denoise: removes the noise of a picture.
import { type Command, InvalidArgumentError } from "commander";
import { DENOISING_BASELINES } from "../../lib/baseline/mod.ts";
import { denoising, inpainting } from "../../lib/degradation/mod.ts";
import { createImage, type Image, type JpegQuantization } from "../../lib/image/mod.ts";
import {
  estimateNoise,
  findImpulses,
  type FindImpulsesOptions,
  findStripes,
  type FlatRegion,
  noiseFromJson,
  type NoiseModel,
  NoiseModelError,
  noiseOfRegion,
  noiseSigma as sigmaOf,
  removeStripes,
  whiteNoise,
} from "../../lib/noise/mod.ts";
import { restoredImage } from "../../lib/restoration/mod.ts";
import { positiveNumber } from "../_command_line.ts";
import { Failure, UsageError } from "../_failure.ts";
import type { RestorationOptions } from "../_restoration_options.ts";
import {
  addNoiseOptions,
  checkAddedNoise,
  type NoiseName,
  NOISES,
  WHITE,
  withNoise,
} from "./_noise_options.ts";
import type { RestorationTask } from "./task.ts";

/** The options of denoising. */
export interface DenoisingOptions extends RestorationOptions {
  noise: NoiseName;
  /** The noise level, of 255. */
  noiseSigma?: number;
  /** A file with a noise model. */
  noiseModel?: string;
  noiseFrom?: FlatRegion;
  /** The level of added noise, of 255; the ISO sensitivity for a camera's. */
  addNoise?: number;
}

/** Removes noise. */
export const denoise: RestorationTask<DenoisingOptions> = {
  name: "denoise",
  summary: "Takes the noise out of a picture",
  argument: "the noisy picture",
  suffix: "-denoised",
  examples: [
    ["writes photo-denoised.jpg", "photo.jpg"],
    ["the noise is known", "photo.png --noise-sigma 15 --output clean.png"],
    ["a quick try", "photo.png --iterations 200 --channels 16"],
    ["the wall in the corner shows the noise", "photo.jpg --noise-from 0,0,200,120"],
    ["single wrong pixels", "photo.png --noise salt-and-pepper"],
    [
      "an experiment: adds noise to a clean picture and measures",
      "data/chelsea.png --add-noise 25 --output restored.png --report run.html",
    ],
  ],
  defaults: {},
  addOptions(command: Command) {
    return addNoiseOptions(
      command,
      "what the noise is like",
      "take the input as clean, and as the reference, and add",
    )
      .option(
        "--noise-sigma <s>",
        "the noise's standard deviation where white is 255 (default: estimated)",
        positiveNumber(WHITE),
      )
      .option("--noise-model <file>", "the noise, as a record's settings.noise has it, in JSON")
      .option(
        "--noise-from <x,y,width,height>",
        "measure the noise in this part of the picture, which is of one colour",
        region,
      );
  },
  defaultsFor({ noise, addNoise = 0, noiseSigma, noiseModel, noiseFrom }) {
    const given = [noiseSigma, noiseModel, noiseFrom].filter((value) => value !== undefined).length;
    if (given > 1) {
      throw new UsageError("--noise-sigma, --noise-model and --noise-from do not go together");
    }
    checkAddedNoise(noise, addNoise);
    return {};
  },
  async pose({ picture, reference, quantization: found }, options, preparing) {
    const { noise, noiseSigma, addNoise, seed, objective } = options;
    const noisy = addNoise === undefined
      ? picture
      : await withNoise(picture, addNoise, seed, noise);
    // If an objective is named, the network itself has to remove impulses that are named.
    const isImpulsive = noise === "salt-and-pepper" && objective === undefined;
    const holes = isImpulsive
      ? holesOf(noisy, { fewest: 0 })
      : noise === "gaussian" && addNoise === undefined
      ? holesOf(noisy)
      : undefined;
    const notes: string[] = [];
    if (holes) (preparing?.tell ?? ((note) => notes.push(note)))(holes.note);
    const whole = holes ? await filled(holes, noisy, options, preparing?.signal) : noisy;
    // If an objective is named, the picture is not changed before, so that the objective itself is tested.
    const isStriped = objective === undefined && (noise === "stripes" ||
      (noise === "gaussian" && addNoise === undefined && findStripes(whole) !== undefined));
    const unstriped = isStriped ? removeStripes(whole) : undefined;
    const observed = unstriped?.image ?? whole;
    const quantization = observed === picture ? found : undefined;
    const { isWhite } = NOISES[noise],
      { kind, isModelled } = NOISES[isImpulsive ? "gaussian" : noise];
    const model = await modelOf(observed, options) ??
      (preparing?.signal.aborted
        ? whiteNoise(0, observed.channels)
        : holes && noiseSigma === undefined
        ? noneIfWeak(observed)
        : undefined);
    const given = noiseSigma ?? (isWhite ? addNoise : undefined);
    const doubt = isModelled ? noiseLevelWarning(observed, noiseSigma, quantization) : undefined;
    const stripes = unstriped &&
      `stripes of ${(unstriped.sigma * WHITE).toFixed(1)} of 255 along the ` +
        `${unstriped.along} are taken out first`;
    notes.push(...[stripes, doubt].filter((note) => note !== undefined));
    return {
      problem: { ...denoising(observed, { noise: kind, quantization }), isWhite: isModelled },
      clean: reference ?? (addNoise === undefined ? undefined : picture),
      ...observed !== noisy && { given: noisy },
      ...model ? { noise: model } : given === undefined ? {} : { noiseSigma: given / WHITE },
      notes,
    };
  },
  baselines({ problem: { observed }, noise, noiseSigma }, { seed }) {
    const level = noiseSigma ?? sigmaOf(noise ?? estimateNoise(observed), observed);
    const sigma = Math.max(level, LEAST);
    return DENOISING_BASELINES.map(({ name, run }) => ({
      name,
      run: (signal) => run(observed, sigma, { seed, signal }),
    }));
  },
};

/** Impulses and their places: the mask is 0 at a pixel with an impulse in any channel. */
interface Holes {
  readonly note: string;
  readonly mask: Image;
}

/** The impulses of a picture as holes, if there are any, and other pixels between them. */
function holesOf(noisy: Image, options?: FindImpulsesOptions): Holes | undefined {
  const { height, width, channels } = noisy, found = findImpulses(noisy, options);
  if (!found) return undefined;
  const mask = createImage({ height, width, channels: 1 });
  mask.data.fill(1);
  let count = 0;
  found.forEach((isImpulse, i) => {
    if (!isImpulse) return;
    mask.data[Math.floor(i / channels)] = 0;
    count++;
  });
  if (!mask.data.includes(1)) return undefined;
  const note =
    `${
      (100 * count / found.length).toFixed(1)
    } % of the samples are impulses, black or white among ` +
    "others: filled from what is around them";
  return { note, mask };
}

/** Fills the impulses of a picture as holes. If that is interrupted, the best filling so far is used. */
const filled = (
  { mask }: Holes,
  noisy: Image,
  { seed, quality, threads }: DenoisingOptions,
  signal: AbortSignal | undefined,
): Promise<Image> =>
  restoredImage(inpainting(noisy, mask), {
    objective: "plug-and-play",
    seed,
    ...quality && { quality },
    ...threads && { threads },
    ...signal && { signal },
  });

/**
 * In a picture whose impulses were filled, noise below this level, of 255, is not removed: fine texture resembles it,
 * and denoising lost up to 5 dB of what filling had gained.
 */
const WEAK = 3;

/**
 * No noise, if a picture whose impulses were filled has only weak noise; undefined if its noise is to be estimated.
 */
const noneIfWeak = (filled: Image): NoiseModel | undefined =>
  sigmaOf(estimateNoise(filled), filled) * WHITE < WEAK
    ? whiteNoise(0, filled.channels)
    : undefined;

/** Baselines need a level above 0; half a level of 255 is equivalent to none. */
const LEAST = 0.5 / WHITE;

/** A noise level that is wrong by more than this factor costs decibels (docs/spectral-bias.md). */
const FAR = 1.4;

/**
 * A warning about a noise level that does not fit the picture.
 *
 * @param noisy The picture.
 * @param noiseSigma The noise level given, of 255, if any.
 * @param quantization The picture's JPEG compression, if known.
 * @returns One line, or undefined.
 */
export function noiseLevelWarning(
  noisy: Image,
  noiseSigma: number | undefined,
  quantization?: JpegQuantization,
): string | undefined {
  if (noiseSigma === undefined) return undefined;
  const estimated = sigmaOf(estimateNoise(noisy, { quantization }), noisy) * WHITE;
  if (noiseSigma < FAR * estimated && estimated < FAR * noiseSigma) return undefined;
  return `--noise-sigma is ${noiseSigma}, but the picture's noise looks like ` +
    `${estimated.toFixed(1)}: too much blurs, too little leaves noise`;
}

/** Parses `x,y,width,height`. */
function region(text: string): FlatRegion {
  const match = /^(\d+),(\d+),(\d+),(\d+)$/.exec(text);
  if (!match) throw new InvalidArgumentError("It must be x,y,width,height, in whole pixels.");
  const [x, y, width, height] = match.slice(1).map(Number) as [number, number, number, number];
  return { x, y, width, height };
}

/** The noise model of a file or of a flat region, if one is named. */
async function modelOf(
  noisy: Image,
  { noiseModel, noiseFrom }: DenoisingOptions,
): Promise<NoiseModel | undefined> {
  try {
    if (noiseFrom) return noiseOfRegion(noisy, noiseFrom);
    if (noiseModel === undefined) return undefined;
    const model = noiseFromJson(await Deno.readTextFile(noiseModel));
    if (model.channels === noisy.channels) return model;
    throw new Failure(
      `${noiseModel}: the noise model has ${model.channels} channels, the picture ${noisy.channels}`,
    );
  } catch (error) {
    if (error instanceof RangeError) {
      throw new Failure(error.message.replace("`region`", "--noise-from"));
    }
    if (error instanceof NoiseModelError) {
      // The backticks in this message name fields of the file, not options.
      throw new Failure(`${noiseModel}: ${error.message.replaceAll("`", '"')}`);
    }
    if (!(error instanceof Error) || error instanceof Failure) throw error;
    throw new Failure(`cannot read "${noiseModel}"`);
  }
}
