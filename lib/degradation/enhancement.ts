// Detail enhancement: the part of a picture that a network has not learned yet counts as detail.
import { checkPositive } from "../check.ts";
import type { Image } from "../image/mod.ts";
import { cropImage } from "./_crop.ts";
import { mse } from "./data_terms.ts";
import type { Degradation } from "./degradation.ts";

/** Options of {@linkcode enhancement}. */
export interface EnhancementOptions {
  /** The factor of the added detail. @default {1} */
  strength?: number;
  /**
   * `signed` makes bright detail brighter and dark detail darker; `paper` does what the paper's code does, which
   * drops dark detail.
   * @default {"signed"}
   */
  form?: "signed" | "paper";
}

const clip = (value: number) => Math.min(Math.max(value, 0), 1);

/**
 * A picture whose detail is to be enhanced (Shi et al. 2022, their task of detail enhancement). The network is fitted
 * for a few iterations to the picture x itself: its output is the base, x - base is the detail, and the result is x +
 * strength (x - base).
 *
 * @param picture The picture.
 * @param options Factor and form.
 * @returns The problem for `restore`.
 * @throws {RangeError} If `strength` is not a positive finite number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const picture = { height: 1, width: 2, channels: 1, data: Float32Array.of(0.25, 0.75) } as const;
 * const base = { ...picture, data: Float32Array.of(0.5, 0.5) };
 * assert.deepEqual(enhancement(picture).finish!(base).data, Float32Array.of(0, 1));
 * assert.deepEqual(enhancement(picture, { form: "paper" }).finish!(base).data, Float32Array.of(0.25, 1));
 * ```
 */
export function enhancement(picture: Image, options: EnhancementOptions = {}): Degradation {
  const { strength = 1, form = "signed" } = options;
  checkPositive("strength", strength);
  return {
    task: "enhancement",
    settings: { strength, form },
    observed: picture,
    initialEstimate: picture,
    isWhite: false,
    isSamplewise: true,
    misfit: mse,
    // The paper's number of iterations.
    iterations: 100,
    finish(base) {
      const data = picture.data.map((value, i) => {
        const detail = value - base.data[i]!;
        return clip(value + strength * (form === "paper" ? clip(detail) : detail));
      });
      return { ...base, data };
    },
    alignment: 1,
    crop: (region) => enhancement(cropImage(picture, region), options),
  };
}
