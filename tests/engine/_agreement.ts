// Runs a step natively and eagerly on tfjs's cpu backend, to compare the two.
import assert from "node:assert/strict";
import { compile, type ConvolutionPath, type StepFunction, tf } from "../../lib/engine/mod.ts";
import { random } from "../../lib/random/mod.ts";

/** The largest |a - b| relative to the largest |b|. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  let error = 0, scale = 1e-20;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= Infinity)) return NaN;
    error = Math.max(error, difference);
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return error / scale;
}

/**
 * Asserts that values are the same: infinities and NaN in the same places, all else to within `relative` of
 * the largest finite value.
 */
export function assertSame(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
): void {
  assert.equal(actual.length, expected.length, "as many values");
  const values = Array.from(expected);
  const scale = Math.max(0, ...values.map(Math.abs).filter(Number.isFinite));
  const at = values.findIndex((value, i) =>
    Number.isFinite(value)
      ? !(Math.abs(actual[i]! - value) <= relative * scale)
      : !Object.is(actual[i], value)
  );
  assert.ok(at < 0, `value ${at} is ${actual[at]}, not ${expected[at]}`);
}

/** Normally distributed values of a shape. */
export function normals(shape: readonly number[], seed: number): Float32Array {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  random(seed).fillNormal(values, 1);
  return values;
}

/** Every output of one run of `step` on normal inputs, natively and eagerly. */
export async function bothWays(
  step: StepFunction,
  shapes: Record<string, readonly number[]>,
  convolutions: ConvolutionPath = "direct",
): Promise<Record<string, { native: Float32Array; eager: Float32Array }>> {
  const feeds = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], i) => [name, normals(shape, 100 + i)]),
  );
  const compiled = await compile(step, { inputs: shapes, convolutions, threads: 1 });
  try {
    const { outputs: native } = await compiled.run(feeds);
    const eager: Record<string, Float32Array> = {};
    tf.tidy(() => {
      const inputs = Object.fromEntries(
        Object.entries(feeds).map((
          [name, values],
        ) => [name, tf.tensor(values, [...shapes[name]!])]),
      );
      for (const [name, tensor] of Object.entries(step(inputs))) {
        eager[name] = Float32Array.from(tensor.dataSync());
      }
    });
    return Object.fromEntries(
      Object.keys(eager).map((name) => [name, { native: native[name]!, eager: eager[name]! }]),
    );
  } finally {
    compiled.dispose();
  }
}

/** The largest relative error over all outputs of {@linkcode bothWays}. */
export async function disagreement(
  step: StepFunction,
  shapes: Record<string, readonly number[]>,
  convolutions: ConvolutionPath = "direct",
): Promise<number> {
  const outputs = Object.values(await bothWays(step, shapes, convolutions));
  return Math.max(...outputs.map(({ native, eager }) => relativeError(native, eager)));
}

/** A step that returns a function's value and its gradients, weighted unevenly so that no term hides. */
export function withGradients(
  f: (...inputs: tf.Tensor[]) => tf.Tensor,
): StepFunction {
  return (inputs) => {
    const names = Object.keys(inputs);
    const scored = (...tensors: tf.Tensor[]) => {
      const y = f(...tensors);
      const weights = tf.tensor(
        Float32Array.from({ length: y.size }, (_, i) => 1 + 0.5 * Math.sin(1 + 0.7 * i)),
        y.shape,
      );
      return y.mul(weights).sum() as tf.Scalar;
    };
    const grads = tf.grads(scored)(names.map((name) => inputs[name]!));
    return {
      value: f(...names.map((name) => inputs[name]!)),
      ...Object.fromEntries(grads.map((grad, i) => [`d${names[i]}`, grad])),
    };
  };
}
