// Noise: every pixel was observed, none exactly.
import type { Image, JpegQuantization } from "../image/mod.ts";
import { cutImage } from "./_cut.ts";
import { charbonnier, type DataTerm, mse, poissonNegativeLogLikelihood } from "./data_terms.ts";
import type { Degradation } from "./degradation.ts";

/**
 * What kind of noise a picture has: `gaussian`, the same everywhere; `poisson`, counted light, stronger
 * where it is bright; `impulse`, samples that are anything, such as salt and pepper.
 */
export type NoiseKind = "gaussian" | "poisson" | "impulse";

/** Each noise's data term. */
const DATA_TERMS: Readonly<Record<NoiseKind, DataTerm>> = {
  gaussian: mse,
  poisson: poissonNegativeLogLikelihood,
  impulse: charbonnier,
};

/** Options of {@linkcode denoising}. */
export interface DenoisingOptions {
  /** The kind of noise, which chooses the data term. @default {"gaussian"} */
  noise?: NoiseKind;
  /** How the picture's JPEG file was compressed, which the estimate of its noise can use. @default {it was not} */
  quantization?: JpegQuantization | undefined;
}

/**
 * A noisy picture. The data term is its noise's: {@linkcode mse}, {@linkcode poissonNegativeLogLikelihood} or
 * {@linkcode charbonnier}.
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
 * assert.equal(denoising(noisy).initialEstimate, noisy);
 * assert.equal(denoising(noisy, { noise: "impulse" }).isWhite, false);
 * ```
 */
export function denoising(observed: Image, options: DenoisingOptions = {}): Degradation {
  const { noise = "gaussian", quantization } = options;
  return {
    task: "denoising",
    settings: { noise },
    observed,
    ...quantization && { quantization },
    initialEstimate: observed,
    isWhite: noise === "gaussian",
    isSquared: DATA_TERMS[noise] === mse,
    isSamplewise: true,
    misfit: DATA_TERMS[noise],
    alignment: 1,
    crop: (region) => denoising(cutImage(observed, region), options),
  };
}
