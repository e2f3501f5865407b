// The forward operator of a problem, derived from its data term on tfjs's cpu backend.
import assert from "node:assert/strict";
import type { Degradation } from "../../lib/degradation/mod.ts";
import { tf } from "../../lib/engine/mod.ts";
import { createImage, type Image } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";

/** A picture of independent samples, evenly distributed over [0, 1]. */
export function chance(height: number, width: number, channels: 1 | 3, seed: number): Image {
  const { uniform } = random(seed);
  const data = Float32Array.from({ length: height * width * channels }, () => uniform());
  return createImage({ height, width, channels, data });
}

/** A picture as the tensor `[1, height, width, channels]`. */
export const tensorOf = ({ height, width, channels, data }: Image): tf.Tensor =>
  tf.tensor(data, [1, height, width, channels]);

/** The data term of an output. */
export const misfitOf = (
  problem: Degradation,
  output: Image,
  observed: Image = problem.observed,
  counted?: Image,
): number =>
  tf.tidy(() =>
    problem.misfit(tensorOf(output), tensorOf(observed), counted && tensorOf(counted))
      .dataSync()[0]!
  );

/** The data term's gradients. */
export function gradientsOf(
  problem: Degradation,
  output: Image,
  observed: Image,
): { output: Float32Array; observed: Float32Array } {
  return tf.tidy(() => {
    const of = tf.grads((x, y) => problem.misfit(x, y));
    const [x, y] = of([tensorOf(output), tensorOf(observed)]) as [tf.Tensor, tf.Tensor];
    return { output: x.dataSync<"float32">(), observed: y.dataSync<"float32">() };
  });
}

/** An image of zeros like another. */
export const zerosLike = (image: Image): Image => ({
  ...image,
  data: new Float32Array(image.data.length),
});

/**
 * What a linear operator A makes of a picture, where the data term is the mean of (A x - y)² over `count`
 * samples: its gradient by y at y = 0 is -2 A x / count.
 */
export function applied(problem: Degradation, x: Image, count: number): Float64Array {
  const { observed } = gradientsOf(problem, x, zerosLike(problem.observed));
  return Float64Array.from(observed, (value) => -value * count / 2);
}

/** What the transposed operator makes of an observation: the gradient by x at x = 0 is -2 A'y / count. */
export function transposed(problem: Degradation, y: Image, count: number): Float64Array {
  const { output } = gradientsOf(problem, zerosLike(problem.initialEstimate), y);
  return Float64Array.from(output, (value) => -value * count / 2);
}

/** The inner product. */
export const inner = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** Asserts that two lists are the same but for single precision, relative to the largest value. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-5,
): void {
  assert.equal(actual.length, expected.length);
  let scale = 1e-3;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]!));
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!);
    assert.ok(error <= tolerance * scale, `${actual[i]} instead of ${expected[i]} at ${i}`);
  }
}
