// What a network is given of a picture of little contrast: the same problem, its samples mapped to [0, 1].
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import { normalizeContrast, percentileRange } from "../noise/mod.ts";
import { isRiskEstimate } from "./defaults.ts";
import { noiseLevel } from "./noise_level.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import type { Training } from "./training.ts";

/** A problem as a network is given it. */
export interface NormalizedProblem {
  /** Its pictures, mapped. */
  readonly problem: Degradation;
  /** The run's options, with the noise of the mapped pictures. */
  readonly settings: ResolvedOptions;
  /** The training of the mapped problem, whose iterations give pictures, loss and data term in the problem's own units. */
  training(mapped: Training): Training;
}

/** The part of the samples at either end that may be outliers, and where the others begin in the range [0, 1]. */
const OUTLIERS = 0.02, MARGIN = 0.1;

/**
 * Maps a problem whose picture has little contrast, such as 12 bits in a file of 16 or a dark frame, so that its
 * samples fill [0, 1]: step sizes, initial weights and the last layer's sigmoid suit that. What lies beyond, such as
 * stars, cannot be fitted: it is cut off there and put back as it was observed.
 *
 * Only a squared data term is the same in another range, so that other problems are left as they are.
 *
 * @param problem The problem.
 * @param settings The run's options.
 * @returns The mapping; it changes nothing for a picture of usual contrast or of 8 bits.
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
  // The prior alone needs no noise level, which takes a second to estimate.
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
