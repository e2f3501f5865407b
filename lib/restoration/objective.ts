// The interface of the objectives: the loss of one iteration and its random inputs; and what they share.
import { type Feed, tf } from "../engine/mod.ts";
import type { Image } from "../image/mod.ts";
import type { Random } from "../random/mod.ts";

/**
 * The input of the deep image prior's network: `random` numbers, as published, or the problem's initial estimate
 * (`start`).
 */
export type InputName = "random" | "start";

/** The values that an objective computes in one iteration; tensors of a traced step. */
export interface Evaluation {
  /** The scalar to be minimised. */
  readonly loss: tf.Scalar;
  /** The data term alone: how far the output is from what was observed. */
  readonly misfit: tf.Scalar;
  /** The divergence of the network per sample, which is the noise's gain, if the objective computes it. */
  readonly divergence?: tf.Scalar;
  /** The network's output, `[1, height, width, channels]`. */
  readonly output: tf.Tensor;
}

/** An objective for one picture and network. */
export interface Objective {
  /** The network's parameters. */
  readonly model: tf.LayersModel;
  /** The shape of each random input of the step. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** Draws the random inputs of the next iteration. */
  draw(random: Random): Record<string, Feed>;
  /** Takes the divergence of an iteration into account for the following draws. */
  observeDivergence?(divergence: number): void;
  /** A copy of the state as plain data, for a checkpoint; left out if there is no state. */
  state?(): unknown;
  restoreState?(state: unknown): void;
  /** Evaluates the objective; part of a traced step. */
  evaluate(inputs: Readonly<Record<string, tf.Tensor>>): Evaluation;
  /**
   * The data term of a picture over the samples held out of the loss, if there are any; part of a traced step.
   */
  readonly heldOut?: (picture: tf.Tensor) => tf.Scalar;
  /** For an objective whose steps use a part of the picture each: it assembles the whole picture. */
  readonly whole?: Whole;
  /** Frees the model and the constants. */
  dispose(): void;
}

/** Assembles the whole picture from steps that use a part of it each. */
export interface Whole {
  /**
   * Adds a step's output to the picture so far.
   *
   * @param inputs The inputs that `draw` returned for the step.
   * @param output The step's output.
   */
  add(inputs: Readonly<Record<string, Feed>>, output: Float32Array): void;
  /** A copy of the picture so far. */
  image(): Image;
  /** The state as plain data, not copied. */
  state(): unknown;
  restoreState(state: unknown): void;
}

/** A picture as a constant of a traced step, `[1, height, width, channels]`: a variable that no step assigns. */
export function constantOf({ height, width, channels, data }: Image): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(data, [1, height, width, channels]), false));
}

/**
 * 1 where a sample lies within (0, 1), 0 where it is at an end.
 *
 * There the noise may have been clipped, and is not Gaussian: a risk estimate that takes it for Gaussian is biased
 * towards a wrong picture.
 */
export function unclipped(image: Image): Image {
  return { ...image, data: image.data.map((value) => value > 0 && value < 1 ? 1 : 0) };
}
