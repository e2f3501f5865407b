// Cuts a rectangle out of an image.
import type { Image } from "./image.ts";
import { take } from "./_take.ts";

/**
 * Cuts a rectangle out of an image; `alpha` is cut with it.
 *
 * @param image The image.
 * @param top The first row of the rectangle.
 * @param left The first column of the rectangle.
 * @param height The rows of the rectangle.
 * @param width The columns of the rectangle.
 * @returns A new image.
 * @throws {RangeError} If the rectangle is empty or reaches outside the image.
 *
 * @example The middle of a row
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.of(0, 0.25, 0.5, 1);
 * const image = crop({ height: 1, width: 4, channels: 1, data }, 0, 1, 1, 2);
 * assert.deepEqual(image.data, Float32Array.of(0.25, 0.5));
 * ```
 */
export function crop(
  image: Image,
  top: number,
  left: number,
  height: number,
  width: number,
): Image {
  return take(
    image,
    range("top", "height", top, height, image.height),
    range("left", "width", left, width, image.width),
  );
}

/** The indices `from`, ..., `from + count - 1`, all below `size`. */
function range(start: string, extent: string, from: number, count: number, size: number): number[] {
  if (!Number.isInteger(from) || from < 0) {
    throw new RangeError(`\`${start}\` must be a whole number from 0: got ${from}`);
  }
  if (!Number.isInteger(count) || count < 1 || from + count > size) {
    throw new RangeError(
      `\`${extent}\` must be a whole number from 1 to ${
        size - from
      }, the image's end: got ${count}`,
    );
  }
  return Array.from({ length: count }, (_, i) => from + i);
}
