// Predicts gradient descent under the assumption that the tangent kernel stays constant.
import { check } from "../check.ts";
import { compile, tf } from "../engine/mod.ts";
import { times } from "./_times.ts";
import type { TangentKernel } from "./tangent_kernel.ts";

/** Options of {@linkcode predictedDescent}. */
export interface PredictedDescentOptions {
  /** The target of the training, as long as the output. */
  target: Float32Array;
  /**
   * The rate `2 η / N` by which the kernel is multiplied in every step; η is the step size for the mean squared
   * error.
   */
  rate: number;
  /** The iterations whose outputs are returned, ascending; 0 is the initial output. */
  at: readonly number[];
  /** @default {navigator.hardwareConcurrency} */
  threads?: number;
}

/**
 * The outputs of gradient descent on the mean squared error with the kernel held constant:
 * `f(t) = y + (I - rate · Θ)^t (f(0) - y)`, by repeated squaring of the matrix. Nothing is trained.
 *
 * @param tangent The initial kernel and output.
 * @param options The target, the rate and the iterations.
 * @returns The output at each of the iterations.
 * @throws {RangeError} If the target has another length, or the iterations are not ascending.
 *
 * @example With the kernel 1, a step of rate 1/2 halves the error of a single number
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const tangent = { kernel: Float32Array.of(1), output: Float32Array.of(0), size: 1 };
 * const outputs = await predictedDescent(tangent, {
 *   target: Float32Array.of(1), rate: 0.5, at: [0, 1, 3], threads: 1,
 * });
 * assert.deepEqual(outputs.map(([value]) => value), [0, 0.5, 0.875]);
 * ```
 */
export async function predictedDescent(
  { kernel, output, size }: TangentKernel,
  options: PredictedDescentOptions,
): Promise<Float32Array[]> {
  const { target, rate, at, threads = navigator.hardwareConcurrency } = options;
  if (target.length !== size) {
    throw new RangeError(`\`target\` has ${target.length} numbers, the output ${size}`);
  }
  check(
    at.every((iteration, i) => Number.isInteger(iteration) && iteration >= (at[i - 1] ?? 0)),
    "at",
    at,
    "whole numbers from 0 that rise",
  );
  const squaring = await compile(({ A }) => ({
    square: tf.matMul(A as tf.Tensor2D, A as tf.Tensor2D),
  }), { inputs: { A: [size, size] }, threads });
  try {
    let power = kernel.map((value, i) => (i % (size + 1) === 0 ? 1 : 0) - rate * value);
    const errors: ArrayLike<number>[] = at.map(() =>
      Float64Array.from(output, (value, i) => value - target[i]!)
    );
    const most = Math.max(0, ...at);
    for (let bit = 0; 2 ** bit <= most; bit++) {
      if (bit > 0) {
        power = (await squaring.run({ A: power })).outputs["square"]! as Float32Array<ArrayBuffer>;
      }
      at.forEach((iteration, i) => {
        if (Math.floor(iteration / 2 ** bit) % 2 === 1) errors[i] = times(power, errors[i]!);
      });
    }
    return errors.map((error) => Float32Array.from(error, (value, i) => value + target[i]!));
  } finally {
    await squaring.dispose();
  }
}
