// Follows a criterion to its minimum.
import type { Verdict } from "./rule.ts";

/**
 * Takes a criterion's values, none negative, one look after the other.
 *
 * @param patience Looks without a new minimum after which to stop.
 * @param delta A value is a new minimum if it is below `delta` times the last one.
 * @returns The verdict on each value.
 */
export function followMinimum(patience: number, delta = 1): (value: number) => Verdict {
  let minimum = Infinity, since = 0;
  return (value) => {
    const best = value < delta * minimum;
    if (best) minimum = value;
    since = best ? 0 : since + 1;
    return { value, best, stop: since >= patience };
  };
}
