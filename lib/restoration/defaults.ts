// What a run does where its options say nothing, as data: the library, the help texts and the docs have it from here.
import type { Degradation } from "../degradation/mod.ts";
import type { Architecture } from "../network/mod.ts";
import type { InputName } from "./objective.ts";

/** The objectives there are. */
export const OBJECTIVES = ["r2r", "sure", "mse", "guided", "plug-and-play"] as const;

/** The name of an objective. */
export type ObjectiveName = typeof OBJECTIVES[number];

/** How far a run goes: seconds (of a guided run the initial estimate alone), a minute, or a few. */
export type Quality = "fast" | "balanced" | "best";

/** What a quality spends. */
export interface QualitySettings {
  /** Training steps; with none the initial estimate is the result. */
  readonly iterations: number;
  /** Recorrupted copies of the picture that the network learns from. */
  readonly draws: number;
  /** Iterations of plug-and-play. */
  readonly rounds: number;
}

/** What each quality spends. */
export const QUALITIES: Readonly<Record<Quality, QualitySettings>> = {
  fast: { iterations: 0, draws: 0, rounds: 12 },
  balanced: { iterations: 400, draws: 4, rounds: 24 },
  best: { iterations: 1600, draws: 12, rounds: 60 },
};

/** The longest side of the views that a guided run learns from, in pixels. */
export const VIEW_SIDE = 128;

/**
 * The draws of a guided run where none are named: the quality's, but of a large picture only as many as its steps look
 * at half of. A draw costs an estimate of the whole picture, for twelve megapixels a minute and a half.
 *
 * @param quality The quality.
 * @param pixels The picture's pixels.
 * @returns How many.
 */
export function defaultDraws(quality: Quality, pixels: number): number {
  const { draws, iterations } = QUALITIES[quality];
  return Math.min(draws, Math.ceil(2 * iterations * VIEW_SIDE ** 2 / pixels));
}

/** Whether an objective has qualities: the guided objective and plug-and-play, which also see a picture whole. */
export const hasQuality = (objective: string): boolean =>
  objective === "guided" || objective === "plug-and-play";

/** Whether an objective is an estimate of the risk, which needs the noise's level. */
export const isRiskEstimate = (objective: string): boolean =>
  objective === "sure" || objective === "r2r";

/** How a network is trained; a step size that is left out is the network's own. */
interface TrainingDefaults {
  /** The most iterations. */
  readonly iterations: number;
  /** Adam's step size. */
  readonly learningRate?: number;
  /** Iterations over which the step size grows to its value. */
  readonly warmUp: number;
  /** How much of the average of the outputs is kept from one iteration to the next. */
  readonly averaging: number;
}

/**
 * The defaults of a run.
 *
 * The risk estimates (`r2r`, `sure`) have gained most of what they can in the time that their iterations take, about
 * six minutes for a picture of 512x512 on two cores. They do not overfit, so that their step size can be four times
 * that of the deep image prior: 250 iterations then gain what 400 gain at its own. With `mse` the number is the
 * prior's own, and a stopping rule ends the run.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(DEFAULTS.training.mse.iterations, 3000);
 * ```
 */
export const DEFAULTS = {
  /** Channels from fine to coarse: narrow where pixels are many, a quarter of the cost of 128 everywhere. */
  channels: [16, 32, 64, 128, 128] as readonly number[],
  /** Channels of dip's skip connections that go with them; with its own 4 it learns more slowly. */
  skipChannels: 16,
  quality: "balanced" as Quality,
  /** Iterations between two checkpoints: where a divergence goes back to is kept as often, and then once. */
  checkpointEvery: 25,
  /**
   * By objective; `mse` from random numbers. Where the network is given the start, the step size is the one that
   * `bench tasks` found best (`start`); it is higher where samples are hidden from the network (`hiddenSamples`),
   * which then cannot learn to repeat them.
   */
  training: {
    mse: { iterations: 3000, warmUp: 0, averaging: 0.99 },
    start: { iterations: 500, learningRate: 0.02, warmUp: 0, averaging: 0.97 },
    hiddenSamples: { iterations: 500, learningRate: 0.04, warmUp: 0, averaging: 0.97 },
    r2r: { iterations: 400, learningRate: 0.04, warmUp: 20, averaging: 0.98 },
    sure: { iterations: 200, learningRate: 0.04, warmUp: 20, averaging: 0.98 },
    // The iterations are the quality's.
    guided: {
      iterations: QUALITIES.balanced.iterations,
      learningRate: 0.03,
      warmUp: 20,
      averaging: 0.98,
    },
  } satisfies Record<string, TrainingDefaults>,
};

/** Over a run as short as this the average must not remember the beginning. */
const averagingOver = (iterations: number) => Math.max(0, 1 - 10 / iterations);

/** What a run's defaults depend on. */
interface Chosen {
  readonly network: Architecture;
  readonly objective: ObjectiveName;
  readonly input: InputName;
  readonly quality: Quality;
}

/**
 * How a run is trained where its options say nothing.
 *
 * @param problem What is restored; it may know its number of iterations and its input's noise.
 * @param chosen The network and what it learns from.
 * @returns Iterations, step size, warm-up, noise of the input and averaging.
 */
export function trainingDefaults(
  { iterations, inputNoise, fill }: Degradation,
  { network, objective, input, quality }: Chosen,
): Required<TrainingDefaults> & { readonly inputNoise: number } {
  const { training } = DEFAULTS;
  switch (objective) {
    case "guided":
      return { ...training.guided, iterations: QUALITIES[quality].iterations, inputNoise: 0 };
    case "plug-and-play":
      // Without a network there is nothing to step.
      return {
        ...{ iterations: QUALITIES[quality].rounds, learningRate: 1, warmUp: 0, averaging: 0 },
        inputNoise: 0,
      };
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
