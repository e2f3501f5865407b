// The interface of stopping rules, and functions that several of them use.
import type { Image } from "../image/mod.ts";

/** One iterate. All numbers are finite unless noted; the costly ones are getters, computed on first use. */
export interface Observation {
  /** Counts from 1. */
  readonly iteration: number;
  /** The network's output of this iteration, not averaged. Its samples never change afterwards. */
  readonly output: Image;
  /**
   * The data term: how far the degraded output is from what was observed. It is a mean squared difference if a rule
   * {@linkcode StoppingRule.needsSquares}.
   */
  readonly misfit: number;
  /** The data term of the run's result so far, over the held-out pixels; only if a rule asked for some. */
  readonly heldOut?: number;
  /** Band correspondence with the observed picture, lowest band first; 0 for an empty band. */
  readonly bands: readonly number[];
  /** {@linkcode blurriness} of the output's luminance. */
  readonly blurriness: number;
  /** {@linkcode sharpness} of the output's luminance. */
  readonly sharpness: number;
}

/** The run that a rule is applied to. */
export interface RunContext {
  /** The degraded picture. */
  readonly observed: Image;
  /** The run's own limit. */
  readonly iterations: number;
  readonly seed: number;
  /** Standard deviation of the observed picture's noise, given or estimated; white is 1. */
  readonly noiseSigma: number;
}

/** A way to end a run and to choose the iterate that it returns. */
export interface StoppingRule {
  /** The name in reports and charts. */
  readonly name: string;
  /** All options, with their defaults; plain JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of a number of observed pixels, how many the rule needs held out of the loss. @default {none} */
  readonly heldOut?: (pixels: number) => number;
  /**
   * Whether the rule compares the misfit with the noise's variance, so that the misfit must be a mean squared
   * difference.
   */
  readonly needsSquares?: boolean;
  /** Makes the rule's monitor for one run. */
  monitor(context: RunContext): RuleMonitor;
}

/** Applies a rule to one run. */
export interface RuleMonitor {
  /** Judges the next iterate. Iterates come in order, each once. */
  observe(observation: Observation): RuleDecision;
  /**
   * The monitor's state, for a checkpoint: plain data, that is numbers, strings, booleans and typed arrays in lists
   * and objects. Encode it before the next observation. A rule without it cannot be used in a run with checkpoints.
   */
  state?(): unknown;
  /** Sets the state to what {@linkcode RuleMonitor.state} returned earlier in the same run. */
  restoreState?(state: unknown): void;
}

/** The decision of a rule on an iterate. */
export interface RuleDecision {
  /** The rule's current criterion, for charts; NaN while there is none. */
  readonly value: number;
  /** Whether the rule would now return this iterate. */
  readonly best: boolean;
  /** Whether the rule stops here. */
  readonly stop: boolean;
}

/** The decision before there are enough observations: a run that ends now returns the current iterate. */
export const UNDECIDED: RuleDecision = { value: NaN, best: true, stop: false };

/**
 * Makes a monitor whose state is one object of plain data, so that a checkpoint can hold it.
 *
 * @param memory The state before the first observation; `observe` changes it.
 * @param observe Judges an iterate with this state.
 */
export function monitorWithState<Memory extends object>(
  memory: Memory,
  observe: (memory: Memory, observation: Observation) => RuleDecision,
): RuleMonitor {
  return {
    observe: (observation) => observe(memory, observation),
    state: () => memory,
    restoreState: (state) => void Object.assign(memory, state),
  };
}

/** The smallest value so far, and the number of observations since. */
interface Minimum {
  minimum: number;
  since: number;
}

/** Before the first value. */
export const noMinimum = (): Minimum => ({ minimum: Infinity, since: 0 });

/**
 * Updates a minimum with a criterion's next value.
 *
 * @param memory The minimum so far; it is updated.
 * @param value The current value, not negative.
 * @param patience The number of observations without a new minimum after which to stop.
 * @param delta A value is a new minimum if it is below `delta` times the last one.
 * @returns The decision on the value.
 */
export function followMinimum(
  memory: Minimum,
  value: number,
  patience: number,
  delta = 1,
): RuleDecision {
  const best = value < delta * memory.minimum;
  if (best) memory.minimum = value;
  memory.since = best ? 0 : memory.since + 1;
  return { value, best, stop: memory.since >= patience };
}

/** Appends a number to the last ones; returns the last `count`, oldest first, or undefined while there are fewer. */
export function keepLast(
  last: number[],
  count: number,
  value: number,
): readonly number[] | undefined {
  last.push(value);
  if (last.length > count) last.shift();
  return last.length === count ? last : undefined;
}

/** The mean. It is summed anew at every call, so that a number that is not finite has no lasting effect. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
