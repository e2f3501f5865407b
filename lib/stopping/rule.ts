// What a stopping rule is: it looks at one iterate after the other.
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
  watch(context: RunContext): Watcher;
}

/** A rule's state in one run. */
export interface Watcher {
  /** Judges the next iterate; iterates come in order, none twice. */
  look(observation: Observation): Verdict;
  /**
   * All that it remembers of the run, to be kept in a checkpoint: plain data, which is numbers, strings,
   * booleans and typed arrays in lists and objects. It is read before the next look. A rule without it
   * cannot watch a run that is to be resumed.
   */
  state?(): unknown;
  /** Makes a new watcher remember what {@linkcode Watcher.state} gave for another of the same run. */
  restoreState?(state: unknown): void;
}

/** What a rule makes of an iterate. */
export interface Verdict {
  /** The rule's criterion now, for charts; NaN while it has none. */
  readonly value: number;
  /** Whether the rule would now return this iterate. */
  readonly best: boolean;
  /** Whether the rule stops here. */
  readonly stop: boolean;
}
