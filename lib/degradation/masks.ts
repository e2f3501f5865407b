// Masks of known pixels: from a picture, and by chance, text or rectangle for experiments.
import { createImage, drawText, type Image, ImageError } from "../image/mod.ts";
import { random } from "../random/mod.ts";
import type { Region } from "./degradation.ts";

/** A size of a picture. */
type Sides = Pick<Image, "height" | "width">;

/**
 * A picture's brightness as a mask: white is known, black is a hole.
 *
 * @param picture The picture; its channels' mean counts.
 * @returns The mask, 1 where a pixel is known, else 0; one channel.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const picture = { height: 1, width: 2, channels: 1, data: Float32Array.of(0.9, 0.1) } as const;
 * assert.deepEqual(maskOf(picture).data, Float32Array.of(1, 0));
 * assert.deepEqual(inverted(maskOf(picture)).data, Float32Array.of(0, 1));
 * ```
 */
export function maskOf({ height, width, channels, data }: Image): Image {
  const mask = new Float32Array(height * width);
  for (let i = 0; i < mask.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += data[i * channels + c]!;
    mask[i] = sum / channels > 0.5 ? 1 : 0;
  }
  return createImage({ height, width, channels: 1, data: mask });
}

/**
 * A picture's opacity as a mask: opaque is known.
 *
 * @param picture The picture.
 * @returns The mask; everything is known if the picture has no alpha.
 */
export function alphaMask({ height, width, alpha }: Image): Image {
  const data = Float32Array.from(
    { length: height * width },
    (_, i) => (alpha?.[i] ?? 1) > 0.5 ? 1 : 0,
  );
  return createImage({ height, width, channels: 1, data });
}

/** The mask whose holes are the other's known pixels. */
export const inverted = (mask: Image): Image => ({
  ...mask,
  data: mask.data.map((value) => 1 - value),
});

/**
 * A mask of single pixels by chance.
 *
 * @param size The picture's size.
 * @param missing The part of the pixels that are holes, from 0 to below 1.
 * @param seed The same seed gives the same mask.
 * @returns The mask; each pixel is a hole independently of the others.
 * @throws {RangeError} If `missing` is out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { data } = randomMask({ height: 100, width: 100 }, 0.3, 1);
 * assert.ok(Math.abs(data.reduce((a, b) => a + b) / data.length - 0.7) < 0.02);
 * ```
 */
export function randomMask({ height, width }: Sides, missing: number, seed: number): Image {
  if (!(missing >= 0 && missing < 1)) {
    throw new RangeError(`\`missing\` must be from 0 to below 1: got ${missing}`);
  }
  const { uniform } = random(seed);
  const data = Float32Array.from({ length: height * width }, () => uniform() < missing ? 0 : 1);
  return createImage({ height, width, channels: 1, data });
}

/**
 * A mask with one rectangle as its hole.
 *
 * @param size The picture's size.
 * @param hole The rectangle.
 * @returns The mask.
 * @throws {RangeError} If the rectangle is empty, not within the picture, or all of it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const hole = { top: 0, left: 1, height: 1, width: 1 };
 * assert.deepEqual(regionMask({ height: 1, width: 3 }, hole).data, Float32Array.of(1, 0, 1));
 * ```
 */
export function regionMask({ height, width }: Sides, hole: Region): Image {
  const { top, left } = hole, bottom = top + hole.height, right = left + hole.width;
  const sides = [top, left, hole.height, hole.width];
  const isWithin = sides.every((n) => Number.isInteger(n) && n >= 0) &&
    hole.height > 0 && hole.width > 0 && bottom <= height && right <= width &&
    hole.height * hole.width < height * width;
  if (!isWithin) {
    throw new RangeError(
      `\`hole\` must be a part of the picture of ${width}x${height}: got ${hole.width}x${hole.height} ` +
        `at ${left},${top}`,
    );
  }
  const data = new Float32Array(height * width).fill(1);
  for (let y = top; y < bottom; y++) data.fill(0, y * width + left, y * width + right);
  return createImage({ height, width, channels: 1, data });
}

/**
 * A mask with lines of text as its holes, all over the picture.
 *
 * @param size The picture's size.
 * @param text What is written, again and again.
 * @returns The mask.
 * @throws {ImageError} If nothing can be written: the text is blank, or the machine has no font.
 */
export async function textMask(size: Sides, text: string): Promise<Image> {
  const mask = inverted(await drawText(size, text));
  if (!mask.data.includes(0)) {
    throw new ImageError("no text can be drawn: it is blank, or the machine has no font for it");
  }
  return mask;
}
