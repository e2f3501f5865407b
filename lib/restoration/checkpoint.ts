// Checkpoints of a run: the whole state in one file, from which a run that was killed goes on.
import type { Degradation } from "../degradation/mod.ts";
import { checkFileWritable, writeFileAtomic } from "../files/mod.ts";
import { CheckpointError, decodeCheckpoint, encodeCheckpoint } from "./checkpoint_file.ts";
import { difference, type Identity, identityOf } from "./identity.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import type { RunState } from "./run_state.ts";

/** A run's checkpoints. */
export interface Checkpoints {
  /** The checkpoint that the run goes on from, if there is one; to be dropped then, for it is large. */
  saved?: RunState | undefined;
  /** Whether one is to be taken after an iteration. */
  isDue(iteration: number): boolean;
  /**
   * Writes one; the older one stays until it is whole.
   *
   * @throws {FileError} If the file cannot be written.
   */
  write(state: RunState): Promise<void>;
}

/** What a checkpoint's file holds. */
interface Content {
  readonly identity: Identity;
  readonly state: RunState;
}

/** The file's bytes; none if there is no file. */
async function bytesOf(file: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new CheckpointError(file, (error as Error).message, { cause: error });
  }
}

/**
 * Prepares a run's checkpoints, and reads the one that it is to go on from.
 *
 * @param problem What is restored.
 * @param settings All options of the run.
 * @returns The checkpoints; none if the settings ask for none.
 * @throws {CheckpointError} If there is a file to go on from that is no checkpoint of this very run.
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
