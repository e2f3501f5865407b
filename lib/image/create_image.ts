// Makes an Image from its parts and checks that they agree.
import { checkImage } from "./_check_image.ts";
import type { Image } from "./image.ts";

/** The parts of an {@linkcode Image}; the samples may be left out. */
export interface ImageParts extends Omit<Image, "data"> {
  /**
   * The samples, `[height, width, channels]`, in [0, 1]. They are kept, not copied.
   *
   * @default {zeros, a black picture}
   */
  data?: Float32Array;
}

/**
 * Makes an {@linkcode Image} and checks that its sizes agree.
 *
 * @param parts The picture's fields.
 * @returns The image.
 * @throws {RangeError} If a size is not a positive whole number or an array has another length
 * than the sizes say.
 *
 * @example A black picture and one from samples
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const black = createImage({ height: 2, width: 3, channels: 3 });
 * assert.equal(black.data.length, 18);
 *
 * const data = Float32Array.of(0, 0.25, 0.5, 1);
 * assert.equal(createImage({ height: 2, width: 2, channels: 1, data }).data, data);
 * assert.throws(() => createImage({ height: 2, width: 3, channels: 1, data }), RangeError);
 * ```
 */
export function createImage(parts: ImageParts): Image {
  const { height, width, channels } = parts;
  const data = parts.data ?? new Float32Array(Math.max(height * width * channels, 0));
  const image = { ...parts, data };
  checkImage(image);
  return image;
}
