// Stein's unbiased risk estimate: an objective whose minimum is not the noisy picture, so that no early stopping is
// needed.
import type { Degradation } from "../degradation/mod.ts";
import { tf } from "../engine/mod.ts";
import type { Architecture } from "../network/mod.ts";
import { constantOf, type Objective, unclipped } from "./objective.ts";
import type { NoiseLevel } from "./noise_level.ts";
import { noiseSource } from "./noise_source.ts";
import { imageInputNetwork } from "./image_input_network.ts";
import { createNoiseScale } from "./noise_scale.ts";

/** Step of the finite difference that estimates the divergence. */
const TAU = 0.01;

/** Standard deviation of the fresh noise added to the input, relative to the picture's: 'eSURE' (Jo et al. 2021). */
const INPUT_NOISE = 0.5;

/**
 * SURE for Gaussian noise of standard deviation σ (Stein 1981; Ramani et al. 2008 for the divergence):
 *
 * ‖f(y') - y‖² / N - σ² + 2σ²/N · bᵀ(f(y' + τb) - f(y')) / τ,
 *
 * with y' = y + σ/2 · n, and n and b fresh standard normal pictures. Its expectation is the mean squared error to the
 * clean picture. The network reads the picture itself, not a random input. Where the noise was clipped, small changes
 * of it do not change y, so b is 0 there.
 *
 * @param problem The noisy picture.
 * @param architecture A network with a full-size input.
 * @param seed The seed of its weights.
 * @param level The noise, white or not: n and σ b have its distribution.
 * @returns The objective.
 * @throws {RangeError} If the network has no full-size input.
 */
export function sureObjective(
  problem: Degradation,
  architecture: Architecture,
  seed: number,
  level: NoiseLevel,
): Objective {
  const { height, width, channels } = problem.observed, { sigma } = level;
  const drawNoise = noiseSource(problem.observed, level);
  const { model, apply: through } = imageInputNetwork(problem, architecture, seed);
  const observed = constantOf(problem.observed), inRange = constantOf(unclipped(problem.observed));
  const count = height * width * channels;
  const shape = [1, channels, height, width];
  const noiseScale = createNoiseScale();
  return {
    model,
    inputs: { noise: shape, probe: shape, noiseScale: [] },
    draw(random) {
      const noise = drawNoise(random, INPUT_NOISE * sigma), probe = drawNoise(random, 1);
      return { noise, probe, noiseScale: noiseScale.value };
    },
    observeDivergence: noiseScale.update,
    state: noiseScale.state,
    restoreState: noiseScale.restoreState,
    evaluate({ noise, probe, noiseScale }) {
      const direction = probe!.transpose([0, 2, 3, 1]).mul(inRange);
      const input = observed.add(noise!.transpose([0, 2, 3, 1]));
      const output = through(input);
      const moved = through(input.add(direction.mul(TAU)));
      const misfit = problem.misfit(output, observed);
      const divergence = direction.mul(moved.sub(output)).sum().div(TAU * count) as tf.Scalar;
      const penalty = divergence.mul(noiseScale!.mul(2 * sigma ** 2));
      const loss = misfit.sub(sigma ** 2).add(penalty) as tf.Scalar;
      return { loss, misfit, divergence, output };
    },
    dispose() {
      tf.dispose([observed, inRange]);
      model.dispose();
    },
  };
}
