// Several stopping rules applied to one run.
import { check } from "../check.ts";
import { type Observation, type RunContext, type StoppingRule } from "./rule.ts";

/** The state of one rule, for the record. */
export interface RuleReport {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The iteration at which the rule stopped; null if it has not. */
  readonly stop: number | null;
  /** The iteration that the rule would return; null before the first observation. */
  readonly best: number | null;
}

/**
 * Which rule decides. `first`: the first rule of the list; the others are only reported. `vote`: the run ends when
 * more than half of the rules have stopped, and the best iterate is that of the rule that completes the majority.
 */
export type DecisionMode = "first" | "vote";

/** Stopping rules applied to one run; `T` is what is kept of an iterate, such as its picture. */
export interface RuleSet<T> {
  /**
   * Passes the next iterate to the rules that have not stopped.
   *
   * @param observation The iterate.
   * @param candidate What to keep of the iterate as long as it is the best by some rule. It must not change.
   * @returns Each rule's criterion, NaN for rules that have none or have stopped; and whether the run is decided.
   * Further iterates may follow a decision, for the reports of the other rules.
   */
  observe(observation: Observation, candidate: T): { values: number[]; decided: boolean };
  /**
   * The best iterate by the rule that decided or, before the decision, by the first rule;
   * undefined before the first observation.
   */
  best(): { iteration: number; rule: string; candidate: T } | undefined;
  /** The report of each rule, in the order of the list. */
  reports(): RuleReport[];
  /**
   * The state of all rules, for a checkpoint. Encode it before the next observation, which changes it.
   *
   * @throws {RangeError} If a rule has no `state`.
   */
  state(): RuleSetState<T>;
  /** Sets the state of a new set of the same rules to what {@linkcode RuleSet.state} returned. */
  restoreState(state: RuleSetState<T>): void;
}

/** The state of a {@linkcode RuleSet}. */
export interface RuleSetState<T> {
  readonly rules: readonly {
    readonly best: { iteration: number; candidate: T } | undefined;
    readonly stop: number | null;
    /** {@linkcode RuleMonitor.state}. */
    readonly monitor: unknown;
  }[];
  /** The index of the rule that decided; null before the decision. */
  readonly decider: number | null;
}

/**
 * Applies stopping rules to one run.
 *
 * @param rules The rules.
 * @param context What is given to the rules of the run.
 * @param decision Which rule decides.
 * @returns The set. It keeps one candidate for each rule.
 * @throws {RangeError} If there are no rules.
 *
 * @example A budget of two iterations
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 * import { fixedBudget } from "./fixed_budget.ts";
 *
 * const observed = createImage({ height: 16, width: 16, channels: 1 });
 * const context = { observed, iterations: 10, seed: 1, noiseSigma: 0.1 };
 * const ruleSet = createRuleSet<string>([fixedBudget({ iterations: 2 })], context);
 * const rest = { output: observed, misfit: 0, bands: [], blurriness: 0, sharpness: 1 };
 * assert.equal(ruleSet.observe({ iteration: 1, ...rest }, "one").decided, false);
 * assert.equal(ruleSet.observe({ iteration: 2, ...rest }, "two").decided, true);
 * assert.deepEqual(ruleSet.best(), { iteration: 2, rule: "budget", candidate: "two" });
 * ```
 */
export function createRuleSet<T>(
  rules: readonly StoppingRule[],
  context: RunContext,
  decision: DecisionMode = "first",
): RuleSet<T> {
  check(rules.length > 0, "rules", "none", "at least one rule");
  check(decision === "first" || decision === "vote", "decision", decision, '"first" or "vote"');
  const tracked = rules.map((rule) => ({
    rule,
    monitor: rule.monitor(context),
    best: undefined as { iteration: number; candidate: T } | undefined,
    stop: null as number | null,
  }));
  const needed = decision === "first" ? 1 : Math.floor(tracked.length / 2) + 1;
  const voters = decision === "first" ? tracked.slice(0, 1) : tracked;
  let decider: (typeof tracked)[number] | undefined;
  return {
    observe(observation, candidate) {
      const { iteration } = observation;
      const values = tracked.map((one) => {
        if (one.stop !== null) return NaN;
        const { value, best, stop } = one.monitor.observe(observation);
        if (best || !one.best) one.best = { iteration, candidate };
        if (stop) one.stop = iteration;
        return value;
      });
      // By iteration of stopping; rules that stop together keep the order of the list.
      const stopped = voters.filter((one) => one.stop !== null)
        .sort((a, b) => a.stop! - b.stop!);
      decider ??= stopped[needed - 1];
      return { values, decided: decider !== undefined };
    },
    best() {
      const { rule, best } = decider ?? tracked[0]!;
      return best && { rule: rule.name, ...best };
    },
    reports: () =>
      tracked.map(({ rule: { name, settings }, stop, best }) => ({
        name,
        settings,
        stop,
        best: best?.iteration ?? null,
      })),
    state: () => ({
      rules: tracked.map(({ rule, monitor, best, stop }) => {
        const state = monitor.restoreState && monitor.state?.();
        check(state !== undefined, "rules", rule.name, "rules with a state");
        return { best, stop, monitor: state };
      }),
      decider: decider ? tracked.indexOf(decider) : null,
    }),
    restoreState(state) {
      state.rules.forEach(({ best, stop, monitor }, i) => {
        const one = tracked[i]!;
        Object.assign(one, { best, stop });
        one.monitor.restoreState?.(monitor);
      });
      decider = state.decider === null ? undefined : tracked[state.decider];
    },
  };
}
