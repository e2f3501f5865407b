// What the restoring commands differ in: their options, and the problem that these pose.
import type { Command } from "commander";
import type { Degradation } from "../../lib/degradation/mod.ts";
import type { Image } from "../../lib/image/mod.ts";
import type { NoiseModel } from "../../lib/noise/mod.ts";
import type { Pictures } from "../_pictures.ts";
import type { RestorationDefaults, RestorationOptions } from "../_restoration_options.ts";

/** A problem, as the command line poses it. */
export interface PosedProblem {
  readonly problem: Degradation;
  /** The clean picture, if it is known. */
  readonly clean?: Image | undefined;
  /** What the user gave, if the problem is posed with something better. @default {the problem's start} */
  readonly given?: Image;
  /** Standard deviation of the noise, in [0, 1], if it is known. */
  readonly noiseSigma?: number;
  /** The noise, if more is known of it. */
  readonly noise?: NoiseModel;
  /** What to tell the user before the run, a line each. */
  readonly notes?: readonly string[];
}

/** What may take seconds before the run: how it is ended, and shown. */
export interface PrepareOptions {
  readonly signal: AbortSignal;
  /** Tells the user a line at once; notes that it has told are not among the problem's. */
  tell(note: string): void;
}

/** What would be used instead of the prior. */
export interface Baseline {
  readonly name: string;
  run(signal: AbortSignal): Promise<Image>;
}

/** A restoring command; `O` are its options as they are parsed. */
export interface RestorationTask<O extends RestorationOptions = RestorationOptions> {
  /** Its name on the command line. */
  readonly name: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  /** What its argument is. */
  readonly argument: string;
  /** What the default output's name ends with, such as `-denoised`. */
  readonly suffix: string;
  readonly examples: readonly (readonly [what: string, line: string])[];
  /** What is taken where the command line says nothing. */
  readonly defaults: RestorationDefaults;
  /** Gives a command the options that only this task has. */
  addOptions(command: Command): Command;
  /** Looks whether these go together, before anything is read; gives the defaults that go with them. */
  defaultsFor(options: O): RestorationDefaults;
  /** How many times as wide and high the restored picture is. @default {1} */
  enlarges?(options: O): number;
  /** Poses the problem; reads further files that the options name. */
  pose(
    pictures: Pictures,
    options: O,
    preparing?: PrepareOptions,
  ): PosedProblem | Promise<PosedProblem>;
  /** What it is called before the restoration, such as `bicubic`. @default {"as it is"} */
  readonly estimateName?: string;
  /** What would be used instead, beside the picture before the restoration. @default {nothing} */
  baselines?(posed: PosedProblem, options: O): Baseline[];
}
