// Follows a criterion to its minimum.
import type { Verdict } from "./rule.ts";

/** The smallest value so far, and the looks since. */
export interface Minimum {
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
): Verdict {
  const best = value < delta * memory.minimum;
  if (best) memory.minimum = value;
  memory.since = best ? 0 : memory.since + 1;
  return { value, best, stop: memory.since >= patience };
}
