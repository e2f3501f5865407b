// How far a degraded output is from what was observed: the likelihoods of the usual noises.
import type { tf } from "../engine/mod.ts";

/** The mean of some values, each with a weight; without weights the plain mean. */
export function weightedMean(values: tf.Tensor, weights?: tf.Tensor): tf.Scalar {
  if (!weights) return values.mean();
  return values.mul(weights).sum().div(weights.sum());
}

/** A data term: what a degraded output, what was observed, and the weights of its samples come to. */
export type DataTerm = (output: tf.Tensor, observed: tf.Tensor, counted?: tf.Tensor) => tf.Scalar;

/** The mean of (output - observed)²: the likelihood of Gaussian noise (Ulyanov et al. 2018, section 3.1). */
export const mse: DataTerm = (output, observed, counted) =>
  weightedMean(output.sub(observed).square(), counted);

/** Below this a difference counts as its square, so that its gradient has no jump: half a level of 255. */
const SMOOTH = 0.5 / 255;

/**
 * The mean of √((output - observed)² + ε²): robust to samples that are far off (Charbonnier et al. 1997),
 * such as salt and pepper. Its minimum over noisy samples is near their median, not their mean.
 */
export const charbonnier: DataTerm = (output, observed, counted) =>
  weightedMean(output.sub(observed).square().add(SMOOTH ** 2).sqrt(), counted);

/** Below this an output counts as this: darkness has no photons, and its logarithm no value. */
const DARK = 1e-3;

/**
 * The mean of output - observed log(output), the negative log-likelihood of Poisson noise in units of one
 * photon, less its value where both are equal: the Kullback-Leibler divergence (Csiszár 1991). Its unit
 * is the picture's range, not its square.
 */
export const poissonNegativeLogLikelihood: DataTerm = (output, observed, counted) => {
  const mean = output.maximum(DARK), seen = observed.maximum(DARK);
  return weightedMean(mean.sub(seen).sub(seen.mul(mean.log().sub(seen.log()))), counted);
};
