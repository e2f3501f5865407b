// Joins many tensors to one flat vector and splits it again, for arithmetic on all parameters at once.
import { registerCpuKernel } from "./cpu_kernel.ts";
import { tf } from "./tfjs.ts";

/** Kernel behind {@linkcode flatten}. */
export const FLATTEN_KERNEL = "Flatten";
/** Kernel behind {@linkcode unflatten}. */
export const UNFLATTEN_KERNEL = "Unflatten";

/**
 * Joins tensors to one vector.
 *
 * The order of the elements is the engine's storage order. It is fixed for a list of shapes, but not necessarily
 * row-major. So use the vector only for element-wise arithmetic between vectors flattened from equal lists of shapes,
 * and split it with {@linkcode unflatten}.
 *
 * @param tensors Float32 tensors of any shapes.
 * @returns A vector with all their elements.
 *
 * @example Scale two tensors at once
 * ```ts
 * import { flatten, tf, unflatten } from "./mod.ts";
 * import assert from "node:assert/strict";
 * const [a, b] = [tf.tensor2d([[1, 2]]), tf.scalar(3)];
 * const [, tripled] = unflatten(flatten([a, b]).mul(3), [[1, 2], []]);
 * assert.deepEqual([...tripled!.dataSync()], [9]);
 * ```
 */
export function flatten(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  return tf.engine().runKernel(
    FLATTEN_KERNEL,
    tensors as unknown as tf.NamedTensorMap,
  ) as tf.Tensor1D;
}

/**
 * Splits a vector that {@linkcode flatten} joined.
 *
 * @param vector The vector.
 * @param shapes The shapes of the tensors it was joined from, in the same order.
 * @returns Tensors of these shapes.
 */
export function unflatten(
  vector: tf.Tensor1D,
  shapes: readonly (readonly number[])[],
): tf.Tensor[] {
  return tf.engine().runKernel(
    UNFLATTEN_KERNEL,
    { vector },
    { shapes: shapes as number[][] },
  ) as unknown as tf.Tensor[];
}

registerCpuKernel(FLATTEN_KERNEL, (inputs, _attrs, values) => {
  const parts = Object.values(inputs).map((tensor) => values(tensor!));
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return { shape: [joined.length], values: joined };
});

registerCpuKernel(UNFLATTEN_KERNEL, (inputs, attrs, values) => {
  const joined = values(inputs["vector"]!);
  let at = 0;
  return (attrs["shapes"] as number[][]).map((shape) => {
    const start = at;
    at += tf.util.sizeFromShape(shape);
    return { shape, values: joined.slice(start, at) };
  });
});
