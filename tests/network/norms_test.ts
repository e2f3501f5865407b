// Batch norm with a bounded slope, against its formula in float64 and against batch norm without.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { TrainingBatchNorm } from "../../lib/network/mod.ts";
import { normals, relativeError } from "../engine/_agreement.ts";

const shape = [1, 4, 6, 3], pixels = 24;
const x = normals(shape, 1).map((value, i) => value * [0.2, 1, 3][i % 3]!);
const gamma = [0.5, -2, 1], beta = [0.1, -0.2, 0.3];
const LAMBDA = 1.2;

/** |γ| / √(var + ε) of each channel. */
const slopes = gamma.map((g, c) => {
  const values = Array.from({ length: pixels }, (_, i) => x[3 * i + c]!);
  const mean = values.reduce((a, b) => a + b) / pixels;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / pixels;
  return { mean, slope: g / Math.sqrt(variance + 1e-5) };
});
/** What a slope is divided by. */
const divisors = slopes.map(({ slope }) => Math.max(1, Math.abs(slope) / LAMBDA));

function layerOf(lipschitz: number, gamma: readonly number[]): TrainingBatchNorm {
  const layer = new TrainingBatchNorm({ lipschitz });
  layer.apply(tf.input({ shape: shape.slice(1) }));
  layer.setWeights([tf.tensor1d([...gamma]), tf.tensor1d(beta)]);
  return layer;
}

/** The output, and the gradients of an uneven score by x, γ and β. */
function results(lipschitz: number, gamma: readonly number[]) {
  const layer = layerOf(lipschitz, gamma), weights = normals(shape, 2);
  const score = (x: tf.Tensor) =>
    (layer.apply(x) as tf.Tensor).mul(tf.tensor(weights, shape)).sum() as tf.Scalar;
  const variables = layer.trainableWeights.map((w) => (w as unknown as { val: tf.Variable }).val);
  return tf.tidy(() => {
    const input = tf.tensor(x, shape);
    const { grads } = tf.variableGrads(() => score(input), variables);
    return {
      y: (layer.apply(input) as tf.Tensor).dataSync<"float32">(),
      dx: tf.grad(score)(input).dataSync<"float32">(),
      dgamma: grads[variables[0]!.name]!.dataSync<"float32">(),
      dbeta: grads[variables[1]!.name]!.dataSync<"float32">(),
    };
  });
}

Deno.test("the test's slopes are above and below the bound", () => {
  assert.ok(divisors.some((d) => d > 1.1) && divisors.some((d) => d === 1));
  assert.ok(slopes.some(({ slope }) => slope < -LAMBDA), "one of them negative");
});

Deno.test("a bounded batch norm is x less its mean, by the slope cut to the bound", () => {
  const expected = Float64Array.from(x, (value, i) => {
    const { mean, slope } = slopes[i % 3]!;
    return (value - mean) * Math.max(-LAMBDA, Math.min(LAMBDA, slope)) + beta[i % 3]!;
  });
  assert.ok(relativeError(results(LAMBDA, gamma).y, expected) < 1e-6);
});

Deno.test("the gradient of a bounded batch norm treats the divisor as a constant", () => {
  const bounded = results(LAMBDA, gamma);
  const divided = results(0, gamma.map((g, c) => g / divisors[c]!));
  assert.ok(relativeError(bounded.dx, divided.dx) < 1e-5);
  assert.ok(relativeError(bounded.dbeta, divided.dbeta) < 1e-6);
  const dgamma = divided.dgamma.map((g, c) => g / divisors[c]!);
  assert.ok(relativeError(bounded.dgamma, dgamma) < 1e-5);
});

Deno.test("a bound above every slope changes nothing", () => {
  assert.deepEqual(results(1000, gamma), results(0, gamma));
});
