// What was observed of a picture, and how an output is compared with it.
import type { tf } from "../engine/mod.ts";
import type { Image } from "../image/mod.ts";

/** A degraded picture and the model of how it came about. */
export interface Degradation {
  /** The restoration that undoes it, such as `denoising`. */
  readonly task: string;
  /** The degraded picture. */
  readonly observed: Image;
  /**
   * The data term; part of a traced step.
   *
   * @param output A network's output, `[1, height, width, channels]`, values in [0, 1].
   * @param observed The degraded picture, `[1, height, width, channels]`.
   * @param counted 1 for each sample of the degraded picture that counts, 0 for one that does not; of its
   * shape. All count if it is left out.
   * @returns A scalar: a mean over the samples that count, in squared units of the picture's range [0, 1].
   */
  misfit(output: tf.Tensor, observed: tf.Tensor, counted?: tf.Tensor): tf.Scalar;
}
