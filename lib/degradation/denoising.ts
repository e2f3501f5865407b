// Noise: every pixel was observed, none exactly.
import type { Image } from "../image/mod.ts";
import { cutImage } from "./_cut.ts";
import { absolutes, type DataTerm, photons, squares } from "./data_terms.ts";
import type { Degradation } from "./degradation.ts";

/**
 * What kind of noise a picture has: `gaussian`, the same everywhere; `poisson`, counted light, stronger
 * where it is bright; `impulse`, samples that are anything, such as salt and pepper.
 */
export type NoiseKind = "gaussian" | "poisson" | "impulse";

/** Each noise's data term. */
const DATA_TERMS: Readonly<Record<NoiseKind, DataTerm>> = {
  gaussian: squares,
  poisson: photons,
  impulse: absolutes,
};

/** Options of {@linkcode denoising}. */
export interface DenoisingOptions {
  /** The kind of noise, which chooses the data term. @default {"gaussian"} */
  noise?: NoiseKind;
}

/**
 * A noisy picture. The data term is its noise's: {@linkcode squares}, {@linkcode photons} or
 * {@linkcode absolutes}.
 *
 * @param observed The noisy picture.
 * @param options The kind of noise.
 * @returns The problem that `restore` takes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const noisy = createImage({ height: 16, width: 16, channels: 1 });
 * assert.equal(denoising(noisy).start, noisy);
 * assert.equal(denoising(noisy, { noise: "impulse" }).isWhite, false);
 * ```
 */
export function denoising(observed: Image, options: DenoisingOptions = {}): Degradation {
  const { noise = "gaussian" } = options;
  return {
    task: "denoising",
    settings: { noise },
    observed,
    start: observed,
    isWhite: noise === "gaussian",
    isSquared: DATA_TERMS[noise] === squares,
    isSamplewise: true,
    misfit: DATA_TERMS[noise],
    grain: 1,
    cut: (region) => denoising(cutImage(observed, region), options),
  };
}
