// A loss, its output and the gradients of all parameters, natively or on tfjs's cpu backend.
import { compile, type ConvolutionPath, type StepFunction, tf } from "../../lib/engine/mod.ts";
import { type Network, variablesOf } from "../../lib/network/mod.ts";
import { random } from "../../lib/random/mod.ts";

/** Tensors by name: `output`, and the gradient of each parameter by the parameter's. */
export type Gradients = Readonly<Record<string, Float32Array>>;

/** ‖values‖. */
const norm = (values: ArrayLike<number>): number =>
  Math.sqrt(Float64Array.from(values).reduce((sum, v) => sum + v ** 2, 0));

/** ‖a - b‖. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  return norm(Float64Array.from(a, (v, i) => v - b[i]!));
}

/**
 * ‖a - b‖ / ‖b‖ of the outputs, and the largest of the gradients. A parameter whose gradient is below a
 * millionth of the whole in both does not count: that of a shift between two norms with nothing but a
 * convolution between them is truly 0, and computed as rounding.
 */
export function distances(a: Gradients, b: Gradients): { output: number; gradient: number } {
  const { output: x, ...gradients } = a, { output: y, ...expected } = b;
  const nothing = 1e-6 * norm(Object.values(expected).map(norm));
  const relative = Object.entries(gradients).map(([name, gradient]) => {
    const size = norm(expected[name]!);
    return Math.max(size, norm(gradient)) < nothing
      ? 0
      : distance(gradient, expected[name]!) / size;
  });
  return { output: distance(x!, y!) / norm(y!), gradient: Math.max(...relative) };
}

/**
 * Gives the batch norms of a network weights of no special value: at their initial ones, without a
 * shift, the gradient by a scale before another norm is 0.
 */
export function unsettleBatchNorms({ model }: Network): void {
  const stream = random(3);
  tf.tidy(() =>
    model.setWeights(model.weights.map((weight, i) => {
      const values = Float32Array.from(weight.read().dataSync());
      if (weight.originalName.endsWith("/gamma")) stream.fillUniform(values, 0.5, 1.5);
      if (model.weights[i - 1]?.originalName.endsWith("/gamma")) {
        stream.fillUniform(values, -0.5, 0.5);
      }
      return tf.tensor(values, weight.shape as number[]);
    }))
  );
}

/** The network's step on its own input, against a target of uniform random numbers. */
function gradientStep({ model, input }: Network): StepFunction {
  const shape = model.outputs[0]!.shape.slice(1) as number[];
  const target = new Float32Array(shape.reduce((a, b) => a * b));
  random(2).fillUniform(target, 0, 1);
  const variables = variablesOf(model);
  return () => {
    let output!: tf.Tensor;
    const { grads } = tf.variableGrads(() => {
      output = tf.keep(model.apply(tf.tensor(input.values, [...input.shape])) as tf.Tensor);
      return output.sub(tf.tensor(target, [1, ...shape])).square().mean();
    }, variables);
    // A bias that a norm takes away again is not read, and has no gradient.
    const used = variables.filter(({ name }) => grads[name]);
    return { output, ...Object.fromEntries(used.map(({ name }) => [name, grads[name]!])) };
  };
}

/** Computes them natively. */
export async function nativeGradients(
  network: Network,
  convolutions: ConvolutionPath = "direct",
): Promise<Gradients> {
  const step = await compile(gradientStep(network), { inputs: {}, convolutions });
  try {
    return (await step.run({})).outputs;
  } finally {
    step.dispose();
  }
}

/** Computes them on tfjs's cpu backend. */
export function eagerGradients(network: Network): Gradients {
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(gradientStep(network)({})).map((
        [name, tensor],
      ) => [name, tensor.dataSync<"float32">()]),
    )
  );
}
