// Several rules look at one run.
import { check, type Observation, type RunContext, type StoppingRule } from "./rule.ts";

/** What a rule has made of a run so far. */
export interface RuleReport {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The iteration at which it stopped; null if it has not. */
  readonly stop: number | null;
  /** The iteration that it would return; null before the first look. */
  readonly best: number | null;
}

/**
 * Who decides: the `first` rule of the list, while the others are only reported; or a `vote`, where
 * the run ends when more than half of the rules have stopped, and the rule that makes the majority
 * returns its best iterate.
 */
export type Decision = "first" | "vote";

/** Rules that look at one run; `T` is what is kept of an iterate, such as its picture. */
export interface Panel<T> {
  /**
   * Shows the next iterate to the rules that have not stopped.
   *
   * @param observation The iterate.
   * @param candidate What to keep of it while a rule holds it for the best. It must not change.
   * @returns Each rule's criterion, NaN for those that have none or have stopped; and whether the
   * decision has fallen. More iterates may be shown then, for the other rules' reports.
   */
  look(observation: Observation, candidate: T): { values: number[]; decided: boolean };
  /**
   * The best iterate by the rule that decided or, before the decision, by the first rule;
   * undefined before the first look.
   */
  best(): { iteration: number; rule: string; candidate: T } | undefined;
  /** What each rule has made of the run, in the order of the list. */
  reports(): RuleReport[];
  /**
   * All that the panel and its rules remember, to be kept in a checkpoint; it is read before the next look.
   *
   * @throws {RangeError} If a rule has no `state`.
   */
  state(): PanelState<T>;
  /** Makes a new panel of the same rules remember what {@linkcode Panel.state} gave. */
  restoreState(state: PanelState<T>): void;
}

/** The state of a {@linkcode Panel}. */
export interface PanelState<T> {
  readonly seats: readonly {
    readonly best: { iteration: number; candidate: T } | undefined;
    readonly stop: number | null;
    /** {@linkcode Watcher.state}. */
    readonly watcher: unknown;
  }[];
  /** The place in the list of the rule that decided; null before the decision. */
  readonly decider: number | null;
}

/**
 * Lets rules watch one run.
 *
 * @param rules The rules.
 * @param context What they may know of the run.
 * @param decision Who decides.
 * @returns The panel. It keeps one candidate a rule.
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
 * const panel = createPanel<string>([fixedBudget({ iterations: 2 })], context);
 * const rest = { output: observed, misfit: 0, bands: [], blurriness: 0, sharpness: 1 };
 * assert.equal(panel.look({ iteration: 1, ...rest }, "one").decided, false);
 * assert.equal(panel.look({ iteration: 2, ...rest }, "two").decided, true);
 * assert.deepEqual(panel.best(), { iteration: 2, rule: "budget", candidate: "two" });
 * ```
 */
export function createPanel<T>(
  rules: readonly StoppingRule[],
  context: RunContext,
  decision: Decision = "first",
): Panel<T> {
  check(rules.length > 0, "rules", "none", "at least one rule");
  check(decision === "first" || decision === "vote", "decision", decision, '"first" or "vote"');
  const seats = rules.map((rule) => ({
    rule,
    watcher: rule.watch(context),
    best: undefined as { iteration: number; candidate: T } | undefined,
    stop: null as number | null,
  }));
  const needed = decision === "first" ? 1 : Math.floor(seats.length / 2) + 1;
  const voters = decision === "first" ? seats.slice(0, 1) : seats;
  let decider: typeof seats[number] | undefined;
  return {
    look(observation, candidate) {
      const { iteration } = observation;
      const values = seats.map((seat) => {
        if (seat.stop !== null) return NaN;
        const { value, best, stop } = seat.watcher.look(observation);
        if (best || !seat.best) seat.best = { iteration, candidate };
        if (stop) seat.stop = iteration;
        return value;
      });
      // In the order of stopping; rules that stop together, in that of the list.
      const stopped = voters.filter((seat) => seat.stop !== null)
        .sort((a, b) => a.stop! - b.stop!);
      decider ??= stopped[needed - 1];
      return { values, decided: decider !== undefined };
    },
    best() {
      const { rule, best } = decider ?? seats[0]!;
      return best && { rule: rule.name, ...best };
    },
    reports: () =>
      seats.map(({ rule: { name, settings }, stop, best }) => ({
        name,
        settings,
        stop,
        best: best?.iteration ?? null,
      })),
    state: () => ({
      seats: seats.map(({ rule, watcher, best, stop }) => {
        const state = watcher.restoreState && watcher.state?.();
        check(state !== undefined, "rules", rule.name, "rules whose watchers can tell their state");
        return { best, stop, watcher: state };
      }),
      decider: decider ? seats.indexOf(decider) : null,
    }),
    restoreState(state) {
      state.seats.forEach(({ best, stop, watcher }, i) => {
        const seat = seats[i]!;
        Object.assign(seat, { best, stop });
        seat.watcher.restoreState?.(watcher);
      });
      decider = state.decider === null ? undefined : seats[state.decider];
    },
  };
}
