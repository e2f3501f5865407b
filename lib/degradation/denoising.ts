// Additive noise: every pixel was observed, none exactly.
import type { Image } from "../image/mod.ts";
import type { Degradation } from "./degradation.ts";

/**
 * A noisy picture. The data term is the mean of (output - observed)², the likelihood of Gaussian noise
 * (Ulyanov et al. 2018, section 3.1).
 *
 * @param observed The noisy picture.
 * @returns The problem that `restore` takes.
 */
export function denoising(observed: Image): Degradation {
  return {
    task: "denoising",
    observed,
    misfit(output, observed, counted) {
      const squares = output.sub(observed).square();
      if (!counted) return squares.mean();
      return squares.mul(counted).sum().div(counted.sum());
    },
  };
}
