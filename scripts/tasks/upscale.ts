// upscale: enlarges a picture.
import { type Command, Option } from "commander";
import { ENLARGING_BASELINES } from "../../lib/baseline/mod.ts";
import { downsampled, isDemosaiced, superResolution } from "../../lib/degradation/mod.ts";
import {
  compressJpeg,
  fillTransparent,
  type Image,
  type JpegQuantization,
  resample,
  type ResamplingKernel,
} from "../../lib/image/mod.ts";
import { type Artefacts, removeArtefacts } from "../../lib/restoration/mod.ts";
import { wholeNumber } from "../_command_line.ts";
import { Failure, UsageError } from "../_failure.ts";
import type { RestorationOptions } from "../_restoration_options.ts";
import { estimateInputDefaults } from "./_estimate_input.ts";
import {
  addNoiseOptions,
  checkAddedNoise,
  type NoiseName,
  WHITE,
  withNoise,
} from "./_noise_options.ts";
import type { RestorationTask } from "./task.ts";

interface UpscalingOptions extends RestorationOptions {
  factor: number;
  kernel: ResamplingKernel;
  /** What is removed from the small picture first. @default {what it has; nothing if an objective is named} */
  clean?: Artefacts | "nothing";
  shrink?: boolean;
  noise: NoiseName;
  /** The level of noise added to the small picture, of 255; the ISO sensitivity for a camera's. */
  addNoise?: number;
  /** The JPEG quality with which the small picture is compressed. */
  compress?: number;
}

/** The least side of a picture made smaller for an experiment: the smallest that is accepted. */
const SMALLEST = 16;

/** Enlarges a picture. */
export const upscale: RestorationTask<UpscalingOptions> = {
  name: "upscale",
  summary: "Makes a picture larger, with the detail that a small one implies (super-resolution)",
  argument: "the small picture",
  suffix: "-upscaled",
  examples: [
    ["four times as wide and high", "photo.jpg"],
    ["twice", "photo.jpg --factor 2"],
    ["a noisy one whose noise is not detected", "photo.png --clean noise"],
    ["a picture made smaller by averaging pixels", "photo.png --kernel box"],
    [
      "an experiment: makes a clean picture smaller first, and measures",
      "data/camera.png --factor 4 --shrink --output large.png",
    ],
  ],
  defaults: estimateInputDefaults("start"),
  addOptions(command: Command) {
    command
      .option("--factor <n>", "how many times larger, 2 to 16", wholeNumber(2, 16), 4)
      .addOption(
        new Option("--kernel <name>", "how the picture is taken to have been made smaller")
          .choices(["lanczos2", "lanczos3", "bicubic", "bilinear", "box"]).default("lanczos2"),
      )
      .addOption(
        new Option(
          "--clean <what>",
          "what is removed from the small picture first (default: noise, or the blocks of a JPEG)",
        ).choices(["noise", "blocks", "nothing"]),
      )
      .option(
        "--shrink",
        "for experiments: take the input as clean and make it smaller by the factor first",
      );
    return addNoiseOptions(
      command,
      "the kind of --add-noise",
      "with --shrink, add to the small picture",
    ).option(
      "--compress <q>",
      "for experiments: with --shrink, compress the small picture with this JPEG quality",
      wholeNumber(1, 100),
    );
  },
  defaultsFor({ shrink, noise, addNoise, compress }) {
    if (!shrink && (addNoise !== undefined || compress !== undefined)) {
      throw new UsageError("--add-noise and --compress need --shrink");
    }
    if (noise !== "gaussian" && addNoise === undefined) {
      throw new UsageError("--noise needs --add-noise");
    }
    checkAddedNoise(noise, addNoise ?? 0);
    return {};
  },
  enlarges: ({ factor, shrink }) => shrink ? 1 : factor,
  async pose(pictures, options, preparing) {
    const { factor, kernel, shrink } = options, whole = fillTransparent(pictures.picture);
    const small = shrink ? await shrunk(whole, options) : { ...pictures, picture: whole };
    const { picture } = small, clean = pictures.reference ?? small.clean;
    const { image, demosaiced, notes } = await cleaned(
      pictures.file,
      small,
      options,
      preparing?.signal,
    );
    const problem = superResolution(image, factor, { kernel, demosaiced });
    if (image === picture) return { problem, clean, notes };
    const given = resample(picture, factor * picture.height, factor * picture.width);
    return { problem, clean, given, notes };
  },
  estimateName: "bicubic",
  baselines: ({ problem: { observed } }, { factor }) =>
    // The bicubic enlargement is the initial estimate itself.
    ENLARGING_BASELINES.filter(({ name }) => name !== "bicubic").map(({ name, run }) => ({
      name,
      run: () => run(observed, factor),
    })),
};

/** A small picture, its compression if it is a JPEG, and the large one if it is known. */
interface Small {
  readonly picture: Image;
  readonly quantization?: JpegQuantization;
  readonly clean?: Image;
}

/** Makes a picture smaller for an experiment, and noisy or a JPEG if the options say so. */
async function shrunk(
  picture: Image,
  { factor, kernel, noise, addNoise, compress, seed }: UpscalingOptions,
): Promise<Small> {
  if (Math.min(picture.height, picture.width) < SMALLEST * factor) {
    throw new Failure(
      `the picture of ${picture.width}x${picture.height} is too small to be shrunk by ${factor}`,
    );
  }
  const { small, clean } = downsampled(picture, factor, kernel);
  const noisy = addNoise === undefined ? small : await withNoise(small, addNoise, seed, noise);
  if (compress === undefined) return { picture: noisy, clean };
  const { image, quantization } = await compressJpeg(noisy, compress);
  return { picture: image, quantization, clean };
}

/** The level of noise that may be texture, of 255, from which on the user is told of it. */
const NOTED = 4;

/** The small picture as it is enlarged. */
interface Cleaned {
  readonly image: Image;
  /** Whether it is as a camera's colour filter gave it. */
  readonly demosaiced: boolean;
  readonly notes: string[];
}

/**
 * Removes the small picture's noise or blocks, which enlargement would take for detail, and detects a camera's colour
 * filter. The picture is taken as it is if it was made from a clean one, or if an objective is named, so that the
 * objective itself is tested.
 */
async function cleaned(
  file: string,
  { picture, quantization }: Small,
  options: UpscalingOptions,
  signal: AbortSignal | undefined,
): Promise<Cleaned> {
  const { clean, objective, quality, seed, threads, shrink, addNoise, compress } = options;
  const isClean = shrink && addNoise === undefined && compress === undefined;
  if (clean === "nothing" || (!clean && (objective || isClean))) {
    return { image: picture, demosaiced: false, notes: [] };
  }
  if (clean === "blocks" && !quantization) {
    throw new Failure(`"${file}" is no JPEG in grey or YCbCr: there are no blocks to remove`);
  }
  const { image, removed, sigma } = await removeArtefacts(picture, {
    ...{ quantization, seed },
    ...clean && { artefacts: clean },
    ...quality && { quality },
    ...threads && { threads },
    ...signal && { signal },
  });
  const demosaiced = isDemosaiced(picture), notes: string[] = [];
  const level = `${(WHITE * sigma).toFixed(1)} of ${WHITE}`;
  if (removed === "noise") notes.push(`noise of ${level} is removed first`);
  else {
    if (removed) notes.push("the blocks of the JPEG are removed first");
    if (!clean && WHITE * sigma >= NOTED) {
      notes.push(`noise or texture of ${level} is kept; if it is noise: --clean noise`);
    }
  }
  if (demosaiced) {
    notes.push("it is as a camera's colour filter gave it: fine detail is trusted less");
  }
  return { image, demosaiced, notes };
}
