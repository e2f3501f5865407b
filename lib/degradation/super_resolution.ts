// Super-resolution: the observed picture is the original with fewer pixels.
import { checkWholeNumber } from "../check.ts";
import {
  type Image,
  meanSquaredError,
  resample,
  type ResamplingKernel,
  resamplingMatrix,
} from "../image/mod.ts";
import { normalizeContrast } from "../noise/mod.ts";
import { mse } from "./data_terms.ts";
import type { Degradation, Region } from "./degradation.ts";
import { cropImage } from "./_crop.ts";
import { demosaicingWeighing } from "./demosaicing_errors.ts";
import { downsampledStep } from "./_downsampled_step.ts";
import { separable } from "./_planes.ts";

/** Options of {@linkcode superResolution}. */
export interface SuperResolutionOptions {
  /** The kernel of the downsampling. @default {"lanczos2", that of the deep image prior} */
  kernel?: ResamplingKernel;
  /**
   * Whether the small picture is as a camera's colour filter gave it (`isDemosaiced`). Then plug-and-play trusts it
   * less where it has fine detail, in colour above all. @default {false}
   */
  demosaiced?: boolean;
}

/** Noise levels of plug-and-play, for each factor of enlargement (`bench tasks`). */
const FIRST_LEVEL = 10 / 255, LAST_LEVEL = 1.5 / 255;

/**
 * The first level is at most so many times the error of enlarging the observed picture's half, which is 0.6 to
 * 1.1 times the initial estimate's error in photographs. Only very smooth pictures get a lower level by this; the usual
 * one would blur them (docs/tasks.md).
 */
const MOST_ERRORS = 5;

/** The error of rounding to 8 bits. */
const ROUNDING = 1 / 255 / Math.sqrt(12);

/** The root mean square error of a picture that is halved and enlarged again. */
function errorOfHalf(image: Image): number {
  const { height, width } = image;
  const half = resample(image, Math.ceil(height / 2), Math.ceil(width / 2), "lanczos2");
  return Math.sqrt(meanSquaredError(resample(half, height, width), image));
}

/** For factors above 2, a first pass with small patches sharpens edges (docs/tasks.md). */
const FIRST_PASS_PATCH = 5;

/**
 * More iterations agree more with the errors of demosaicing: 48 instead of 12 lost 0.2 to 0.3 dB in two of three
 * simulations, five pictures each, also without the dual variable and with other weights or noise levels.
 */
const DEMOSAICED_ITERATIONS = 12;

/**
 * A picture with fewer pixels. The data term is the mean of (A output - observed)², where A is the anti-aliased
 * downsampling by {@linkcode resamplingMatrix} (Ulyanov et al. 2018, section 3.2).
 *
 * @param observed The small picture.
 * @param factor The factor of enlargement, a whole number from 2 to 16.
 * @param options The kernel of the downsampling.
 * @returns The problem for `restore`. Its initial estimate is the bicubic enlargement.
 * @throws {RangeError} If `factor` is out of range, or a demosaiced picture is not larger than 7x7.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const small = createImage({ height: 16, width: 20, channels: 1 });
 * const { initialEstimate } = superResolution(small, 4);
 * assert.deepEqual([initialEstimate.height, initialEstimate.width], [64, 80]);
 * ```
 */
export function superResolution(
  observed: Image,
  factor: number,
  options: SuperResolutionOptions = {},
): Degradation {
  const { kernel = "lanczos2", demosaiced = false } = options;
  checkWholeNumber("factor", factor, 2, 16);
  const { height, width } = observed;
  const rows = resamplingMatrix(factor * height, height, kernel);
  const columns = resamplingMatrix(factor * width, width, kernel);
  return {
    task: "super-resolution",
    settings: { factor, kernel, ...demosaiced && { demosaiced } },
    observed,
    initialEstimate: resample(observed, factor * height, factor * width),
    isWhite: false,
    isSamplewise: true,
    misfit: (output, observed, counted) => mse(separable(output, rows, columns), observed, counted),
    dataStep: {
      proximal: downsampledStep(
        observed,
        { rows, columns },
        demosaiced ? demosaicingWeighing(observed) : undefined,
      ),
      noiseLevels() {
        const { contrast } = normalizeContrast(observed), size = factor * contrast;
        const error = Math.max(errorOfHalf(observed), ROUNDING * contrast);
        const scale = Math.min(size, MOST_ERRORS * error / FIRST_LEVEL);
        return [scale * FIRST_LEVEL, scale * LAST_LEVEL];
      },
      ...factor > 2 && { firstPassPatch: FIRST_PASS_PATCH },
      ...demosaiced && { mostIterations: DEMOSAICED_ITERATIONS },
    },
    alignment: factor,
    support: (kernel === "lanczos3" ? 3 : 2) * factor,
    crop({ top, left, height, width }) {
      const [y, x, h, w] = [top, left, height, width].map((n) => n / factor) as [
        number,
        number,
        number,
        number,
      ];
      const region: Region = { top: y, left: x, height: h, width: w };
      return superResolution(cropImage(observed, region), factor, options);
    },
  };
}

/**
 * Downsamples a clean picture for an experiment, after cropping it to a multiple of the factor.
 *
 * @param clean The picture.
 * @param factor The factor.
 * @param kernel The kernel.
 * @default {"lanczos2"}
 * @returns The small picture, and the cropped clean one.
 * @throws {RangeError} If the picture is smaller than the factor.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const { small, clean } = downsampled(createImage({ height: 35, width: 32, channels: 3 }), 4);
 * assert.deepEqual([small.height, small.width, clean.height], [8, 8, 32]);
 * ```
 */
export function downsampled(
  clean: Image,
  factor: number,
  kernel: ResamplingKernel = "lanczos2",
): { small: Image; clean: Image } {
  const height = Math.floor(clean.height / factor), width = Math.floor(clean.width / factor);
  const part = cropImage(clean, {
    top: 0,
    left: 0,
    height: height * factor,
    width: width * factor,
  });
  return { small: resample(part, height, width, kernel), clean: part };
}
