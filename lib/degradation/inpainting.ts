// Inpainting: some samples were observed, the others are holes.
import { createImage, type Image } from "../image/mod.ts";
import { normalizeContrast } from "../noise/mod.ts";
import { cropImage } from "./_crop.ts";
import { mse } from "./data_terms.ts";
import type { Degradation } from "./degradation.ts";
import { filled, filledWithin } from "./_filled.ts";
import { patchSides } from "./_patch_sides.ts";

/** Options of {@linkcode inpainting}. */
export interface InpaintingOptions {
  /** Whether the known pixels are kept exactly; turn it off if they are noisy. @default {true} */
  keep?: boolean;
}

/**
 * A picture with holes. The data term is the mean of (output - observed)² over the known pixels alone
 * (Ulyanov et al. 2018, section 3.2, and the paper's code, which divides by all pixels).
 *
 * @param observed The picture; the values in its holes are ignored.
 * @param mask Above 1/2 where a pixel is known, else it is a hole; one channel, of the picture's size.
 * @param options Whether the known pixels are kept.
 * @returns The problem for `restore`. Its initial estimate has the holes filled smoothly from their borders.
 * @throws {RangeError} If the mask is of another size or has other channels, or no pixel is known.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const data = new Float32Array(256).fill(0.5);
 * const picture = createImage({ height: 16, width: 16, channels: 1, data });
 * const mask = createImage({ height: 16, width: 16, channels: 1, data: data.map((_, i) => i % 2) });
 * const { initialEstimate, known } = inpainting(picture, mask);
 * assert.ok(initialEstimate.data.every((value) => Math.abs(value - 0.5) < 1e-6));
 * assert.equal(known!.data[1], 1);
 * assert.throws(() => inpainting(picture, createImage({ height: 16, width: 16, channels: 1 })), RangeError);
 * ```
 */
export function inpainting(
  observed: Image,
  mask: Image,
  options: InpaintingOptions = {},
): Degradation {
  const { height, width, channels } = observed;
  if (mask.channels !== 1 || mask.height !== height || mask.width !== width) {
    throw new RangeError(
      `\`mask\` must be grey and ${width}x${height} like the picture: got ${mask.width}x${mask.height}, ` +
        `${mask.channels} channels`,
    );
  }
  const isKnown = mask.data.map((value) => value > 0.5 ? 1 : 0);
  if (!isKnown.includes(1)) throw new RangeError("`mask` leaves no pixel known");
  const data = new Float32Array(height * width * channels);
  for (let i = 0; i < data.length; i++) data[i] = isKnown[Math.floor(i / channels)]!;
  const known = createImage({ height, width, channels, data });
  return assemble(observed, known, filled(observed, isKnown), options);
}

function assemble(
  observed: Image,
  known: Image,
  initialEstimate: Image,
  options: InpaintingOptions,
): Degradation {
  const { keep = true } = options;
  const share = known.data.reduce((sum, value) => sum + value, 0) / known.data.length;
  return {
    task: "inpainting",
    settings: { known: share, keep },
    observed,
    initialEstimate,
    known,
    isWhite: false,
    isSamplewise: true,
    misfit: mse,
    fill: filledWithin,
    dataStep: {
      proximal: (estimate) => ({
        ...estimate,
        data: estimate.data.map((value, i) => known.data[i] ? observed.data[i]! : value),
      }),
      noiseLevels() {
        const error = fillingError(observed, known, normalizeContrast(initialEstimate).contrast);
        return [FIRST_LEVEL * error, LAST_LEVEL * error];
      },
      patchSides: () => patchSides(known),
    },
    ...keep && {
      finish: (restored) => ({
        ...restored,
        data: restored.data.map((value, i) => known.data[i] ? observed.data[i]! : value),
      }),
    },
    alignment: 1,
    crop(region) {
      const [picture, mask, filling] = [observed, known, initialEstimate].map((image) =>
        cropImage(image, region)
      ) as [Image, Image, Image];
      return assemble(picture, mask, filling, options);
    },
  };
}

/** Noise levels of plug-and-play, relative to the error of the smooth filling (`bench tasks`). */
const FIRST_LEVEL = 2.4, LAST_LEVEL = 0.36;

/** One of so many known pixels is hidden to measure the error of filling it. */
const HIDDEN = 20;

/** The lowest error: half the rounding error of eight bits. */
const LEAST_ERROR = 0.25 / 255;

/** The root mean square error of the smooth filling, measured on hidden known pixels. */
function fillingError(observed: Image, known: Image, contrast: number): number {
  const { channels } = observed, pixels = observed.height * observed.width;
  const isVisible = new Float32Array(pixels), hidden: number[] = [];
  for (let i = 0, count = 0; i < pixels; i++) {
    if (!known.data[i * channels]) continue;
    // The multiplier distributes the hidden pixels over rows and columns.
    if (count++ * 7919 % HIDDEN === 0 && count > 1) hidden.push(i);
    else isVisible[i] = 1;
  }
  const least = LEAST_ERROR * contrast;
  if (hidden.length === 0) return least;
  const { data } = filled(observed, isVisible);
  let sum = 0;
  for (const i of hidden) {
    for (let c = 0; c < channels; c++) {
      sum += (data[i * channels + c]! - observed.data[i * channels + c]!) ** 2;
    }
  }
  return Math.max(Math.sqrt(sum / (hidden.length * channels)), least);
}
