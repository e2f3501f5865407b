// Recorrupted-to-recorrupted: an unbiased risk estimate that needs one pass through the network.
import type { Degradation } from "../degradation/mod.ts";
import { tf } from "../engine/mod.ts";
import type { Architecture } from "../network/mod.ts";
import { constantOf, type Objective, unclipped } from "./objective.ts";
import type { NoiseLevel } from "./noise_level.ts";
import { noiseSource } from "./noise_source.ts";
import { imageInputNetwork } from "./image_input_network.ts";
import { createNoiseScale } from "./noise_scale.ts";

/** The parameter α, which splits the added noise between input and target; the authors' choice. */
const ALPHA = 0.5;

/**
 * Recorrupted-to-recorrupted (Pang et al., CVPR 2021): ‖f(y + αn) - (y - n/α)‖² / N, where n is fresh Gaussian noise
 * of the picture's own σ. Input and target have independent noise, so the expectation is the error to the clean
 * picture plus a constant: SURE's minimum at half its cost. Where the noise was clipped, the target is y itself; else
 * the network could infer n there, because y is exactly 0 or 1.
 *
 * @param problem The noisy picture.
 * @param architecture A network with a full-size input.
 * @param seed The seed of its weights.
 * @param level The noise, white or not: n has its distribution.
 * @returns The objective.
 * @throws {RangeError} If the network has no full-size input.
 */
export function r2rObjective(
  problem: Degradation,
  architecture: Architecture,
  seed: number,
  level: NoiseLevel,
): Objective {
  const { height, width, channels } = problem.observed, { sigma } = level;
  const drawNoise = noiseSource(problem.observed, level);
  const { model, apply: through } = imageInputNetwork(problem, architecture, seed);
  const observed = constantOf(problem.observed), inRange = constantOf(unclipped(problem.observed));
  const noiseScale = createNoiseScale();
  return {
    model,
    // The order of the noise does not matter; in channels-first order it needs no transposition.
    inputs: { noise: [1, channels, height, width], noiseScale: [] },
    draw(random) {
      return { noise: drawNoise(random, sigma), noiseScale: noiseScale.value };
    },
    observeDivergence: noiseScale.update,
    state: noiseScale.state,
    restoreState: noiseScale.restoreState,
    evaluate(inputs) {
      const noise = inputs["noise"]!.transpose([0, 2, 3, 1]), added = noise.mul(inRange);
      const output = through(observed.add(noise.mul(ALPHA)));
      const target = observed.sub(added.mul(inputs["noiseScale"]!.div(ALPHA)));
      return {
        loss: problem.misfit(output, target),
        misfit: problem.misfit(output, observed),
        divergence: output.sub(observed).mul(added).mean().div(ALPHA * sigma ** 2) as tf.Scalar,
        output,
      };
    },
    dispose() {
      tf.dispose([observed, inRange]);
      model.dispose();
    },
  };
}
