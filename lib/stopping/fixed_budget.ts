// A stopping rule that only counts iterations.
import { checkWholeNumber } from "../check.ts";
import { monitorWithState, type StoppingRule } from "./rule.ts";

/** Options for {@linkcode fixedBudget}. */
export interface FixedBudgetOptions {
  /** The last iteration. @default {the run's own limit} */
  iterations?: number;
}

/**
 * Stops at a given iteration and returns it, as the paper's own experiments do.
 *
 * @param options The budget.
 * @returns The rule; its criterion is the fraction of the budget that is used.
 * @throws {RangeError} If `iterations` is no whole number from 1.
 *
 * @example A hundred iterations
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(fixedBudget({ iterations: 100 }).settings, { iterations: 100 });
 * assert.throws(() => fixedBudget({ iterations: 0 }), RangeError);
 * ```
 */
export function fixedBudget(options: FixedBudgetOptions = {}): StoppingRule {
  const { iterations } = options;
  if (iterations !== undefined) checkWholeNumber("iterations", iterations, 1);
  return {
    name: "budget",
    settings: { iterations: iterations ?? null },
    monitor(context) {
      const last = iterations ?? context.iterations;
      return monitorWithState({}, (_, { iteration }) => ({
        value: iteration / last,
        best: true,
        stop: iteration >= last,
      }));
    },
  };
}
