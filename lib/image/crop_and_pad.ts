// Crops an image, or pads it by reflection at its edges.
import { check, checkSides, checkWholeNumber } from "../check.ts";
import type { Image } from "./image.ts";

/**
 * Crops an image to a rectangle; `alpha` is cropped too.
 *
 * @param image The image.
 * @param top The first row of the rectangle.
 * @param left The first column of the rectangle.
 * @param height The rows of the rectangle.
 * @param width The columns of the rectangle.
 * @returns A new image.
 * @throws {RangeError} If the rectangle is empty or extends beyond the image.
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
  checkWholeNumber(start, from, 0);
  check(
    Number.isInteger(count) && count >= 1 && from + count <= size,
    extent,
    count,
    `a whole number from 1 to ${size - from}, the image's end`,
  );
  return Array.from({ length: count }, (_, i) => from + i);
}

/**
 * Pads an image by reflection at its edges to `height` by `width`, with the image in the middle.
 *
 * The edge itself is not repeated (c b | a b c | b a), and reflections continue as far as needed: index `i` of a side
 * of `n` pixels has the period `2 (n - 1)`. If the two ends cannot be equal, the end gets one pixel more, as in
 * {@linkcode paddingFor}. `alpha` is padded in the same way.
 *
 * @param image The image.
 * @param height The rows of the result.
 * @param width The columns of the result.
 * @returns A new image.
 * @throws {RangeError} If the image is larger than the result.
 *
 * @example A row of three becomes one of seven
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const row = { height: 1, width: 3, channels: 1, data: Float32Array.of(0, 0.5, 1) } as const;
 * assert.deepEqual(padReflect(row, 1, 7).data, Float32Array.of(1, 0.5, 0, 0.5, 1, 0.5, 0));
 * ```
 */
export function padReflect(image: Image, height: number, width: number): Image {
  return take(
    image,
    reflected("height", image.height, height),
    reflected("width", image.width, width),
  );
}

/** For each of `wanted` pixels, the index in a side of `size` pixels. */
function reflected(name: string, size: number, wanted: number): number[] {
  check(
    Number.isInteger(wanted) && wanted >= size,
    name,
    wanted,
    `a whole number of at least the image's ${size}`,
  );
  const before = Math.floor((wanted - size) / 2);
  const period = Math.max(2 * (size - 1), 1);
  return Array.from({ length: wanted }, (_, i) => {
    const folded = (((i - before) % period) + period) % period;
    return Math.min(folded, period - folded);
  });
}

/** The pixels to add at the two ends of a side. */
export interface Padding {
  /** Above or to the left. */
  before: number;
  /** Below or to the right. */
  after: number;
}

/**
 * The least padding that makes a side a multiple of `multiple` and at least `minimum`. It is split evenly; an odd
 * pixel goes to the end, as in {@linkcode padReflect}.
 *
 * @param size The side, in pixels.
 * @param multiple The padded side is a multiple of this.
 * @param minimum The least padded side.
 * @returns The pixels to add before and after.
 * @throws {RangeError} If an argument is not a positive whole number.
 *
 * @example Sides for a network that halves five times
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(paddingFor(512, 32), { before: 0, after: 0 });
 * assert.deepEqual(paddingFor(451, 32), { before: 14, after: 15 });
 * assert.deepEqual(paddingFor(20, 32, 64), { before: 22, after: 22 });
 * ```
 */
export function paddingFor(size: number, multiple: number, minimum = 1): Padding {
  checkSides({ size, multiple, minimum });
  const added = Math.ceil(Math.max(size, minimum) / multiple) * multiple - size;
  const before = Math.floor(added / 2);
  return { before, after: added - before };
}

/** The image whose pixel (i, j) is the pixel (`rows[i]`, `columns[j]`) of `image`. */
function take(image: Image, rows: readonly number[], columns: readonly number[]): Image {
  const pick = (from: Float32Array, channels: number) => {
    const to = new Float32Array(rows.length * columns.length * channels);
    let at = 0;
    for (const y of rows) {
      for (const x of columns) {
        const start = (y * image.width + x) * channels;
        for (let c = 0; c < channels; c++) to[at++] = from[start + c]!;
      }
    }
    return to;
  };
  return {
    ...image,
    height: rows.length,
    width: columns.length,
    data: pick(image.data, image.channels),
    ...(image.alpha && { alpha: pick(image.alpha, 1) }),
  };
}
