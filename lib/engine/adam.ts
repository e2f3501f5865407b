// Adam (Kingma & Ba 2015) on all parameters at once; its step size is an input of the graph.
import { flatten, unflatten } from "./packing.ts";
import { tf } from "./tfjs.ts";

const BETA1 = 0.9, BETA2 = 0.999, EPSILON = 1e-8;

/** Adam's moments for a list of variables. */
export interface Adam {
  /** The moments, flat; not trainable. */
  readonly moments: readonly [tf.Variable, tf.Variable];
  /**
   * Updates the variables; part of a traced step.
   *
   * @param grads The gradient of each variable.
   * @param rate The step size with both bias corrections, {@linkcode adamScalars}' `rate`.
   * @param epsilon ε with its bias correction, {@linkcode adamScalars}' `epsilon`.
   */
  update(grads: readonly tf.Tensor[], rate: tf.Tensor, epsilon: tf.Tensor): void;
  dispose(): void;
}

/**
 * Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
 *
 * @param variables The parameters.
 * @returns The optimiser with zero moments.
 *
 * @example Fit a line
 * ```ts
 * import { adam, adamScalars, compile, tf } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const slope = tf.variable(tf.scalar(0)), optimiser = adam([slope]);
 * const step = await compile(({ x, rate, epsilon }) => {
 *   const { value, grads } = tf.variableGrads(() => slope.mul(x!).sub(x!.mul(3)).square().mean());
 *   optimiser.update([grads[slope.name]!], rate!, epsilon!);
 *   return { loss: value };
 * }, { inputs: { x: [4], rate: [], epsilon: [] } });
 *
 * const x = Float32Array.of(-1, 0, 1, 2);
 * for (let i = 0; i < 300; i++) await step.run({ x, ...adamScalars(0.1, i) });
 * await step.sync();
 * assert.ok(Math.abs(slope.dataSync()[0]! - 3) < 1e-2);
 * step.dispose();
 * ```
 */
export function adam(variables: readonly tf.Variable[]): Adam {
  const shapes = variables.map(({ shape }) => shape);
  const size = variables.reduce((sum, variable) => sum + variable.size, 0);
  const zeros = () => tf.tidy(() => tf.variable(tf.zeros([size]), false));
  const first = zeros(), second = zeros();
  return {
    moments: [first, second],
    update(grads, rate, epsilon) {
      const g = flatten(grads);
      const m = first.mul(BETA1).add(g.mul(1 - BETA1));
      const v = second.mul(BETA2).add(g.square().mul(1 - BETA2));
      first.assign(m as tf.Tensor1D);
      second.assign(v as tf.Tensor1D);
      const change = m.div(v.sqrt().add(epsilon)).mul(rate);
      const updated = unflatten(flatten(variables).sub(change) as tf.Tensor1D, shapes);
      variables.forEach((variable, i) => variable.assign(updated[i]!));
    },
    dispose() {
      first.dispose();
      second.dispose();
    },
  };
}

/**
 * The scalars of one update: m̂/(√v̂ + ε)·α = m/(√v + ε√c₂) · α√c₂/c₁, with c = 1 - βᵗ.
 *
 * @param learningRate α.
 * @param updates The number of updates done before.
 * @returns The arguments of {@linkcode Adam.update}.
 */
export function adamScalars(
  learningRate: number,
  updates: number,
): { rate: number; epsilon: number } {
  const c1 = 1 - BETA1 ** (updates + 1), c2 = Math.sqrt(1 - BETA2 ** (updates + 1));
  return { rate: learningRate * c2 / c1, epsilon: EPSILON * c2 };
}
