// Fills holes with a network that reads the picture: known pixels are hidden from it, and it is trained to predict
// them.
import type { Degradation } from "../degradation/mod.ts";
import { tf } from "../engine/mod.ts";
import { createImage } from "../image/mod.ts";
import type { Architecture } from "../network/mod.ts";
import { constantOf, type Objective } from "./objective.ts";
import { imageInputNetwork } from "./image_input_network.ts";

/**
 * The largest part of the known pixels that is hidden at once. All holes moved at once could leave too few pixels.
 */
const MOST = 0.3;

/** The weight in the loss of a pixel that is not hidden; a hidden one has weight 1. */
const SEEN = 0.3;

/**
 * min over θ of misfit(f_θ(g(x ∘ m ∘ h) + n), x) over the known pixels, in which hidden pixels count most. g fills
 * what is not visible. h is the picture's own mask m, moved at random anew in each iteration, so that the hidden
 * regions have the shape of the holes. Without h the network could just copy its input (Self2Self, Quan et al. 2020,
 * hides random pixels to denoise).
 *
 * @param problem The problem, with `known` and `fill`.
 * @param architecture A network with a full-size input.
 * @param seed The seed of its weights.
 * @param inputNoise Standard deviation of the noise n in its input.
 * @returns The objective.
 * @throws {RangeError} If the network has no full-size input.
 */
export function maskedPixelObjective(
  problem: Degradation,
  architecture: Architecture,
  seed: number,
  inputNoise: number,
): Objective {
  const { height, width, channels } = problem.observed;
  const { model, apply: through } = imageInputNetwork(problem, architecture, seed);
  const mask = problem.known!.data.filter((_, i) => i % channels === 0);
  const observed = constantOf(problem.observed), counted = constantOf(problem.known!);
  const known = constantOf(createImage({ height, width, channels: 1, data: mask }));
  const missing = 1 - mask.reduce((sum, value) => sum + value, 0) / mask.length;
  const share = Math.min(1, MOST / Math.max(missing, 1e-6));
  return {
    model,
    // In channels-first order they need no transposition.
    inputs: { noise: [1, channels, height, width], shown: [1, 1, height, width] },
    draw(random) {
      const noise = new Float32Array(height * width * channels);
      if (inputNoise > 0) random.fillNormal(noise, inputNoise);
      const [down, across] = [height, width].map((side) => Math.floor(random.uniform() * side)) as [
        number,
        number,
      ];
      const shown = new Float32Array(mask.length).fill(1);
      for (let y = 0; y < height; y++) {
        const row = (y + down) % height * width;
        for (let x = 0; x < width; x++) {
          const isHole = mask[row + (x + across) % width] === 0;
          if (isHole && (share === 1 || random.uniform() < share)) shown[y * width + x] = 0;
        }
      }
      return { noise, shown };
    },
    evaluate(inputs) {
      const [noise, shown] = [inputs["noise"]!, inputs["shown"]!].map((x) =>
        x.transpose([0, 2, 3, 1])
      ) as [tf.Tensor, tf.Tensor];
      const output = through(problem.fill!(observed, known.mul(shown)).add(noise));
      return {
        loss: problem.misfit(output, observed, counted.mul(shown.mul(SEEN - 1).add(1))),
        misfit: problem.misfit(output, observed, counted),
        output,
      };
    },
    dispose() {
      tf.dispose([observed, counted, known]);
      model.dispose();
    },
  };
}
