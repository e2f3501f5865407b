// Adapts the Lipschitz bound λ during a run by the discrepancy principle, so that it need not be chosen.

/** The bound λ over the iterations of a run. */
export interface Steering {
  /** λ of the next iteration. */
  readonly lambda: number;
  /** Takes the data term of an iteration into account. */
  update(misfit: number): void;
  /** The state as plain data, for a checkpoint. */
  state(): SteeringState;
  restoreState(state: SteeringState): void;
}

/** λ, the running mean of the data term, and whether that mean has reached its target. */
export interface SteeringState {
  readonly lambda: number;
  readonly mean?: number | undefined;
  readonly reached: boolean;
}

/**
 * The target of the data term, as a part of σ². At 1, the value of the discrepancy principle, pictures are too
 * smooth: the best picture still contains a little of the noise, and so lies closer to the noisy one.
 */
const TARGET = 0.8;

/**
 * The range of λ. Below it every picture is blurred; above it, beyond the kernels' initial norms, λ has no effect.
 */
const LOWEST = 0.5, HIGHEST = 4;

/** The weight of the old mean in the running mean of the data term. */
const MEMORY = 0.9;

/** The largest relative change of λ in an iteration, down and up. */
const DOWN = 0.01, UP = 0.002;

/**
 * Adapts λ by the discrepancy principle (Morozov 1966): the output should differ from the noisy picture by about as
 * much as the noise does. Once the data term has reached its target, a little below σ², λ falls while the data term
 * is below it, and rises while it is above.
 *
 * @param start The initial λ; it is kept until the data term first reaches its target.
 * @param sigma Standard deviation of the noise, in [0, 1].
 * @returns The adaptation of λ.
 *
 * @example
 * ```ts
 * import { steering } from "./steering.ts";
 * import assert from "node:assert/strict";
 * const steered = steering(1.4, 0.1);
 * steered.update(0.02);
 * assert.equal(steered.lambda, 1.4);
 * for (let i = 0; i < 50; i++) steered.update(0.005);
 * assert.ok(steered.lambda < 1.4);
 * ```
 */
export function steering(start: number, sigma: number): Steering {
  let lambda = start, mean: number | undefined, reached = false;
  return {
    get lambda() {
      return lambda;
    },
    update(misfit) {
      mean = mean === undefined ? misfit : MEMORY * mean + (1 - MEMORY) * misfit;
      const excess = mean / (TARGET * sigma ** 2) - 1;
      reached ||= excess <= 0;
      if (!reached) return;
      const rate = excess < 0 ? Math.max(excess, -1) * DOWN : Math.min(excess, 1) * UP;
      lambda = Math.min(Math.max(lambda * Math.exp(rate), LOWEST), HIGHEST);
    },
    state: () => ({ lambda, mean, reached }),
    restoreState: (state) => void ({ lambda, mean, reached } = state),
  };
}
