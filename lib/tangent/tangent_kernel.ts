// The tangent kernel of a network, which describes how a step of gradient descent changes its output.
import { compile, tf } from "../engine/mod.ts";
import { type Network, variablesOf } from "../network/mod.ts";

/** Options of {@linkcode tangentKernel}. */
export interface TangentKernelOptions {
  /** @default {navigator.hardwareConcurrency} */
  threads?: number;
}

/** A network's tangent kernel at its current weights. */
export interface TangentKernel {
  /** The output f at these weights, `[height, width, channels]`. */
  readonly output: Float32Array;
  /** The number of output values, N. */
  readonly size: number;
  /** The kernel Θ = J Jᵀ, `[N, N]`, row-major; J is the derivative of the output with respect to the weights. */
  readonly kernel: Float32Array;
}

/** The most elements of the derivative J: 1.6 GB, and as much again while the kernel is computed. */
const MOST = 4e8;

/**
 * Computes a network's tangent kernel Θ = J Jᵀ (Jacot et al. 2018) from the derivative J of every output value with
 * respect to every weight. A small step of gradient descent on the mean squared error changes the output by `-2 η / N
 * Θ (f - y)`.
 *
 * It needs one gradient for every output value, so the picture must be small: 32x32 grey takes seconds.
 *
 * @param network A built network, weights and input.
 * @param options Threads.
 * @returns The kernel and the output.
 * @throws {RangeError} If the product of output values and weights is too large.
 *
 * @example It is symmetric and positive semidefinite
 * ```ts
 * import { deepDecoder } from "../network/mod.ts";
 * import assert from "node:assert/strict";
 *
 * const network = deepDecoder({ channels: 4, scales: 1 })
 *   .build({ height: 4, width: 4, channels: 1 }, 1);
 * const { kernel, size } = await tangentKernel(network, { threads: 1 });
 * assert.equal(size, 16);
 * assert.ok(Math.abs(kernel[1]! - kernel[16]!) < 1e-5 && kernel[0]! > 0);
 * network.model.dispose();
 * ```
 */
export async function tangentKernel(
  { model, input }: Network,
  options: TangentKernelOptions = {},
): Promise<TangentKernel> {
  const { threads = navigator.hardwareConcurrency } = options;
  const variables = variablesOf(model);
  const shape = model.outputShape.slice(1) as number[];
  const size = shape.reduce((a, b) => a * b);
  const weights = variables.reduce((sum, variable) => sum + variable.size, 0);
  if (size * weights > MOST) {
    throw new RangeError(
      `\`network\` has ${weights} weights and an output of ${size} numbers: take a smaller picture`,
    );
  }
  const z = tf.tensor(input.values, [...input.shape]);
  const outputOf = () => (model.apply(z) as tf.Tensor).reshape([size]);
  const pulling = await compile(({ v }) => {
    const { grads } = tf.variableGrads(() => tf.sum(outputOf().mul(v!)) as tf.Scalar, variables);
    // A bias that a norm subtracts has no gradient.
    const flat = variables.map(({ name, size }) =>
      grads[name]?.reshape([size]) ?? tf.zeros([size])
    );
    // The output is the same computation as in the gradient, so it is recorded once.
    return { output: outputOf(), gradient: tf.concat(flat) };
  }, { inputs: { v: [size] }, threads });
  const J = new Float32Array(size * weights), v = new Float32Array(size);
  let output!: Float32Array;
  for (let i = 0; i < size; i++) {
    v.fill(0);
    v[i] = 1;
    const { outputs } = await pulling.run({ v });
    J.set(outputs["gradient"]!, i * weights);
    output = outputs["output"]!;
  }
  await pulling.dispose();
  z.dispose();
  const product = await compile(({ J }) => ({
    kernel: tf.matMul(J as tf.Tensor2D, J as tf.Tensor2D, false, true),
  }), { inputs: { J: [size, weights] }, threads });
  const { outputs } = await product.run({ J });
  await product.dispose();
  return { output, size, kernel: outputs["kernel"]! };
}
