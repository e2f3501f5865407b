// The options of a run: what they are, their defaults and limits, and the objective they name.
import type { Degradation } from "../degradation/mod.ts";
import { availableMemory } from "../engine/mod.ts";
import type { Image } from "../image/mod.ts";
import { type Architecture, dip } from "../network/mod.ts";
import type { Objective } from "./objective.ts";
import { priorObjective } from "./prior_objective.ts";
import { r2rObjective } from "./r2r_objective.ts";
import { sureObjective } from "./sure_objective.ts";

/** The objectives there are. */
export type ObjectiveName = "mse" | "sure" | "r2r";

/**
 * Iterations after which each objective has gained most of what it can in the time it takes; for a
 * picture of 512x512 about six minutes on two cores.
 */
export const DEFAULT_ITERATIONS: Readonly<Record<ObjectiveName, number>> = {
  r2r: 400,
  sure: 200,
  mse: 400,
};

/** Options of {@linkcode restore}. */
export interface RestoreOptions {
  /** @default {dip({ channels: [16, 32, 64, 128, 128], skipChannels: 16 })} */
  network?: Architecture;
  /**
   * What is minimised: the deep image prior's data term alone (`mse`), Stein's unbiased risk estimate
   * (`sure`), or its single-pass form, recorrupted-to-recorrupted (`r2r`). The latter two need
   * `noiseSigma`, and a network that can read a picture.
   * @default {"mse"}
   */
  objective?: ObjectiveName;
  /** Standard deviation of the picture's noise, in [0, 1]; what `sure` and `r2r` need. */
  noiseSigma?: number;
  /** Where `noiseSigma` comes from, for the record. @default {"given"} */
  noiseSigmaFrom?: "given" | "estimated";
  /** @default {DEFAULT_ITERATIONS of the objective} */
  iterations?: number;
  /** One seed for the network, its input and the noise: the same seed, machine and thread count give the same bytes. @default {0} */
  seed?: number;
  /** Adam's step size. @default {the network's with mse, else 0.04} */
  learningRate?: number;
  /** Iterations over which the step size grows to its value. @default {0 with mse, else 20} */
  warmUp?: number;
  /** Standard deviation of the fresh noise added to the input at each iteration, with `mse`. @default {the network's} */
  inputNoise?: number;
  /**
   * How much of the average of the outputs is kept from one iteration to the next; 0 averages nothing.
   * @default {0.99 with mse, else 0.98}
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
}

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

/**
 * Completes options with their defaults.
 *
 * @param options The options given.
 * @returns All of them.
 * @throws {RangeError} If one is out of range.
 */
export function settle(options: RestoreOptions) {
  const { network = defaultNetwork(), objective = "mse" } = options;
  const settings = {
    noiseSigmaFrom: "given" as const,
    iterations: DEFAULT_ITERATIONS[objective],
    seed: 0,
    learningRate: objective === "mse" ? network.learningRate : RISK_LEARNING_RATE,
    warmUp: objective === "mse" ? 0 : RISK_WARM_UP,
    inputNoise: network.inputNoise,
    averaging: objective === "mse" ? 0.99 : 0.98,
    threads: navigator.hardwareConcurrency,
    device: "cpu",
    memoryLimit: availableMemory(),
    ...options,
    network,
    objective,
  };
  const within = (name: string, value: number, valid: boolean, what: string) => {
    if (!valid) throw new RangeError(`\`${name}\` must be ${what}, not ${value}`);
  };
  const { iterations, seed, learningRate, inputNoise, averaging, threads, noiseSigma } = settings;
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
  if (objective !== "mse" && !(noiseSigma! > 0 && noiseSigma! <= 1)) {
    throw new RangeError(
      `\`noiseSigma\` must be above 0 and at most 1 for ${objective}, not ${noiseSigma}`,
    );
  }
  return settings;
}

/** Sets up the objective that the options name. */
export function makeObjective(
  problem: Degradation,
  { objective, network, noiseSigma, inputNoise }: ReturnType<typeof settle>,
  seed: number,
): Objective {
  switch (objective) {
    case "mse":
      return priorObjective(problem, network, seed, inputNoise);
    case "sure":
      return sureObjective(problem, network, seed, noiseSigma!);
    case "r2r":
      return r2rObjective(problem, network, seed, noiseSigma!);
  }
}
