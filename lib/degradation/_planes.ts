// Linear operators on each channel of a picture, as tfjs computes them.
import { tf } from "../engine/mod.ts";

type Sides4 = [number, number, number, number];

/** `[1, H, W, C]` as `[C, H, W]`; in the engine's own layout this needs no work. */
const planes = (x: tf.Tensor): tf.Tensor => {
  const [, height, width, channels] = x.shape as Sides4;
  return x.transpose([0, 3, 1, 2]).reshape([channels, height, width]);
};

const picture = (x: tf.Tensor): tf.Tensor => {
  const [channels, height, width] = x.shape as [number, number, number];
  return x.reshape([1, channels, height, width]).transpose([0, 2, 3, 1]);
};

/**
 * `R X Cᵀ` of each channel X; part of a traced step.
 *
 * @param x `[1, H, W, C]`.
 * @param rows `[h, H]`, row-major.
 * @param columns `[w, W]`, row-major.
 * @returns `[1, h, w, C]`.
 */
export function separable(x: tf.Tensor, rows: Float32Array, columns: Float32Array): tf.Tensor {
  const [, height, width] = x.shape as Sides4;
  const left = tf.tensor(rows, [1, rows.length / height, height]);
  const right = tf.tensor(columns, [1, columns.length / width, width]);
  return picture(tf.matMul(tf.matMul(left, planes(x)), right, false, true));
}

/**
 * Correlation of each channel with filters; part of a traced step.
 *
 * @param x `[1, H, W, C]`.
 * @param filters `[rows, columns, 1, count]`, row-major.
 * @param shape The shape of `filters`.
 * @param strides The step between positions, down and across, in pixels.
 * @returns `[C, h, w, count]`, at every position where the filters fit.
 */
export function correlated(
  x: tf.Tensor,
  filters: Float32Array,
  shape: [number, number, 1, number],
  strides: [number, number],
): tf.Tensor4D {
  const [, height, width, channels] = x.shape as Sides4;
  const batch = planes(x).reshape([channels, height, width, 1]) as tf.Tensor4D;
  return tf.conv2d(batch, tf.tensor4d(filters, shape), strides, "valid");
}
