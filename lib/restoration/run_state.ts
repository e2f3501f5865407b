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

/** The progress of a run. */
export interface Progress {
  /** Iterations done. */
  readonly iteration: number;
  /** The next iteration at which norms and snapshots are taken. */
  readonly milestone: number;
  readonly learningRate: number;
  /** Returns to an earlier state after a divergence. */
  readonly fallbacks: number;
  /** Why the run ends here, if it does. */
  readonly stop: StopReason | null;
  /** Wall time so far. */
  readonly seconds: number;
}

/** The observers of a run that have a state. */
export interface Observers {
  readonly divergence: DivergenceDetector;
  readonly ruleSet: RuleSet<Image>;
  readonly recorder: Recorder;
  /** If λ is adapted. */
  readonly steering: Steering | undefined;
  /** If snapshots are asked for. */
  readonly snapshots: SnapshotTaker | undefined;
}

/** The states of the observers. */
export interface ObserverStates {
  readonly divergence: DivergenceState;
  readonly ruleSet: RuleSetState<Image>;
  readonly recorder: RecorderState;
  readonly steering?: SteeringState | undefined;
  readonly snapshots?: readonly Taken[] | undefined;
}

/** The state from which a run is resumed. */
export interface RunState {
  readonly progress: Progress;
  readonly observers: ObserverStates;
  readonly training: TrainingState;
  /** How 3x3 convolutions are computed. It depends on the free memory, and changes the last bits of the result. */
  readonly convolutions: ConvolutionPath | null;
}

/**
 * Collects the states of a run's observers.
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

/** Sets the states of the observers of a resumed run. */
export function restoreStates(observers: Observers, states: ObserverStates): void {
  observers.divergence.restoreState(states.divergence);
  observers.ruleSet.restoreState(states.ruleSet);
  observers.recorder.restoreState(states.recorder);
  if (states.steering) observers.steering?.restoreState(states.steering);
  if (states.snapshots) observers.snapshots?.restoreState(states.snapshots);
}
