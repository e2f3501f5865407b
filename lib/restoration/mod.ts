// The loop that restores a picture, and its record.
export { CheckpointError } from "./checkpoint_file.ts";
export {
  type CheckpointOptions,
  DEFAULT_CHANNELS,
  DEFAULT_ITERATIONS,
  DEFAULT_LEARNING_RATES,
  DEFAULT_SKIP_CHANNELS,
  type ObjectiveName,
  type RestoreOptions,
} from "./options.ts";
export type { Measured } from "./monitor.ts";
export type { InputName } from "./objective.ts";
export { type Effort, QUALITIES, type Quality } from "./quality.ts";
export * from "./record.ts";
export * from "./restore.ts";
export * from "./restore_in_tiles.ts";
export * from "./tiling.ts";
