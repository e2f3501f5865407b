// The interface of the restoring commands: their options, and the problems that they pose.
import type { Command } from "commander";
import type { Degradation } from "../../lib/degradation/mod.ts";
import type { Image } from "../../lib/image/mod.ts";
import type { NoiseModel } from "../../lib/noise/mod.ts";
import type { Pictures } from "../_pictures.ts";
import type { RestorationDefaults, RestorationOptions } from "../_restoration_options.ts";

/** A problem of the command line. */
export interface PosedProblem {
  readonly problem: Degradation;
  /** The clean picture, if it is known. */
  readonly clean?: Image | undefined;
  /** The user's picture, if the problem has a better initial estimate. @default {the problem's initial estimate} */
  readonly given?: Image;
  /** Standard deviation of the noise, in [0, 1], if it is known. */
  readonly noiseSigma?: number;
  /** The noise model, if more is known. */
  readonly noise?: NoiseModel;
  /** Notes for the user before the run, one line each. */
  readonly notes?: readonly string[];
}

/** How work before the run is aborted and shown. */
export interface PrepareOptions {
  readonly signal: AbortSignal;
  /** Prints a note at once; the problem's notes do not repeat it. */
  tell(note: string): void;
}

/** A method for comparison. */
export interface Baseline {
  readonly name: string;
  run(signal: AbortSignal): Promise<Image>;
}

/** A restoring command; `O` is the type of its parsed options. */
export interface RestorationTask<O extends RestorationOptions = RestorationOptions> {
  /** Its name on the command line. */
  readonly name: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  /** The description of its argument. */
  readonly argument: string;
  /** The suffix of the default output, such as `-denoised`. */
  readonly suffix: string;
  readonly examples: readonly (readonly [what: string, line: string])[];
  /** The defaults of the command line. */
  readonly defaults: RestorationDefaults;
  /** Adds the options of this task to a command. */
  addOptions(command: Command): Command;
  /** Checks that these options go together, before anything is read; returns the defaults that go with them. */
  defaultsFor(options: O): RestorationDefaults;
  /** The factor by which the restored picture is larger. @default {1} */
  enlarges?(options: O): number;
  /** Poses the problem; reads the files that its options name. */
  pose(
    pictures: Pictures,
    options: O,
    preparing?: PrepareOptions,
  ): PosedProblem | Promise<PosedProblem>;
  /** The name of the initial estimate, such as `bicubic`. @default {"as it is"} */
  readonly estimateName?: string;
  /** Methods for comparison, besides the initial estimate. @default {none} */
  baselines?(posed: PosedProblem, options: O): Baseline[];
}
