// Holes: some samples were observed, the others were not.
import { createImage, type Image } from "../image/mod.ts";
import { cutImage } from "./_cut.ts";
import { squares } from "./data_terms.ts";
import type { Degradation } from "./degradation.ts";
import { filled, filledWithin } from "./_filled.ts";

/** Options of {@linkcode inpainting}. */
export interface InpaintingOptions {
  /** Whether the known pixels stay exactly as they are; leave it off if they are noisy. @default {true} */
  keep?: boolean;
}

/**
 * A picture with holes. The data term is the mean of (output - observed)² over the known pixels alone
 * (Ulyanov et al. 2018, section 3.2, and the paper's code, which divides by all pixels).
 *
 * @param observed The picture; what stands in its holes is never looked at.
 * @param mask Above 1/2 where a pixel is known, else it is a hole; one channel, of the picture's size.
 * @param options Whether the known pixels stay.
 * @returns The problem that `restore` takes. It starts with the holes filled smoothly from their rims.
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
 * const { start, known } = inpainting(picture, mask);
 * assert.ok(start.data.every((value) => Math.abs(value - 0.5) < 1e-6));
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
  start: Image,
  options: InpaintingOptions,
): Degradation {
  const { keep = true } = options;
  const share = known.data.reduce((sum, value) => sum + value, 0) / known.data.length;
  return {
    task: "inpainting",
    settings: { known: share, keep },
    observed,
    start,
    known,
    isWhite: false,
    isSamplewise: true,
    misfit: squares,
    guess: filledWithin,
    nearest: (estimate) => ({
      ...estimate,
      data: estimate.data.map((value, i) => known.data[i] ? observed.data[i]! : value),
    }),
    ...keep && {
      finish: (restored) => ({
        ...restored,
        data: restored.data.map((value, i) => known.data[i] ? observed.data[i]! : value),
      }),
    },
    grain: 1,
    cut(region) {
      const [picture, mask, guess] = [observed, known, start].map((image) =>
        cutImage(image, region)
      ) as [Image, Image, Image];
      return assemble(picture, mask, guess, options);
    },
  };
}
