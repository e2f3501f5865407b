// Encodes a picture as PNG in memory, for charts and pages.
import { encoded } from "./_encoded.ts";
import { FORMATS } from "./written_formats.ts";
import type { Image } from "./image.ts";

/** Options of {@linkcode encodePng}. */
export interface EncodePngOptions {
  /** The longest side; a larger picture is made smaller. @default {no limit} */
  longest?: number;
}

/**
 * Encodes a picture as a PNG file of 8 bits a sample, without its alpha.
 *
 * @param image The picture; samples are clamped to [0, 1] and rounded to the nearest level.
 * @param options How large it may be.
 * @returns The bytes.
 * @throws {RangeError} If the image's sizes and arrays are inconsistent.
 *
 * @example A thumbnail
 * ```ts
 * import { createImage } from "./image.ts";
 * import { encodePng } from "./encode_png.ts";
 * import assert from "node:assert/strict";
 *
 * const bytes = await encodePng(createImage({ height: 40, width: 20, channels: 3 }), { longest: 10 });
 * assert.deepEqual([...bytes.subarray(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
 * // Width and height are in the file's first chunk.
 * assert.deepEqual([bytes[19], bytes[23]], [5, 10]);
 * ```
 */
export async function encodePng(
  { height, width, channels, data }: Image,
  { longest }: EncodePngOptions = {},
): Promise<Uint8Array> {
  const picture = await encoded({ height, width, channels, data }, FORMATS.png, longest);
  return await picture.toBuffer();
}
