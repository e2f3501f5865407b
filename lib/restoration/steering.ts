// Steers the Lipschitz bound λ during a run, so that nobody has to choose it.

/** λ as the run goes on. */
export interface Steering {
  /** λ of the next iteration. */
  readonly lambda: number;
  /** Takes the data term of an iteration into account. */
  see(misfit: number): void;
  /** Its state as plain data, for a checkpoint. */
  state(): SteeringState;
  restoreState(state: SteeringState): void;
}

/** λ, the running mean of the data term, and whether that has reached its target. */
export interface SteeringState {
  readonly lambda: number;
  readonly mean?: number | undefined;
  readonly reached: boolean;
}

/**
 * What the data term is steered to, as a part of σ². At 1, where the principle has it, pictures come out
 * too smooth: the best picture already holds a little of the noise, and lies closer to the noisy one.
 */
const TARGET = 0.8;

/** The range of λ: below, every picture is a blur; above the kernels' norms at the start, nothing is controlled. */
const LOWEST = 0.5, HIGHEST = 4;

/** How much of the running mean of the data term is kept. */
const MEMORY = 0.9;

/** How fast λ follows: at most this part of it an iteration, down and up. */
const DOWN = 0.01, UP = 0.002;

/**
 * Steers λ by the discrepancy principle (Morozov 1966): the output should differ from the noisy picture
 * by about as much as the noise does. Once the data term has come down to its target, a little below σ²,
 * λ falls while the network fits more closely than that, and rises while it fits less.
 *
 * @param start λ at the beginning; it stays until the data term first reaches its target.
 * @param sigma Standard deviation of the noise, in [0, 1].
 * @returns The steering.
 *
 * @example
 * ```ts
 * import { steering } from "./steering.ts";
 * import assert from "node:assert/strict";
 * const steered = steering(1.4, 0.1);
 * steered.see(0.02);
 * assert.equal(steered.lambda, 1.4);
 * for (let i = 0; i < 50; i++) steered.see(0.005);
 * assert.ok(steered.lambda < 1.4);
 * ```
 */
export function steering(start: number, sigma: number): Steering {
  let lambda = start, mean: number | undefined, reached = false;
  return {
    get lambda() {
      return lambda;
    },
    see(misfit) {
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
