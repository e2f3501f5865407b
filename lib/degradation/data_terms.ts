// Data terms, the distance of a degraded output to the observed picture: likelihoods of the usual noises.
import type { tf } from "../engine/mod.ts";

/** The mean of some values, each with a weight; without weights the plain mean. */
export function weightedMean(values: tf.Tensor, weights?: tf.Tensor): tf.Scalar {
  if (!weights) return values.mean();
  return values.mul(weights).sum().div(weights.sum());
}

/** A data term of a degraded output and the observed picture, with optional weights of the samples. */
export type DataTerm = (output: tf.Tensor, observed: tf.Tensor, counted?: tf.Tensor) => tf.Scalar;

/** The mean of (output - observed)²: the likelihood of Gaussian noise (Ulyanov et al. 2018, section 3.1). */
export const mse: DataTerm = (output, observed, counted) =>
  weightedMean(output.sub(observed).square(), counted);

/** Differences below half a level of 255 count as squares, so that the gradient is continuous. */
const SMOOTH = 0.5 / 255;

/**
 * The mean of √((output - observed)² + ε²) (Charbonnier et al. 1997), robust to outliers such as salt and pepper. Its
 * minimum over noisy samples is near their median, not their mean.
 */
export const charbonnier: DataTerm = (output, observed, counted) =>
  weightedMean(output.sub(observed).square().add(SMOOTH ** 2).sqrt(), counted);

/** Outputs below this count as this, because the logarithm of 0 has no value. */
const DARK = 1e-3;

/**
 * The mean of output - observed log(output), the negative log-likelihood of Poisson noise in units of one photon,
 * minus its value where both are equal: the Kullback-Leibler divergence (Csiszár 1991). Its unit is the picture's
 * range, not its square.
 */
export const poissonNegativeLogLikelihood: DataTerm = (output, observed, counted) => {
  const mean = output.maximum(DARK), seen = observed.maximum(DARK);
  return weightedMean(mean.sub(seen).sub(seen.mul(mean.log().sub(seen.log()))), counted);
};
