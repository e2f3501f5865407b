// The interface of stopping rules, and what several of them share.
import type { Image } from "../image/mod.ts";

/** One iterate, all numbers finite unless said; the costly ones are getters, computed on first use. */
export interface Observation {
  /** Counts from 1. */
  readonly iteration: number;
  /** The network's output of this iteration, not averaged. Its samples never change afterwards. */
  readonly output: Image;
  /**
   * The data term: how far the output, degraded, is from what was observed; the mean squared difference,
   * where a rule {@linkcode StoppingRule.needsSquares}.
   */
  readonly misfit: number;
  /** The same of what the run would return, over the pixels kept out of the loss, if a rule asked for some. */
  readonly heldOut?: number;
  /** Band correspondence with the observed picture, lowest band first; 0 for an empty band. */
  readonly bands: readonly number[];
  /** {@linkcode blurriness} of the output's luminance. */
  readonly blurriness: number;
  /** {@linkcode sharpness} of the output's luminance. */
  readonly sharpness: number;
}

/** What a rule may know of a run before it starts. */
export interface RunContext {
  /** The degraded picture. */
  readonly observed: Image;
  /** The run's own limit. */
  readonly iterations: number;
  readonly seed: number;
  /** Standard deviation of the observed picture's noise, given or estimated, where white is 1. */
  readonly noiseSigma: number;
}

/** A way to end a run and to choose the iterate that it returns. */
export interface StoppingRule {
  /** As reports and charts call it. */
  readonly name: string;
  /** The options, defaults filled in; plain JSON. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** How many of so many observed pixels this rule needs kept out of the loss; none if it is left out. */
  readonly heldOut?: (pixels: number) => number;
  /** Whether it compares the misfit with the noise's variance, so that it must be a mean squared difference. */
  readonly needsSquares?: boolean;
  /** Starts to watch one run. */
  monitor(context: RunContext): RuleMonitor;
}

/** A rule's state in one run. */
export interface RuleMonitor {
  /** Judges the next iterate; iterates come in order, none twice. */
  observe(observation: Observation): RuleDecision;
  /**
   * Its state, for a checkpoint: plain data, which is numbers, strings,
   * booleans and typed arrays in lists and objects. It is read before the next look. A rule without it
   * cannot watch a run that is to be resumed.
   */
  state?(): unknown;
  /** Sets the state to what {@linkcode RuleMonitor.state} gave in another part of the same run. */
  restoreState?(state: unknown): void;
}

/** What a rule makes of an iterate. */
export interface RuleDecision {
  /** The rule's criterion now, for charts; NaN while it has none. */
  readonly value: number;
  /** Whether the rule would now return this iterate. */
  readonly best: boolean;
  /** Whether the rule stops here. */
  readonly stop: boolean;
}

/** The verdict of a rule that has not seen enough: a run that ends here returns the iterate at hand. */
export const UNDECIDED: RuleDecision = { value: NaN, best: true, stop: false };

/**
 * Makes a watcher whose whole memory is one object of plain data, so that a checkpoint can hold it.
 *
 * @param memory What it knows before its first look; `look` changes it.
 * @param look Judges an iterate by it.
 */
export function monitorWithState<Memory extends object>(
  memory: Memory,
  look: (memory: Memory, observation: Observation) => RuleDecision,
): RuleMonitor {
  return {
    observe: (observation) => look(memory, observation),
    state: () => memory,
    restoreState: (state) => void Object.assign(memory, state),
  };
}

/** The smallest value so far, and the looks since. */
interface Minimum {
  minimum: number;
  since: number;
}

/** Before the first value. */
export const noMinimum = (): Minimum => ({ minimum: Infinity, since: 0 });

/**
 * Takes a criterion's values, none negative, one look after the other.
 *
 * @param memory The minimum so far; it is brought up to date.
 * @param value The criterion now.
 * @param patience Looks without a new minimum after which to stop.
 * @param delta A value is a new minimum if it is below `delta` times the last one.
 * @returns The verdict on the value.
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

/** Appends a number to the last few; gives the last `count`, oldest first, once there are so many. */
export function keepLast(
  last: number[],
  count: number,
  value: number,
): readonly number[] | undefined {
  last.push(value);
  if (last.length > count) last.shift();
  return last.length === count ? last : undefined;
}

/** Summed afresh at every call, so that one number that is not finite does no lasting harm. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
