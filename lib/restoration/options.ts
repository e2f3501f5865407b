// The options of a run: what they are, their defaults and limits, and the objective they name.
import type { Degradation } from "../degradation/mod.ts";
import { availableMemory } from "../engine/mod.ts";
import type { Image } from "../image/mod.ts";
import { type Architecture, dip } from "../network/mod.ts";
import { derive } from "../random/mod.ts";
import { type Decision, fixedBudget, heldOutPixels, type StoppingRule } from "../stopping/mod.ts";
import { heldOut, knownPixels } from "./held_out.ts";
import { hidingObjective } from "./hiding_objective.ts";
import { noiseLevel } from "./noise_level.ts";
import type { InputName, Objective } from "./objective.ts";
import { priorObjective } from "./prior_objective.ts";
import { r2rObjective } from "./r2r_objective.ts";
import { sureObjective } from "./sure_objective.ts";

/** The objectives there are. */
export type ObjectiveName = "mse" | "sure" | "r2r";

/**
 * The most iterations of each objective. The risk estimates have gained most of what they can in the time
 * it takes, about six minutes for a picture of 512x512 on two cores; with mse, DIP's own number, it is
 * a stopping rule that ends the run.
 */
export const DEFAULT_ITERATIONS: Readonly<Record<ObjectiveName, number>> = {
  r2r: 400,
  sure: 200,
  mse: 3000,
};

/**
 * The rules where none are given: with mse, which learns the noise in the end, the one that loses least
 * in `bench stopping`, if pixels can be held out, also of the network's input; a risk estimate only
 * ends, and so does a problem that knows its number of iterations.
 */
const defaultRules = (
  { isSamplewise, iterations }: Degradation,
  objective: ObjectiveName,
  input: InputName,
): StoppingRule[] => {
  const isJudged = objective === "mse" && input === "random" && isSamplewise &&
    iterations === undefined;
  return [isJudged ? heldOutPixels() : fixedBudget()];
};

/** What suits a network that is given the picture it starts with: `bench tasks`. */
const STARTED = { iterations: 500, learningRate: 0.02, averaging: 0.97 };

/** The same where samples are hidden from it: it has no way to repeat them too fast. */
const HIDING_LEARNING_RATE = 0.04;

/**
 * Where and how often a run's whole state is kept, and whether it goes on from there.
 *
 * @example Go on with a run that was left, as if it never had been
 * ```ts
 * import { createImage } from "../image/mod.ts";
 * import { denoising } from "../degradation/mod.ts";
 * import { decoder } from "../network/mod.ts";
 * import { restore } from "./restore.ts";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const problem = denoising(createImage({ height: 16, width: 16, channels: 1 }));
 * const checkpoint = { file: `${folder}/run.checkpoint`, every: 2, resume: true };
 * const options = { network: decoder({ channels: 4, scales: 2 }), iterations: 6, checkpoint };
 * for await (const { iteration } of restore(problem, options)) if (iteration === 5) break;
 *
 * const run = restore(problem, options), made: number[] = [];
 * for await (const { iteration } of run) made.push(iteration);
 * assert.deepEqual(made, [5, 6]);
 * assert.equal((await run.result).record.series.loss.length, 6);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export interface CheckpointOptions {
  /** The file. It is replaced as a whole, and stays when the run has ended. */
  file: string;
  /** Iterations between two checkpoints. @default {25} */
  every?: number;
  /**
   * Whether the run goes on from the file, if there is one: it then gives the bytes and, but for times, the
   * record that it would have given uninterrupted. Problem, options, project and machine must be the same;
   * only `signal`, `memoryLimit` and `checkpoint` may differ. Otherwise an older file is replaced.
   * @default {false}
   */
  resume?: boolean;
}

/** Options of {@linkcode restore}. */
export interface RestoreOptions {
  /** @default {dip({ channels: [16, 32, 64, 128, 128], skipChannels: 16 })} */
  network?: Architecture;
  /**
   * What is minimised: the deep image prior's data term alone (`mse`), Stein's unbiased risk estimate
   * (`sure`), or its single-pass form, recorrupted-to-recorrupted (`r2r`). The latter two are for white
   * Gaussian noise; they need its level, and a network that can read a picture.
   * @default {"mse"}
   */
  objective?: ObjectiveName;
  /**
   * Standard deviation of the picture's noise, in [0, 1]; what `sure`, `r2r` and some rules need.
   * @default {estimated from the picture, if it is needed}
   */
  noiseSigma?: number;
  /**
   * The most iterations; a stopping rule may end the run sooner.
   * @default {the problem's, else DEFAULT_ITERATIONS of the objective, 500 where the network is given the start}
   */
  iterations?: number;
  /**
   * Rules that watch the run. The result is the best picture by the rule that decides; the record
   * says of each where it would have stopped.
   * @default {held-out pixels with mse where the problem allows it, else the number of iterations alone}
   */
  stop?: readonly StoppingRule[];
  /** Who decides: the first rule, or more than half of them. @default {"first"} */
  decision?: Decision;
  /**
   * Whether H, blurriness, sharpness and, with a reference, the account of the error are measured at
   * every iteration, for the steps and the record. It does not change the run. @default {true}
   */
  measure?: boolean;
  /** Whether the record holds small pictures of the output and its spectrum in the course of the run. @default {false} */
  snapshots?: boolean;
  /** One seed for the network, its input and the noise: the same seed, machine and thread count give the same bytes. @default {0} */
  seed?: number;
  /** Adam's step size. @default {the network's with mse, 0.02 where it is given the start, else 0.04} */
  learningRate?: number;
  /** Iterations over which the step size grows to its value. @default {0 with mse, else 20} */
  warmUp?: number;
  /**
   * Steers the network's Lipschitz bound λ by the discrepancy principle, from this value on: the output
   * should differ from the observed picture by as much as the noise does. For networks with a bound of
   * their own, which it replaces, and `mse`. @default {the network's λ is left as it is}
   */
  steerFrom?: number;
  /**
   * What the network is given, with `mse`: `start` needs a network that can read a picture, and is for
   * problems where the start is not noisy.
   * @default {"random"}
   */
  input?: InputName;
  /**
   * Standard deviation of the fresh noise added to the input at each iteration, with `mse`.
   * @default {the network's, or the problem's where the network is given the start}
   */
  inputNoise?: number;
  /**
   * How much of the average of the outputs is kept from one iteration to the next; 0 averages nothing.
   * @default {0.99 with mse, 0.97 where the network is given the start, else 0.98; less where the problem has few iterations of its own}
   */
  averaging?: number;
  /** Threads of the native step. @default {navigator.hardwareConcurrency} */
  threads?: number;
  /** ONNX Runtime's execution provider. @default {"cpu"} */
  device?: string;
  /** Bytes that the run may take. @default {three quarters of the available memory} */
  memoryLimit?: number;
  /** The clean picture, where there is one: the record then has the PSNR. It does not change the run. */
  reference?: Image;
  /** Ends the run after the step in progress, with the best picture so far. */
  signal?: AbortSignal;
  /**
   * Keeps the whole state in a file, so that a run that is killed can go on. It does not change the run.
   * @default {no checkpoints}
   */
  checkpoint?: CheckpointOptions;
}

/** Where a divergence goes back to is kept as often: a checkpoint then need not hold it twice. */
const CHECKPOINT_EVERY = 25;

/**
 * The step size for the risk estimates, four times DIP's, reached over some iterations: there is no noise
 * to be learned too fast, and 250 iterations gain what 400 do at DIP's.
 */
const RISK_LEARNING_RATE = 0.04, RISK_WARM_UP = 20;

/** Channels narrow where pixels are many, from fine to coarse: a quarter of the cost of 128 everywhere. */
export const DEFAULT_CHANNELS: readonly number[] = [16, 32, 64, 128, 128];

/** Channels of dip's skip connections that go with them; with DIP's own 4 it learns more slowly. */
export const DEFAULT_SKIP_CHANNELS = 16;

const defaultNetwork = () =>
  dip({ channels: DEFAULT_CHANNELS, skipChannels: DEFAULT_SKIP_CHANNELS });

/** Over a run as short as this the average must not remember the beginning. */
const averagingOver = (iterations: number) => Math.max(0, 1 - 10 / iterations);

/** All options of a run. */
export type Settings = ReturnType<typeof settle>;

/**
 * Completes options with their defaults.
 *
 * @param problem What is restored.
 * @param options The options given.
 * @returns All of them.
 * @throws {RangeError} If one is out of range.
 */
export function settle(problem: Degradation, options: RestoreOptions) {
  const { network = defaultNetwork(), objective = "mse", input = "random" } = options;
  const started = objective === "mse" && input === "start" ? STARTED : undefined;
  const settings = {
    iterations: problem.iterations ?? started?.iterations ?? DEFAULT_ITERATIONS[objective],
    decision: "first" as const,
    measure: true,
    snapshots: false,
    seed: 0,
    learningRate: (started && problem.guess ? HIDING_LEARNING_RATE : started?.learningRate) ??
      (objective === "mse" ? network.learningRate : RISK_LEARNING_RATE),
    warmUp: objective === "mse" ? 0 : RISK_WARM_UP,
    inputNoise: (started && problem.inputNoise) ?? network.inputNoise,
    averaging: started?.averaging ??
      (objective !== "mse" ? 0.98 : problem.iterations ? averagingOver(problem.iterations) : 0.99),
    threads: navigator.hardwareConcurrency,
    device: "cpu",
    memoryLimit: availableMemory(),
    ...options,
    network,
    objective,
    input,
    stop: options.stop?.length ? options.stop : defaultRules(problem, objective, input),
    noise: noiseLevel(problem.observed, options.noiseSigma),
    checkpoint: options.checkpoint &&
      { every: CHECKPOINT_EVERY, resume: false, ...options.checkpoint },
  };
  const within = (name: string, value: number, valid: boolean, what: string) => {
    if (!valid) throw new RangeError(`\`${name}\` must be ${what}, not ${value}`);
  };
  const { iterations, seed, learningRate, inputNoise, averaging, threads, noise } = settings;
  within(
    "iterations",
    iterations,
    Number.isInteger(iterations) && iterations >= 1,
    "a whole number from 1",
  );
  within("seed", seed, Number.isSafeInteger(seed) && seed >= 0, "a whole number from 0");
  within("learningRate", learningRate, learningRate > 0 && learningRate < Infinity, "above 0");
  within(
    "warmUp",
    settings.warmUp,
    settings.warmUp >= 0 && settings.warmUp < Infinity,
    "0 or above",
  );
  within("inputNoise", inputNoise, inputNoise >= 0 && inputNoise < Infinity, "0 or above");
  within("averaging", averaging, averaging >= 0 && averaging < 1, "from 0 to below 1");
  within("threads", threads, Number.isInteger(threads) && threads >= 1, "a whole number from 1");
  const every = settings.checkpoint?.every;
  if (every !== undefined) {
    within("every", every, Number.isInteger(every) && every >= 1, "a whole number from 1");
  }
  const { noiseSigma: sigma, steerFrom } = options;
  if (steerFrom !== undefined) {
    within("steerFrom", steerFrom, steerFrom > 0 && steerFrom < Infinity, "above 0");
    if (!network.settings["lipschitz"] || objective !== "mse") {
      throw new RangeError("`steerFrom` needs a network with a Lipschitz bound, and mse");
    }
  }
  if (sigma !== undefined) {
    within("noiseSigma", sigma, sigma > 0 && sigma <= 1, "above 0, at most 1");
  }
  const judge = settings.stop.find(({ heldOut }) => heldOut !== undefined);
  if (judge && started) {
    throw new RangeError(
      `\`stop\` has ${judge.name}, but with \`input\` start the network reads every pixel`,
    );
  }
  if (judge && !problem.isSamplewise) {
    throw new RangeError(
      `\`stop\` has ${judge.name}, but no pixel can be held out in ${problem.task}`,
    );
  }
  if (judge && knownPixels(problem) < 2) {
    throw new RangeError(`\`stop\` has ${judge.name}, but one pixel alone is known`);
  }
  if (objective !== "mse") {
    if (!problem.isWhite) {
      throw new RangeError(
        `\`objective\` ${objective} is for white Gaussian noise on the whole picture alone: take mse`,
      );
    }
    if (!(noise.sigma > 0)) {
      throw new RangeError(
        "`noiseSigma` cannot be estimated, no noise is found in the picture: say how much there is",
      );
    }
    if (judge) {
      throw new RangeError(
        `\`stop\` has ${judge.name}, which needs the mse objective: with ${objective} the network reads every pixel`,
      );
    }
  }
  return settings;
}

/** Sets up the objective that the options name. */
export function makeObjective(
  problem: Degradation,
  { objective, network, noise, input, inputNoise, stop, seed }: Settings,
): Objective {
  const model = derive(seed, "model");
  switch (objective) {
    case "mse": {
      if (input === "start" && problem.guess) {
        return hidingObjective(problem, network, model, inputNoise);
      }
      const pixels = knownPixels(problem);
      const count = Math.max(0, ...stop.map((rule) => rule.heldOut?.(pixels) ?? 0));
      const seen = count > 0 ? heldOut(problem, count, derive(seed, "held-out")) : undefined;
      return priorObjective(problem, network, model, input, inputNoise, seen);
    }
    case "sure":
      return sureObjective(problem, network, model, noise.sigma);
    case "r2r":
      return r2rObjective(problem, network, model, noise.sigma);
  }
}
