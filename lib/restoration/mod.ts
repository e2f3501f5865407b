// The loop that restores a picture, and its record.
export { CheckpointError } from "./checkpoint_file.ts";
export {
  DEFAULTS,
  type ObjectiveName,
  OBJECTIVES,
  QUALITIES,
  type Quality,
  type QualitySettings,
} from "./defaults.ts";
export type { CheckpointOptions, RestoreOptions } from "./options.ts";
export type { MeasuredIterate } from "./monitor.ts";
export type { InputName, Objective } from "./objective.ts";
export { priorObjective } from "./prior_objective.ts";
export * from "./record.ts";
export * from "./remove_artefacts.ts";
export { restore, type Run, type RunResult, type Step } from "./restore.ts";
export * from "./restore_in_tiles.ts";
export * from "./restored_image.ts";
export * from "./tiling.ts";
export { startTraining, type Training } from "./training.ts";
export { trainingStep } from "./training_step.ts";
