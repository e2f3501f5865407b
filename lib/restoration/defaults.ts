// The default options of a run, as data: the library, the help texts and the docs read them here.
import type { Degradation } from "../degradation/mod.ts";
import type { Architecture } from "../network/mod.ts";
import type { InputName } from "./objective.ts";

/** The objectives there are. */
export const OBJECTIVES = ["r2r", "sure", "mse", "guided", "plug-and-play"] as const;

/** The name of an objective. */
export type ObjectiveName = typeof OBJECTIVES[number];

/** How much work a run does: seconds (a guided run then returns its initial estimate), a minute, or a few. */
export type Quality = "fast" | "balanced" | "best";

/** The settings of a quality. */
export interface QualitySettings {
  /** Training steps; with 0 the result is the initial estimate. */
  readonly iterations: number;
  /** Recorrupted copies of the picture that the network is trained on. */
  readonly draws: number;
  /** Iterations of plug-and-play; see {@linkcode defaultRounds}. */
  readonly rounds: number;
}

/** The settings of each quality. */
export const QUALITIES: Readonly<Record<Quality, QualitySettings>> = {
  fast: { iterations: 0, draws: 0, rounds: 12 },
  balanced: { iterations: 400, draws: 4, rounds: 48 },
  best: { iterations: 1600, draws: 12, rounds: 96 },
};

/** The longest side of the views that a guided run is trained on, in pixels. */
export const VIEW_SIDE = 128;

/**
 * The number of draws of a guided run whose options name none: that of the quality, but for a large picture no more
 * than the training steps can cover by half. Each draw needs an estimate of the whole picture, which takes a minute
 * and a half for twelve megapixels.
 *
 * @param quality The quality.
 * @param pixels The picture's pixels.
 * @returns The number of draws.
 */
export function defaultDraws(quality: Quality, pixels: number): number {
  const { draws, iterations } = QUALITIES[quality];
  return Math.min(draws, Math.ceil(2 * iterations * VIEW_SIDE ** 2 / pixels));
}

/** Up to so many pixels `balanced` has all its iterations of plug-and-play, and half of them from twice as many on. */
const LARGE = 2 ** 20;

/**
 * The number of iterations of plug-and-play. For a large picture `balanced` has half as many: the others take minutes
 * there (about twenty at twelve megapixels) and gain 0.1 to 0.2 dB.
 *
 * @param quality The quality.
 * @param pixels The pixels of the result.
 * @returns The number of iterations.
 */
export function defaultRounds(quality: Quality, pixels: number): number {
  const { rounds } = QUALITIES[quality];
  return quality === "balanced"
    ? Math.round(rounds * Math.min(Math.max(LARGE / pixels, 0.5), 1))
    : rounds;
}

/** Whether an objective has qualities: the guided objective and plug-and-play. Neither cuts a picture into tiles. */
export const hasQuality = (objective: string): boolean =>
  objective === "guided" || objective === "plug-and-play";

/** Whether an objective is a risk estimate, which needs the noise level. */
export const isRiskEstimate = (objective: string): boolean =>
  objective === "sure" || objective === "r2r";

/** How a network is trained. If the step size is left out, the network's own is taken. */
interface TrainingDefaults {
  /** The most iterations. */
  readonly iterations: number;
  /** Adam's step size. */
  readonly learningRate?: number;
  /** Iterations over which the step size grows to its value. */
  readonly warmUp: number;
  /** The weight of the old average in the exponential average of the outputs. */
  readonly averaging: number;
}

/**
 * The defaults of a run.
 *
 * The iterations of the risk estimates (`r2r`, `sure`) take about six minutes for a picture of 512x512 on two cores;
 * more iterations gain little. A risk estimate does not overfit, so its step size can be four times that of the deep
 * image prior: 250 iterations then gain what 400 gain at the smaller step size. With `mse` the number of iterations
 * is that of the deep image prior, and a stopping rule ends the run.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(DEFAULTS.training.mse.iterations, 3000);
 * ```
 */
export const DEFAULTS = {
  /** Channels from fine to coarse: few where there are many pixels, which costs a quarter of 128 everywhere. */
  channels: [16, 32, 64, 128, 128] as readonly number[],
  /** Channels of dip's skip connections for these channels. With dip's usual 4 the network learns more slowly. */
  skipChannels: 16,
  quality: "balanced" as Quality,
  /** Iterations between two checkpoints. The state to which a divergence returns is kept as often. */
  checkpointEvery: 25,
  /**
   * By objective; `mse` is for random input. If the network's input is the initial estimate, the step size is the
   * best of `bench tasks` (`start`). It is higher if samples are hidden from the network (`hiddenSamples`), because
   * the network then cannot learn to copy them.
   */
  training: {
    mse: { iterations: 3000, warmUp: 0, averaging: 0.99 },
    start: { iterations: 500, learningRate: 0.02, warmUp: 0, averaging: 0.97 },
    hiddenSamples: { iterations: 500, learningRate: 0.04, warmUp: 0, averaging: 0.97 },
    r2r: { iterations: 400, learningRate: 0.04, warmUp: 20, averaging: 0.98 },
    sure: { iterations: 200, learningRate: 0.04, warmUp: 20, averaging: 0.98 },
    // The quality gives the iterations.
    guided: {
      iterations: QUALITIES.balanced.iterations,
      learningRate: 0.03,
      warmUp: 20,
      averaging: 0.98,
    },
  } satisfies Record<string, TrainingDefaults>,
};

/** In a run this short the average must forget the first iterations. */
const averagingOver = (iterations: number) => Math.max(0, 1 - 10 / iterations);

/** What a run's defaults depend on. */
interface Chosen {
  readonly network: Architecture;
  readonly objective: ObjectiveName;
  readonly input: InputName;
  readonly quality: Quality;
}

/**
 * The training options of a run that gives none itself.
 *
 * @param problem The problem; it may have a number of iterations and a level of input noise of its own.
 * @param chosen The network and its input.
 * @returns Iterations, step size, warm-up, input noise and averaging.
 */
export function trainingDefaults(
  { iterations, inputNoise, fill, dataStep, initialEstimate: { height, width } }: Degradation,
  { network, objective, input, quality }: Chosen,
): Required<TrainingDefaults> & { readonly inputNoise: number } {
  const { training } = DEFAULTS;
  switch (objective) {
    case "guided":
      return { ...training.guided, iterations: QUALITIES[quality].iterations, inputNoise: 0 };
    case "plug-and-play": {
      const most = dataStep?.mostIterations ?? Infinity;
      return {
        iterations: Math.min(defaultRounds(quality, height * width), most),
        // Without a network there is no step size.
        ...{ learningRate: 1, warmUp: 0, averaging: 0, inputNoise: 0 },
      };
    }
    case "r2r":
    case "sure":
      return {
        ...training[objective],
        ...iterations !== undefined && { iterations },
        inputNoise: network.inputNoise,
      };
    case "mse": {
      const isStart = input === "start";
      const usual = !isStart ? training.mse : fill ? training.hiddenSamples : training.start;
      return {
        learningRate: network.learningRate,
        ...usual,
        ...iterations !== undefined && { iterations },
        ...iterations && !isStart ? { averaging: averagingOver(iterations) } : {},
        inputNoise: (isStart ? inputNoise : undefined) ?? network.inputNoise,
      };
    }
  }
}
