// The noise level a run assumes: given, or estimated when something first asks for it.
import type { Image } from "../image/mod.ts";
import { estimateWhiteNoise } from "../noise/mod.ts";

/** A noise level that is found out only if it is needed. */
export interface NoiseLevel {
  /** Standard deviation in [0, 1]; 0 if no noise is found. */
  readonly sigma: number;
  /** What was assumed and where it came from, for the record; null if nothing was given or asked. */
  readonly assumed: { value: number; from: "given" | "estimated" } | null;
}

/**
 * The noise level of a picture.
 *
 * @param observed The picture.
 * @param given The level, if it is known.
 * @returns The level; it is estimated at most once.
 */
export function noiseLevel(observed: Image, given: number | undefined): NoiseLevel {
  let assumed: NoiseLevel["assumed"] = given === undefined ? null : { value: given, from: "given" };
  return {
    get sigma() {
      return (assumed ??= { value: estimateWhiteNoise(observed), from: "estimated" }).value;
    },
    get assumed() {
      return assumed;
    },
  };
}
