// Denoising: every pixel was observed with noise.
import type { Image, JpegQuantization } from "../image/mod.ts";
import { cropImage } from "./_crop.ts";
import { charbonnier, type DataTerm, mse, poissonNegativeLogLikelihood } from "./data_terms.ts";
import type { Degradation } from "./degradation.ts";

/**
 * The kind of a picture's noise: `gaussian`, independent of the brightness; `poisson`, counted light, stronger where
 * it is bright; `impulse`, such as salt and pepper, which replaces samples.
 */
export type NoiseKind = "gaussian" | "poisson" | "impulse";

/** The data term of each kind of noise. */
const DATA_TERMS: Readonly<Record<NoiseKind, DataTerm>> = {
  gaussian: mse,
  poisson: poissonNegativeLogLikelihood,
  impulse: charbonnier,
};

/** Options of {@linkcode denoising}. */
export interface DenoisingOptions {
  /** The kind of noise, which chooses the data term. @default {"gaussian"} */
  noise?: NoiseKind;
  /** The picture's JPEG compression, which the estimate of its noise uses. @default {not compressed} */
  quantization?: JpegQuantization | undefined;
}

/**
 * A noisy picture. The data term depends on the noise: {@linkcode mse}, {@linkcode poissonNegativeLogLikelihood} or
 * {@linkcode charbonnier}.
 *
 * @param observed The noisy picture.
 * @param options The kind of noise.
 * @returns The problem for `restore`.
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
    crop: (region) => denoising(cropImage(observed, region), options),
  };
}
