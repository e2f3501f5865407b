// Pictures as constants of a training step, kept in the engine's own layout.
import { tf } from "../engine/mod.ts";
import type { Image } from "../image/mod.ts";

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
