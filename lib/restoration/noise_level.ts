// The noise a run assumes: given, or estimated when something first asks for it.
import type { Image, JpegQuantization } from "../image/mod.ts";
import {
  estimateNoise,
  isWhiteNoise,
  type NoiseModel,
  noiseSigma,
  normalizeContrast,
  whiteNoise,
} from "../noise/mod.ts";

/** A noise that is found out only if it is needed. */
export interface NoiseLevel {
  /** The noise. */
  readonly model: NoiseModel;
  /** Its standard deviation on the whole, in [0, 1]; 0 if no noise is found. */
  readonly sigma: number;
  /** Whether it is white and of one level. */
  readonly isWhite: boolean;
  /** Whether there is none to speak of. */
  readonly isNone: boolean;
  /** What was assumed and where it came from, for the record; null if nothing was given or asked. */
  readonly assumed: { value: number; from: "given" | "estimated" } | null;
  /** The model if one was given; it makes another run. */
  readonly given: NoiseModel | null;
  /** The model if it was given or asked for, and is not white. */
  readonly assumedModel: NoiseModel | null;
}

/**
 * An estimate below this is none to speak of: rounding to 8 bits alone leaves 0.3 of 255, and where texture is left in
 * the estimate as much is lost as is gained.
 */
const NONE = 1.2 / 255;

/** The least level that counts: less in a picture of little contrast, if its file has more than 8 bits. */
const leastLevel = (image: Image): number => NONE * normalizeContrast(image).contrast;

/**
 * The noise of a picture.
 *
 * @param observed The picture.
 * @param given Its model, or the standard deviation of white noise, if it is known.
 * @param quantization How the picture was compressed, if that is known.
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
      : given ?? estimateNoise(observed, { quantization });
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

/** What a record says of the noise that was assumed. */
export const assumedOf = ({ assumed, assumedModel }: NoiseLevel) => ({
  noiseSigma: assumed,
  ...assumedModel && { noise: assumedModel },
});
