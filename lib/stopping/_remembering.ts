// A watcher whose whole memory is one object of plain data, so that a checkpoint can hold it.
import type { Observation, Verdict, Watcher } from "./rule.ts";

/**
 * Makes a watcher.
 *
 * @param memory What it knows before its first look; `look` changes it.
 * @param look Judges an iterate by it.
 */
export function remembering<Memory extends object>(
  memory: Memory,
  look: (memory: Memory, observation: Observation) => Verdict,
): Watcher {
  return {
    look: (observation) => look(memory, observation),
    state: () => memory,
    restoreState: (state) => void Object.assign(memory, state),
  };
}
