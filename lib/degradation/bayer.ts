// A camera's Bayer filter: one colour for each pixel, and the interpolation of the other two.
import { check } from "../check.ts";
import { createImage, type Image } from "../image/mod.ts";

/** How the two missing colours of a pixel are interpolated. */
export type Demosaicing = "malvar" | "bilinear";

/** The colour of a pixel of the Bayer pattern, by the parities of its row and column: 0 red, 1 green, 2 blue. */
const PATTERN = [[0, 1], [1, 2]] as const;
const colourAt = (y: number, x: number) => PATTERN[y & 1]![x & 1]!;

/**
 * The signal of a sensor behind a Bayer filter: red in even rows and columns, blue in odd ones, green elsewhere.
 *
 * @param image The picture; a grey one is returned as it is.
 * @returns A picture of one channel.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.from({ length: 12 }, (_, i) => i);
 * assert.deepEqual([...mosaic({ height: 2, width: 2, channels: 3, data }).data], [0, 4, 7, 11]);
 * ```
 */
export function mosaic(image: Image): Image {
  const { height, width, channels, data } = image;
  if (channels === 1) return image;
  const seen = new Float32Array(height * width);
  for (let i = 0; i < seen.length; i++) {
    seen[i] = data[3 * i + colourAt(Math.floor(i / width), i % width)]!;
  }
  return { ...image, channels: 1, data: seen };
}

/** Weights of the 5x5 pixels around a pixel, in row-major order, in eighths. */
type Kernel = readonly number[];
const kernel = (...rows: number[][]): Kernel => rows.flat().map((weight) => weight / 8);
const transposed = (weights: Kernel): Kernel =>
  weights.map((_, i) => weights[(i % 5) * 5 + Math.floor(i / 5)]!);
const NONE = [0, 0, 0, 0, 0];

/** Interpolation from the nearest neighbours: in the row, in the four directions, at the corners. */
const BILINEAR = {
  cross: kernel(NONE, [0, 0, 2, 0, 0], [0, 2, 0, 2, 0], [0, 0, 2, 0, 0], NONE),
  along: kernel(NONE, NONE, [0, 4, 0, 4, 0], NONE, NONE),
  corners: kernel(NONE, [0, 2, 0, 2, 0], NONE, [0, 2, 0, 2, 0], NONE),
};

/** The same, corrected by the gradient of the pixel's own colour (Malvar, He and Cutler 2004, figure 2). */
const MALVAR = {
  cross: kernel([0, 0, -1, 0, 0], [0, 0, 2, 0, 0], [-1, 2, 4, 2, -1], [0, 0, 2, 0, 0], [
    0,
    0,
    -1,
    0,
    0,
  ]),
  along: kernel(
    [0, 0, 0.5, 0, 0],
    [0, -1, 0, -1, 0],
    [-1, 4, 5, 4, -1],
    [0, -1, 0, -1, 0],
    [0, 0, 0.5, 0, 0],
  ),
  corners: kernel(
    [0, 0, -1.5, 0, 0],
    [0, 2, 0, 2, 0],
    [-1.5, 0, 6, 0, -1.5],
    [0, 2, 0, 2, 0],
    [0, 0, -1.5, 0, 0],
  ),
};

/**
 * Interpolates the two colours that each pixel behind a Bayer filter lacks. Noise then becomes correlated over pixels
 * and channels.
 *
 * @param raw The sensor's signal, as {@linkcode mosaic} returns it, at least 3x3.
 * @param method Linear interpolation, without (`bilinear`) or with (`malvar`) the correction by the gradient of the
 * measured colour.
 * @returns A colour picture, not clipped; its border is computed with reflection.
 * @throws {RangeError} If `raw` is in colour or too small.
 *
 * @example An even colour comes back
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.from({ length: 6 * 6 * 3 }, (_, i) => [0.25, 0.5, 0.75][i % 3]!);
 * const image = { height: 6, width: 6, channels: 3, data } as const;
 * assert.deepEqual(demosaic(mosaic(image), "malvar").data, data);
 * ```
 */
export function demosaic(raw: Image, method: Demosaicing): Image {
  const { height, width, channels, data } = raw;
  check(
    channels === 1 && Math.min(height, width) >= 3,
    "raw",
    `${height}x${width}x${channels}`,
    "of one channel and at least 3x3 pixels",
  );
  const { cross, along, corners } = method === "malvar" ? MALVAR : BILINEAR;
  const down = transposed(along);
  const mirrored = (i: number, size: number) => i < 0 ? -i : i < size ? i : 2 * (size - 1) - i;
  const sum = (y: number, x: number, weights: Kernel) => {
    let total = 0;
    for (let i = 0; i < 25; i++) {
      if (weights[i] === 0) continue;
      const row = mirrored(y + Math.floor(i / 5) - 2, height),
        column = mirrored(x + i % 5 - 2, width);
      total += weights[i]! * data[row * width + column]!;
    }
    return total;
  };
  const colours = createImage({ height, width, channels: 3 });
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const seen = colourAt(y, x);
      for (let c = 0; c < 3; c++, i++) {
        colours.data[i] = c === seen
          ? data[y * width + x]!
          : c === 1
          ? sum(y, x, cross)
          : seen !== 1
          ? sum(y, x, corners)
          // The neighbours of green in its row have the row's other colour.
          : sum(y, x, c === PATTERN[y & 1]![1 - (x & 1)] ? along : down);
      }
    }
  }
  const { alpha, bitDepth } = raw;
  return { ...colours, ...alpha && { alpha }, ...bitDepth && { bitDepth } };
}
