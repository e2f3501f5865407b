// Masks of known pixels: from a picture; or random, text or a rectangle, for experiments.
import { check } from "../check.ts";
import { FileError } from "../files/mod.ts";
import { createImage, drawText, type Image } from "../image/mod.ts";
import { random } from "../random/mod.ts";
import type { Region } from "./degradation.ts";

/** The size of a picture. */
type Sides = Pick<Image, "height" | "width">;

/** Samples above 1/2 count as white, others as black, because masks saved as JPEG are not exact. */
const HALF = 0.5;

/** A picture of labels has at most this many levels; a dark photograph has more. */
const MOST_LABELS = 16;

/** How a mask's picture is drawn. */
export interface MaskOptions {
  /** The colour of the holes. @default {"black"} */
  readonly holes?: "black" | "white";
}

/**
 * Makes a mask from a picture, in one of these forms:
 *
 * - black (or any colour but white) on white: what is not white is a hole; with white holes, what is not black.
 * - labels such as 0 and 1, none above half of white: the middle of their range separates them.
 * - transparent holes in white, or in a photograph: what is transparent is a hole.
 * - strokes on a transparent layer: the strokes are the holes, if no opaque pixel has the colour of known pixels.
 *
 * @param picture The picture.
 * @param options The colour of the holes.
 * @returns The mask, 1 where a pixel is known, else 0; one channel.
 *
 * @example White is known; a red stroke on nothing is a hole
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const picture = { height: 1, width: 2, channels: 1, data: Float32Array.of(0.9, 0.1) } as const;
 * assert.deepEqual(maskFromImage(picture).data, Float32Array.of(1, 0));
 * assert.deepEqual(maskFromImage(picture, { holes: "white" }).data, Float32Array.of(0, 1));
 *
 * const data = Float32Array.of(1, 0, 0, 0, 0, 0), alpha = Float32Array.of(1, 0);
 * const stroke = { height: 1, width: 2, channels: 3, data, alpha } as const;
 * assert.deepEqual(maskFromImage(stroke).data, Float32Array.of(0, 1));
 * ```
 */
export function maskFromImage(picture: Image, { holes = "black" }: MaskOptions = {}): Image {
  const { height, width, alpha } = picture;
  const isOpaque = (i: number) => (alpha?.[i] ?? 1) > HALF;
  const isKnown = knownColours(picture, holes, isOpaque);
  const pixels = Array.from({ length: height * width }, (_, i) => i);
  const opaque = pixels.filter(isOpaque), hasClear = opaque.length < pixels.length;
  const isErased = hasClear && isPhotograph(picture, opaque);
  // A few white pixels may be the antialiased edge of a stroke.
  const isLayer = hasClear && !isErased && opaque.filter(isKnown).length <= RIM * opaque.length;
  const data = Float32Array.from(
    pixels,
    (i) => (isOpaque(i) ? isErased || isKnown(i) : isLayer) ? 1 : 0,
  );
  return createImage({ height, width, channels: 1, data });
}

/** The largest part of a stroke's pixels that may have the colour of known pixels. */
const RIM = 0.05;

/**
 * A drawing has a few colours on most of its pixels, a photograph many; colours are counted with so many bits a
 * channel.
 */
const FEW_COLOURS = 8, MOST_OF_IT = 0.8, BITS = { 1: 6, 3: 5 } as const;

/** Whether these pixels are of a photograph rather than a drawing. */
function isPhotograph({ channels, data }: Image, pixels: readonly number[]): boolean {
  const counts = new Map<number, number>(), most = 2 ** BITS[channels] - 1;
  for (const pixel of pixels) {
    let colour = 0;
    for (let c = 0; c < channels; c++) {
      colour = colour * (most + 1) + Math.round(data[pixel * channels + c]! * most);
    }
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const common = [...counts.values()].sort((a, b) => b - a).slice(0, FEW_COLOURS);
  return common.reduce((a, b) => a + b, 0) < MOST_OF_IT * pixels.length;
}

/** Whether a pixel has the colour of known pixels. */
function knownColours(
  { height, width, channels, data }: Image,
  holes: "black" | "white",
  isOpaque: (pixel: number) => boolean,
): (pixel: number) => boolean {
  const levels = new Set<number>();
  let least = Infinity, most = -Infinity;
  for (let i = 0; i < height * width * channels; i++) {
    const value = data[i]!;
    if (!isOpaque(Math.floor(i / channels))) continue;
    if (levels.size <= MOST_LABELS) levels.add(value);
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const isLabels = most <= HALF && least < most && levels.size <= MOST_LABELS;
  const middle = isLabels ? (least + most) / 2 : HALF;
  // White has all channels bright, black has all dark; other colours have neither.
  return (pixel) => {
    for (let c = 0; c < channels; c++) {
      const isBright = data[pixel * channels + c]! > middle;
      if (isBright === (holes === "white")) return false;
    }
    return true;
  };
}

/**
 * Makes a mask from a picture's opacity: opaque pixels are known.
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

/** The mask with holes and known pixels exchanged. */
export const invertMask = (mask: Image): Image => ({
  ...mask,
  data: mask.data.map((value) => 1 - value),
});

/**
 * A mask of random single pixels.
 *
 * @param size The picture's size.
 * @param missing The fraction of the pixels that are holes, from 0 to below 1.
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
  check(missing >= 0 && missing < 1, "missing", missing, "a number from 0 to below 1");
  const { uniform } = random(seed);
  const data = Float32Array.from({ length: height * width }, () => uniform() < missing ? 0 : 1);
  return createImage({ height, width, channels: 1, data });
}

/**
 * A mask whose hole is one rectangle.
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
 * A mask whose holes are lines of text over the whole picture.
 *
 * @param size The picture's size.
 * @param text The text; it is repeated.
 * @returns The mask.
 * @throws {FileError} If there is no text to draw: it is blank, or the machine has no font.
 */
export async function textMask(size: Sides, text: string): Promise<Image> {
  const mask = invertMask(await drawText(size, text));
  if (!mask.data.includes(0)) {
    throw new FileError("no text can be drawn: it is blank, or the machine has no font for it");
  }
  return mask;
}
