// The whole state of a run between two iterations, as plain data.
import type { ConvolutionPath } from "../engine/mod.ts";
import type { Image } from "../image/mod.ts";
import type { RuleSet, RuleSetState } from "../stopping/mod.ts";
import type { DivergenceDetector, DivergenceState } from "./divergence_detector.ts";
import type { StopReason } from "./record.ts";
import type { Recorder, RecorderState } from "./recorder.ts";
import type { SnapshotTaker, Taken } from "./snapshots.ts";
import type { Steering, SteeringState } from "./steering.ts";
import type { TrainingState } from "./training.ts";

/** How far a run has come. */
export interface Progress {
  /** Iterations made. */
  readonly iteration: number;
  /** The next at which norms and snapshots are taken. */
  readonly milestone: number;
  readonly learningRate: number;
  /** How often it went back after a divergence. */
  readonly fallbacks: number;
  /** Why it ends here, if it does. */
  readonly stop: StopReason | null;
  /** Wall time so far. */
  readonly seconds: number;
}

/** What observes a run, and has a state of its own. */
export interface Observers {
  readonly divergence: DivergenceDetector;
  readonly ruleSet: RuleSet<Image>;
  readonly recorder: Recorder;
  /** If λ is steered. */
  readonly steering: Steering | undefined;
  /** If they are asked for. */
  readonly snapshots: SnapshotTaker | undefined;
}

/** What they remember. */
export interface ObserverStates {
  readonly divergence: DivergenceState;
  readonly ruleSet: RuleSetState<Image>;
  readonly recorder: RecorderState;
  readonly steering?: SteeringState | undefined;
  readonly snapshots?: readonly Taken[] | undefined;
}

/** Everything that a run goes on from. */
export interface RunState {
  readonly progress: Progress;
  readonly observers: ObserverStates;
  readonly training: TrainingState;
  /** How 3x3 convolutions are computed: the memory that is free decides it, and it changes bits. */
  readonly convolutions: ConvolutionPath | null;
}

/**
 * What the observers of a run remember.
 *
 * @throws {RangeError} If a stopping rule has no `state`.
 */
export function statesOf(
  { divergence, ruleSet, recorder, steering, snapshots }: Observers,
): ObserverStates {
  return {
    divergence: divergence.state(),
    ruleSet: ruleSet.state(),
    recorder: recorder.state(),
    steering: steering?.state(),
    snapshots: snapshots?.state(),
  };
}

/** Makes the observers of a new run remember another. */
export function restoreStates(observers: Observers, states: ObserverStates): void {
  observers.divergence.restoreState(states.divergence);
  observers.ruleSet.restoreState(states.ruleSet);
  observers.recorder.restoreState(states.recorder);
  if (states.steering) observers.steering?.restoreState(states.steering);
  if (states.snapshots) observers.snapshots?.restoreState(states.snapshots);
}
