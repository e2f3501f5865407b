// A network trained by plain gradient descent, for which the tangent kernel makes predictions.
import { compile, tf } from "../engine/mod.ts";
import { type Network, variablesOf } from "../network/mod.ts";
import type { PredictedDescentOptions } from "./predicted_descent.ts";

/**
 * The outputs of gradient descent on the mean squared error, without momentum, which {@linkcode predictedDescent}
 * predicts. The model's own weights are not changed.
 *
 * @param network A built network, weights and input.
 * @param options The target, the rate and the iterations, as for the prediction.
 * @returns The output at each of the iterations.
 *
 * @example The output approaches its target
 * ```ts
 * import { deepDecoder } from "../network/mod.ts";
 * import assert from "node:assert/strict";
 *
 * const network = deepDecoder({ channels: 4, scales: 1 })
 *   .build({ height: 4, width: 4, channels: 1 }, 1);
 * const target = new Float32Array(16).fill(1);
 * const [first, last] = await gradientDescent(network, { target, rate: 0.1, at: [0, 30], threads: 1 });
 * const error = (output: Float32Array) => output.reduce((sum, value) => sum + (value - 1) ** 2, 0);
 * assert.ok(error(last!) < error(first!));
 * network.model.dispose();
 * ```
 */
export async function gradientDescent(
  { model, input }: Network,
  options: PredictedDescentOptions,
): Promise<Float32Array[]> {
  const { target, rate, at, threads = navigator.hardwareConcurrency } = options;
  const variables = variablesOf(model), z = tf.tensor(input.values, [...input.shape]);
  const outputOf = () => (model.apply(z) as tf.Tensor).reshape([target.length]);
  const step = await compile(({ y, rate }) => {
    // Half the squared error: its gradient times `rate` is that of the mean squared error times η.
    const { grads } = tf.variableGrads(
      () => outputOf().sub(y!).square().sum().div(2) as tf.Scalar,
      variables,
    );
    // This is the same computation as in the gradient, so it is recorded once.
    const output = outputOf();
    for (const variable of variables) {
      const gradient = grads[variable.name];
      if (gradient) variable.assign(variable.sub(gradient.mul(rate!)));
    }
    return { output };
  }, { inputs: { y: [target.length], rate: [] }, threads });
  try {
    const outputs: Float32Array[] = [];
    for (let i = 0, next = 0; next < at.length; i++) {
      const isWanted = at[next] === i;
      const { outputs: { output } } = await step.run(
        { y: target, rate },
        isWanted ? ["output"] : [],
      );
      while (at[next] === i) {
        outputs.push(output!);
        next++;
      }
    }
    return outputs;
  } finally {
    await step.dispose();
    z.dispose();
  }
}
