// The options of every restoring command, and their translation to options of the library.
import { type Command, Option } from "commander";
import {
  type CheckpointOptions,
  DEFAULTS,
  type InputName,
  type ObjectiveName,
  OBJECTIVES,
  QUALITIES,
  type Quality,
  type TiledOptions,
} from "../lib/restoration/mod.ts";
import { fraction, positiveNumber, wholeNumber } from "./_command_line.ts";
import { UsageError } from "./_failure.ts";
import {
  addNetworkOptions,
  DEFAULT_OBJECTIVES,
  INITIAL_LAMBDA,
  networkOf,
  type NetworkOptions,
  optionName,
} from "./_network_options.ts";
import { type OutputPlace, writtenFormat } from "./_paths.ts";
import type { ReadingOptions } from "./_pictures.ts";
import { addStopOptions, type StopOptions, stopping } from "./_stop_options.ts";

/** The options of a run. */
export interface RestorationOptions extends NetworkOptions, StopOptions, ReadingOptions {
  reference?: string;
  objective?: ObjectiveName;
  quality?: Quality;
  input?: InputName;
  iterations?: number;
  learningRate?: number;
  averaging?: number;
  seed: number;
  threads?: number;
  tile?: number;
}

/** The options of a run's results. */
export interface OutputOptions extends OutputPlace {
  record?: string;
  report?: string;
  checkpoint?: string;
  every?: number;
  resume?: boolean;
  quiet?: boolean;
  json?: boolean;
}

/** Defaults of a command that differ from those of all commands. */
export interface RestorationDefaults {
  readonly network?: NetworkOptions["network"];
  /** The bound, for networks that have one. */
  readonly lipschitz?: number;
  readonly objective?: ObjectiveName;
  /** The input, for networks that can read a picture. */
  readonly input?: InputName;
  /** Descriptions of defaults for the help; the library has the values. */
  readonly help?: {
    readonly iterations: string;
    readonly learningRate: string;
    readonly averaging: string;
  };
}

const { mse, r2r, sure, guided } = DEFAULTS.training;

const HELP = {
  iterations:
    `${r2r.iterations} for r2r, ${sure.iterations} for sure, ${mse.iterations} for mse, ` +
    "else the quality's",
  learningRate:
    `the network's with mse, ${guided.learningRate} with guided, else ${r2r.learningRate}`,
  averaging: `${mse.averaging} with mse, else ${guided.averaging}`,
};

/**
 * Adds the options of {@linkcode RestorationOptions} to a command.
 *
 * @param command The command.
 * @param defaults The defaults for its help.
 * @returns The command.
 */
export function addRestorationOptions(
  command: Command,
  defaults: RestorationDefaults = {},
): Command {
  const { objective = DEFAULT_OBJECTIVES, help = HELP } = defaults;
  command
    .option("--reference <file>", "the clean picture, to measure PSNR and SSIM against")
    .option(
      "--page <n>",
      "which page or frame of a file that has several (default: all, if the output can hold them)",
      wholeNumber(1, 65535),
    )
    .option("--allow-damaged", "accept a picture with missing parts")
    .option(
      "--strip",
      "keep only the pixels: no EXIF, resolution, texts; colours become sRGB, without a profile",
    );
  addNetworkOptions(command, defaults)
    .optionsGroup("Training:")
    .addOption(
      new Option("--objective <name>", `the loss of the training (default: ${objective})`)
        .choices(OBJECTIVES),
    )
    .addOption(
      new Option(
        "--quality <name>",
        "the work of guided and plug-and-play runs: fast takes seconds (a guided run then returns its initial " +
          "estimate), balanced about a minute for 512x512 on two cores, best five (default: balanced)",
      ).choices(Object.keys(QUALITIES)),
    )
    .addOption(
      new Option(
        "--input <name>",
        "the network's input, with mse: random numbers, or the initial estimate (start), which needs " +
          `fewer iterations (default: ${defaults.input ?? "random"})`,
      ).choices(["random", "start"]),
    )
    .option(
      "--iterations <n>",
      `the most iterations (default: ${help.iterations})`,
      wholeNumber(1, 1_000_000),
    )
    .option(
      "--learning-rate <r>",
      `Adam's step size (default: ${help.learningRate})`,
      positiveNumber(1),
    )
    .option(
      "--averaging <a>",
      "weight of the old average in the exponential average of the outputs, from 0 to " +
        `below 1 (default: ${help.averaging})`,
      fraction,
    )
    .option(
      "--seed <n>",
      "the same seed gives the same picture",
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .option("--threads <n>", "processor threads (default: all)", wholeNumber(1, 256))
    .option(
      "--tile <side>",
      "restore the picture in overlapping tiles of at most this side, in pixels (default: at once, or " +
        "in tiles if the memory is too small)",
      wholeNumber(96, 8192),
    );
  return addStopOptions(command.optionsGroup("Stopping:"));
}

/** Adds `--format` to a command. */
export const addFormatOption = (command: Command): Command =>
  command.option(
    "--format <name>",
    "the output's format: png, jpeg, webp, tiff, avif or gif (default: what its name says, else the " +
      "input's)",
    writtenFormat,
  );

/**
 * Adds the options of {@linkcode OutputOptions} to a command.
 *
 * @param command The command.
 * @param suffix The suffix of the default output, such as `-denoised`.
 * @returns The command.
 */
export function addOutputOptions(command: Command, suffix: string): Command {
  command.optionsGroup("Output:").option(
    "-o, --output <file>",
    `the output: a file, a folder, or - for standard output (default: input's name with ${suffix})`,
  );
  return addFormatOption(command)
    .option("--record <file.json>", "write all settings and measurements there")
    .option("--report <file.html>", "write a page with charts of the run there")
    .option(
      "--checkpoint <file>",
      "keep the whole state of the run there until it has ended, so that it can go on after it was killed",
    )
    .option(
      "--every <n>",
      "iterations between two checkpoints (default: 25)",
      wholeNumber(1, 1_000_000),
    )
    .option(
      "--resume",
      "continue from --checkpoint, if it exists: the result is that of an uninterrupted run",
    )
    .option("-q, --quiet", "show no progress")
    .option("--json", "print the result as one JSON object");
}

/** Options of runs that train a network. */
const OF_A_NETWORK = [
  "channels",
  "skipChannels",
  "upsampling",
  "gaussianSigma",
  "lipschitz",
  "norm",
  "input",
  "learningRate",
  "averaging",
  "stop",
  "tile",
] as const;

/** The first option that requires a network, if any. */
const askedOfNetwork = (options: RestorationOptions): string | undefined =>
  options.network !== "dip" ? "network" : OF_A_NETWORK.find((name) => options[name] !== undefined);

/**
 * Makes the options for the library.
 *
 * @param options The parsed options.
 * @param defaults The command's defaults.
 * @returns Network, objective, rules and numbers.
 * @throws {UsageError} If options do not go together.
 */
export function restoreOptions(
  options: RestorationOptions,
  defaults: RestorationDefaults = {},
): TiledOptions & Required<Pick<TiledOptions, "objective" | "seed">> {
  const { network, objective: usual } = networkOf(options, defaults);
  const asked = askedOfNetwork(options);
  const isUsual = defaults.objective !== "plug-and-play" || asked === undefined;
  const { objective = isUsual ? defaults.objective ?? usual : "mse", threads, tile } = options;
  const { iterations, learningRate, averaging } = options;
  if (objective === "plug-and-play") {
    if (asked !== undefined) {
      throw new UsageError(`${optionName(asked)} is of a network: plug-and-play has none`);
    }
    return {
      objective,
      seed: options.seed,
      ...options.quality === undefined ? {} : { quality: options.quality },
      ...iterations === undefined ? {} : { iterations },
      ...threads === undefined ? {} : { threads },
    };
  }
  if (objective !== "mse" && !network.buildFromImage) {
    throw new UsageError(
      `--objective ${objective} needs a network that reads a picture: ` +
        `take --network dip, or --objective mse with ${options.network}`,
    );
  }
  if (options.quality !== undefined && objective !== "guided") {
    throw new UsageError(
      `--quality goes with --objective guided or plug-and-play, not ${objective}`,
    );
  }
  if (objective === "guided" && options.quality === "fast" && iterations !== undefined) {
    throw new UsageError("--iterations does not go with --quality fast, which trains no network");
  }
  if (objective === "guided" && (options.stop !== undefined || tile !== undefined)) {
    const [name, why] = tile === undefined
      ? ["--stop", "a guided run needs no rule"]
      : ["--tile", "a guided run learns from all of a picture at once"];
    throw new UsageError(`${name} goes with --objective mse, sure or r2r: ${why}`);
  }
  if (options.input === "start" && (!network.buildFromImage || objective !== "mse")) {
    throw new UsageError("--input start goes with --network dip and --objective mse");
  }
  const input = options.input ??
    (network.buildFromImage && objective === "mse" ? defaults.input : undefined);
  const steered = options.lipschitz === "auto";
  if (steered && objective !== "mse") {
    throw new UsageError(`--lipschitz auto goes with --objective mse, not ${objective}`);
  }
  if (objective !== "mse" && options.stop?.some(({ heldOut }) => heldOut !== undefined)) {
    throw new UsageError(`--stop held-out goes with --objective mse, not ${objective}`);
  }
  return {
    network,
    objective,
    seed: options.seed,
    ...options.quality === undefined ? {} : { quality: options.quality },
    ...input === undefined ? {} : { input },
    ...stopping(options),
    ...steered ? { steerFrom: INITIAL_LAMBDA } : {},
    ...iterations === undefined ? {} : { iterations },
    ...learningRate === undefined ? {} : { learningRate },
    ...averaging === undefined ? {} : { averaging },
    ...threads === undefined ? {} : { threads },
    ...tile === undefined ? {} : { tile },
  };
}

/**
 * Makes the checkpoint options for the library.
 *
 * @param options The parsed options.
 * @returns File and interval, if any.
 * @throws {UsageError} If options do not go together.
 */
export function checkpointOf(
  { checkpoint: file, every, resume = false }: OutputOptions,
): CheckpointOptions | undefined {
  if (file !== undefined) return { file, resume, ...every === undefined ? {} : { every } };
  if (every !== undefined || resume) {
    throw new UsageError(`${resume ? "--resume" : "--every"} needs --checkpoint, the state's file`);
  }
  return undefined;
}
