// What a run minimises, and what it feeds the network: the interface of the objectives, and what they share.
import { type Feed, tf } from "../engine/mod.ts";
import type { Image } from "../image/mod.ts";
import type { Random } from "../random/mod.ts";

/**
 * What the deep image prior's network is given: `random` numbers, as it was published, or the picture
 * before the restoration, the problem's `start`.
 */
export type InputName = "random" | "start";

/** What an objective computes of one iteration; tensors of a traced step. */
export interface Evaluation {
  /** The scalar to be minimised. */
  readonly loss: tf.Scalar;
  /** The data term alone: how far the output is from what was observed. */
  readonly misfit: tf.Scalar;
  /** The divergence of the network per sample, as far as the objective knows it: the noise's gain. */
  readonly divergence?: tf.Scalar;
  /** The network's output, `[1, height, width, channels]`. */
  readonly output: tf.Tensor;
}

/** An objective, set up for one picture and network. */
export interface Objective {
  /** The network's parameters. */
  readonly model: tf.LayersModel;
  /** The shape of each random input of the step. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** Draws the random inputs of the next iteration. */
  draw(random: Random): Record<string, Feed>;
  /** Takes the divergence of an iteration into account in what is drawn afterwards. */
  see?(divergence: number): void;
  /** A copy of its state as plain data, for a checkpoint; left out if it has none. */
  state?(): unknown;
  restoreState?(state: unknown): void;
  /** Evaluates the objective; part of a traced step. */
  evaluate(inputs: Readonly<Record<string, tf.Tensor>>): Evaluation;
  /**
   * The data term of a picture over the samples that were held out of the loss, if there are some; part
   * of a traced step.
   */
  readonly heldOut?: (picture: tf.Tensor) => tf.Scalar;
  /** For an objective whose steps see a part of the picture each: how the whole comes of them. */
  readonly whole?: Whole;
  /** Frees the model and the constants. */
  dispose(): void;
}

/** The whole picture of an objective whose steps see a part of it each. */
export interface Whole {
  /**
   * Takes a step's output into the picture so far.
   *
   * @param inputs What `draw` gave for the step.
   * @param output The step's output.
   */
  add(inputs: Readonly<Record<string, Feed>>, output: Float32Array): void;
  /** A copy of the picture so far. */
  image(): Image;
  /** Its state as plain data, not copied. */
  state(): unknown;
  restoreState(state: unknown): void;
}

/** A picture as a variable that no step changes, `[1, height, width, channels]`. */
export function constantOf({ height, width, channels, data }: Image): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(data, [1, height, width, channels]), false));
}

/**
 * 1 where a picture is within its range, 0 where it is at an end of it.
 *
 * Noise that would have left the range was cut off there, and is no longer Gaussian: an estimate of
 * the risk that takes it for Gaussian has a lower value at a wrong picture.
 */
export function unclipped(image: Image): Image {
  return { ...image, data: image.data.map((value) => value > 0 && value < 1 ? 1 : 0) };
}
