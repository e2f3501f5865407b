// Checkpoints of a run: its whole state in one file, from which a run that was killed can be resumed.
import type { Degradation } from "../degradation/mod.ts";
import { checkFileWritable, writeFileAtomic } from "../files/mod.ts";
import { CheckpointError, decodeCheckpoint, encodeCheckpoint } from "./checkpoint_file.ts";
import { difference, type Identity, identityOf } from "./identity.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import type { RunState } from "./run_state.ts";

/** The checkpoints of a run. */
export interface Checkpoints {
  /** The checkpoint to resume from, if there is one. It is large: drop it once the run has been resumed. */
  saved?: RunState | undefined;
  /** Whether a checkpoint is to be written after an iteration. */
  isDue(iteration: number): boolean;
  /**
   * Writes a checkpoint. The older file stays until the new one is complete.
   *
   * @throws {FileError} If the file cannot be written.
   */
  write(state: RunState): Promise<void>;
}

/** The contents of a checkpoint's file. */
interface Content {
  readonly identity: Identity;
  readonly state: RunState;
}

/** The file's bytes; undefined if the file does not exist. */
async function bytesOf(file: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new CheckpointError(file, (error as Error).message, { cause: error });
  }
}

/**
 * Prepares a run's checkpoints, and reads the one to resume from.
 *
 * @param problem The problem.
 * @param settings All options of the run.
 * @returns The checkpoints; undefined if the settings ask for none.
 * @throws {CheckpointError} If there is a file to resume from that is not a checkpoint of this run.
 * @throws {FileError} If no file could be written there.
 */
export async function openCheckpoints(
  problem: Degradation,
  settings: ResolvedOptions,
): Promise<Checkpoints | undefined> {
  if (!settings.checkpoint) return undefined;
  const { file, every, resume } = settings.checkpoint;
  await checkFileWritable(file);
  const identity = identityOf(problem, settings);
  const bytes = resume ? await bytesOf(file) : undefined;
  const content = bytes && decodeCheckpoint(bytes, file) as Content;
  const other = content && difference(content.identity, identity);
  if (other) throw new CheckpointError(file, other);
  return {
    saved: content?.state,
    isDue: (iteration) => iteration % every === 0,
    async write(state) {
      const content: Content = { identity, state };
      await writeFileAtomic(file, encodeCheckpoint(content));
    },
  };
}
