// How sharp a picture is, by its steepest pixels.
import type { Image } from "../image/mod.ts";
import { check } from "./_check.ts";

/** The largest variations that count, from rank 0. */
const COUNTED = 1001;
/** The first ranks are left out, as in the paper's code. */
const FIRST = 2;
/** How fast the weight falls with the rank. */
const DECAY = 0.01;

/**
 * The sharpness of a grey picture by its maximum local variations (Bahrami and Kot 2014), as the
 * paper's code has it.
 *
 * A pixel's variation is its largest neighbour's value less its own, of eight neighbours; two
 * rows and columns are left out at the top and the left, one at the bottom and the right, and what
 * lies outside counts as black. Of the variations `v` in falling order, ranks `r` from 2 to 1000
 * count, or as many as there are: `sqrt(mean((v exp(-0.01 r))^2))`.
 *
 * @param grey A picture of one channel.
 * @returns From 0, flat, to about 0.22, white pixels on black. NaN if too small: fewer than three
 * pixels are left.
 * @throws {RangeError} If `grey` has colours.
 *
 * @example It scales with the contrast
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const data = Float32Array.from({ length: 1024 }, (_, i) => (i * 37 % 101) / 101);
 * const grey = createImage({ height: 32, width: 32, channels: 1, data });
 * const pale = { ...grey, data: data.map((value) => value / 2) };
 * assert.equal(sharpness(pale), sharpness(grey) / 2);
 * ```
 */
export function sharpness(grey: Image): number {
  check(grey.channels === 1, "grey", `${grey.channels} channels`, "a picture of one channel");
  const variations = largest(localVariations(grey), COUNTED);
  let sum = 0;
  for (let rank = FIRST; rank < variations.length; rank++) {
    sum += (variations[rank]! * Math.exp(-DECAY * rank)) ** 2;
  }
  return Math.sqrt(sum / Math.max(variations.length - FIRST, 0));
}

const larger = (a: number, b: number) => a > b ? a : b;

/** For each pixel of the inner window its largest neighbour less itself. */
function localVariations({ data, height, width }: Image): Float32Array<ArrayBuffer> {
  const rows = Math.max(height - 3, 0), columns = Math.max(width - 3, 0), stride = columns + 2;
  const framed = new Float32Array((rows + 2) * stride);
  for (let y = 0; y < rows; y++) {
    const from = (y + 2) * width + 2;
    framed.set(data.subarray(from, from + columns), (y + 1) * stride + 1);
  }
  const variations = new Float32Array(rows * columns);
  for (let y = 0, k = 0; y < rows; y++) {
    const start = (y + 1) * stride, end = start + columns;
    // The larger of the pixels above and below, for the columns to the left, here and to the right.
    let before = larger(framed[start - stride]!, framed[start + stride]!);
    let beside = larger(framed[start + 1 - stride]!, framed[start + 1 + stride]!);
    let left = framed[start]!, centre = framed[start + 1]!;
    for (let i = start + 1; i <= end; i++) {
      const after = larger(framed[i + 1 - stride]!, framed[i + 1 + stride]!);
      const right = framed[i + 1]!;
      const sides = larger(larger(before, left), larger(after, right));
      variations[k++] = larger(sides, beside) - centre;
      before = beside, beside = after;
      left = centre, centre = right;
    }
  }
  return variations;
}

/** One for each upper half of a positive float's bits; kept, since every iteration needs them. */
const BINS = new Int32Array(1 << 15);

/**
 * The `count` largest values, or all if there are fewer, in falling order; `values` may be sorted.
 *
 * A positive float grows with its bits, so their upper half sorts the values into bins, and only
 * the bins that hold the largest need sorting.
 */
function largest(values: Float32Array<ArrayBuffer>, count: number): Float32Array {
  const bits = new Int32Array(values.buffer), bins = BINS.fill(0);
  for (let i = 0; i < bits.length; i++) if (bits[i]! >= 0) bins[bits[i]! >> 16]!++;
  let bin = bins.length, found = 0;
  while (found < count && bin > 0) found += bins[--bin]!;
  if (found < count) return values.sort().reverse().subarray(0, count);
  const candidates = new Float32Array(found);
  for (let i = 0, filled = 0; filled < found; i++) {
    if (bits[i]! >= bin << 16) candidates[filled++] = values[i]!;
  }
  return candidates.sort().reverse().subarray(0, count);
}
