// When a band counts as learned.

/** Options of {@linkcode learnedAt}. */
export interface LearnedAtOptions {
  /** What it has to reach: a part of the target's band. @default {0.5} */
  level?: number;
  /** For how many iterations it has to stay there: random weights may pass the level by accident. @default {20} */
  stays?: number;
}

/**
 * The iteration from which a band stays at a level or above it.
 *
 * Take it of the gain, not of H: an untrained output that is noise has part of every band's amplitude, and so
 * an H, without having learned anything.
 *
 * @param band The band's gain, or H, at every iteration from the first; a record's `series.bandGain` has one
 * list a band.
 * @param options The level, and how long it has to stay.
 * @returns The iteration, from 1; Infinity if it does not.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(learnedAt([0.6, 0.2, 0.5, 0.7], { stays: 2 }), 3);
 * assert.equal(learnedAt([0.6, 0.2, 0.4], { stays: 2 }), Infinity);
 * ```
 */
export function learnedAt(
  band: readonly (number | null)[],
  { level = 0.5, stays = 20 }: LearnedAtOptions = {},
): number {
  let since = 0;
  for (let i = 0; i < band.length; i++) {
    const value = band[i] ?? null;
    since = value !== null && value >= level ? since + 1 : 0;
    if (since === stays) return i + 2 - stays;
  }
  // At the end of a run nobody can say how long it would have stayed.
  return since > 0 ? band.length + 1 - since : Infinity;
}
