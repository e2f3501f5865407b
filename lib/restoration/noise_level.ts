// The noise that a run assumes: given, or estimated on first use.
import type { Image, JpegQuantization } from "../image/mod.ts";
import {
  isWhiteNoise,
  type NoiseModel,
  noiseSigma,
  normalizeContrast,
  whiteNoise,
} from "../noise/mod.ts";
import { estimatedNoise } from "./estimated_noise.ts";

/** The noise of a picture, estimated only if it is used. */
export interface NoiseLevel {
  /** The noise. */
  readonly model: NoiseModel;
  /** The root mean variance over channels and pixels, in [0, 1]; 0 if no noise is found. */
  readonly sigma: number;
  /** Whether the noise is white and of one level. */
  readonly isWhite: boolean;
  /** Whether the noise is too weak to be removed. */
  readonly isNone: boolean;
  /** The level that was assumed and its source, for the record; null if none was given or used. */
  readonly assumed: { value: number; from: "given" | "estimated" } | null;
  /** The model if one was given; it is part of the run's identity. */
  readonly given: NoiseModel | null;
  /** The model if it was given or used, and is not white. */
  readonly assumedModel: NoiseModel | null;
}

/**
 * Estimates below this are treated as no noise. Rounding to 8 bits alone leaves 0.3 of 255, and below this level
 * denoising loses as much texture as it gains.
 */
const NONE = 1.2 / 255;

/** The lowest level that counts; it is lower for a picture of little contrast whose file has more than 8 bits. */
const leastLevel = (image: Image): number => NONE * normalizeContrast(image).contrast;

/**
 * The noise of a picture.
 *
 * @param observed The picture.
 * @param given Its model or, for white noise, its standard deviation, if known.
 * @param quantization The picture's JPEG compression, if known.
 * @returns The noise; it is estimated at most once.
 */
export function noiseLevel(
  observed: Image,
  given: NoiseModel | number | undefined,
  quantization?: JpegQuantization,
): NoiseLevel {
  const find = () => {
    const model = typeof given === "number"
      ? whiteNoise(given, observed.channels)
      : given ?? estimatedNoise(observed, quantization);
    const sigma = typeof given === "number" ? given : noiseSigma(model, observed);
    return { model, sigma, isWhite: isWhiteNoise(model) };
  };
  const from = given === undefined ? "estimated" as const : "given" as const;
  let found = given === undefined ? undefined : find();
  let least: number | undefined;
  const known = () => found ??= find();
  return {
    given: typeof given === "object" ? given : null,
    get model() {
      return known().model;
    },
    get sigma() {
      return known().sigma;
    },
    get isWhite() {
      return known().isWhite;
    },
    get isNone() {
      return known().sigma <
        (given === undefined ? least ??= leastLevel(observed) : Number.MIN_VALUE);
    },
    get assumed() {
      return found ? { value: found.sigma, from } : null;
    },
    get assumedModel() {
      return found && !found.isWhite ? found.model : null;
    },
  };
}

/** The noise level and the model that a record holds. */
export const assumedOf = ({ assumed, assumedModel }: NoiseLevel) => ({
  noiseSigma: assumed,
  ...assumedModel && { noise: assumedModel },
});
