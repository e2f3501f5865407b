// The size of the patches with which holes are filled.
import type { Image } from "../image/mod.ts";

/** A patch around a missing pixel should have so many known ones, by which similar patches are found. */
const KNOWN = 25;

/** The first patch and the last, relative to the square that has so many known pixels. */
const FIRST = 1.5, LAST = 0.75;

/** The smallest patch and the largest. Larger ones cost much time and gain little. */
const SMALLEST = 6, LARGEST = 16;

/**
 * The sides of plug-and-play's patches for a picture with holes. The mean is taken over the missing pixels of the side
 * of the smallest square around each that has 25 known pixels: 8 with half of the pixels missing, 17 with 90 %. The
 * first patches are half larger, the last ones a quarter smaller. On squares of 128x128 this gained 0.2 dB over patches
 * of 6 with half of the pixels missing, 0.6 dB with text removed and 0.8 dB with 90 % missing.
 *
 * @param known 1 for the known samples, 0 for the others; the same in all channels of a pixel.
 * @returns The side of the first patches and that of the last, in pixels.
 */
export function patchSides(
  { height, width, channels, data }: Image,
): readonly [first: number, last: number] {
  // sums[y, x] is the number of known pixels above y and left of x.
  const columns = width + 1, sums = new Uint32Array((height + 1) * columns);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, row = 0; x < width; x++, i++) {
      row += data[i * channels]!;
      sums[(y + 1) * columns + x + 1] = sums[y * columns + x + 1]! + row;
    }
  }
  const furthest = Math.ceil(LARGEST / LAST / 2);
  let total = 0, holes = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (data[i * channels]) continue;
      for (let reach = 1; reach <= furthest; reach++) {
        const top = Math.max(y - reach, 0) * columns, left = Math.max(x - reach, 0);
        const bottom = Math.min(y + reach + 1, height) * columns;
        const right = Math.min(x + reach + 1, width);
        const count = sums[bottom + right]! - sums[top + right]! - sums[bottom + left]! +
          sums[top + left]!;
        if (count < KNOWN && reach < furthest) continue;
        total += 2 * reach + 1;
        holes++;
        break;
      }
    }
  }
  const side = holes > 0 ? total / holes : SMALLEST;
  const sideOf = (factor: number) =>
    Math.min(Math.max(Math.round(factor * side), SMALLEST), LARGEST);
  return [sideOf(FIRST), sideOf(LAST)];
}
