// A network whose input is the noisy picture itself.
import type { Degradation } from "../degradation/mod.ts";
import type { tf } from "../engine/mod.ts";
import type { Architecture } from "../network/mod.ts";
import { cropped, type Fitting, fitting, reflected } from "./fitting.ts";

/** A network from pictures to pictures of the same size. */
export interface ImageInputNetwork {
  readonly model: tf.LayersModel;
  /** The padding of the picture. */
  readonly fit: Fitting;
  /** Applies the network to `[1, height, width, channels]`, and returns the same shape; part of a traced step. */
  apply(picture: tf.Tensor): tf.Tensor;
}

/**
 * Builds the network for a problem's picture, which is padded by reflection to the network's size and cropped again.
 *
 * @param problem The problem.
 * @param architecture The network.
 * @param seed The seed of its weights.
 * @returns The network.
 * @throws {RangeError} If the network has no full-size input.
 */
export function imageInputNetwork(
  problem: Degradation,
  architecture: Architecture,
  seed: number,
): ImageInputNetwork {
  if (!architecture.buildFromImage) {
    throw new RangeError(
      `\`network\` ${architecture.name} cannot read a picture, which the objective or input needs: take dip, or mse with random input`,
    );
  }
  const fit = fitting(problem.initialEstimate, architecture);
  const model = architecture.buildFromImage(fit.size, seed);
  const through = (x: tf.Tensor) =>
    cropped(model.apply(reflected(x, fit), { training: true }) as tf.Tensor, fit);
  return { model, fit, apply: through };
}
