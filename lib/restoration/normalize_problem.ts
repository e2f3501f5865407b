// Maps the samples of a problem of little contrast to [0, 1] before a network is trained on it.
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import { normalizeContrast, percentileRange } from "../noise/mod.ts";
import { isRiskEstimate } from "./defaults.ts";
import { noiseLevel } from "./noise_level.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import type { Training } from "./training.ts";

/** A problem with normalized contrast. */
export interface NormalizedProblem {
  /** The problem with its pictures mapped. */
  readonly problem: Degradation;
  /** The run's options, with the noise of the mapped pictures. */
  readonly settings: ResolvedOptions;
  /**
   * Maps the training back: its iterations then give pictures, loss and data term in the units of the original
   * problem.
   */
  training(mapped: Training): Training;
}

/** The part of the samples at either end that may be outliers, and the distance of the others to 0 and 1. */
const OUTLIERS = 0.02, MARGIN = 0.1;

/**
 * Maps a problem whose picture has little contrast, such as 12 bits in a file of 16 or a dark frame, so that its
 * samples fill [0, 1]. Step sizes, initial weights and the sigmoid of the last layer suit that range. Values beyond
 * it, such as stars, cannot be fitted: they are clipped and put back afterwards.
 *
 * Only a squared data term keeps its minimum under this mapping, so other problems are left as they are.
 *
 * @param problem The problem.
 * @param settings The run's options.
 * @returns The mapping; the identity for a picture of usual contrast or of 8 bits.
 */
export function normalizeProblem(
  problem: Degradation,
  settings: ResolvedOptions,
): NormalizedProblem {
  const [low, high] = percentileRange(problem.observed.data, OUTLIERS);
  if (
    normalizeContrast(problem.observed).contrast === 1 || problem.isSquared === false ||
    low === high
  ) {
    return { problem, settings, training: (training) => training };
  }
  const contrast = (high - low) / (1 - 2 * MARGIN);
  const to = (value: number) => (value - low) / contrast + MARGIN;
  const from = (value: number) => (value - MARGIN) * contrast + low;
  const fitted = (image: Image): Image => ({
    ...image,
    data: image.data.map((value) => Math.min(Math.max(to(value), 0), 1)),
  });
  const { initialEstimate } = problem;
  const beyond = fitted(initialEstimate).data.map((value, i) =>
    initialEstimate.data[i]! - from(value)
  );
  const whole = (data: Float32Array) => data.map((value, i) => from(value) + beyond[i]!);
  const observed = fitted(problem.observed);
  // Without a risk estimate no noise level is needed, which takes a second to estimate.
  const noise = () => {
    const { isWhite, sigma, model } = settings.noise;
    return noiseLevel(
      observed,
      isWhite ? sigma / contrast : {
        ...model,
        luminance: model.luminance.map(to),
        variance: model.variance.map((values) => values.map((value) => value / contrast ** 2)),
      },
    );
  };
  return {
    problem: { ...problem, observed, initialEstimate: fitted(initialEstimate) },
    settings: isRiskEstimate(settings.objective) ? { ...settings, noise: noise() } : settings,
    training: (mapped) => ({
      ...mapped,
      async iterate(learningRate, lambda) {
        const iterate = await mapped.iterate(learningRate, lambda), { heldOut } = iterate;
        return {
          ...iterate,
          loss: iterate.loss * contrast ** 2,
          misfit: iterate.misfit * contrast ** 2,
          ...heldOut === undefined ? {} : { heldOut: heldOut * contrast ** 2 },
          output: whole(iterate.output),
          average: whole(iterate.average),
        };
      },
    }),
  };
}
