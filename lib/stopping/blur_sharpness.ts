// The paper's stopping rule, by the ratio of blurriness to sharpness, and these two measures.
import { check, checkPositive, checkWholeNumber } from "../check.ts";
import type { Image } from "../image/mod.ts";
import { keepLast, mean, monitorWithState, type StoppingRule, UNDECIDED } from "./rule.ts";

/** Options for {@linkcode blurSharpness}. */
export interface BlurSharpnessOptions {
  /**
   * `relative` divides the change by the ratio, so that a picture's contrast does not matter; `paper` does what the
   * paper's code does.
   * @default {"relative"}
   */
  form?: "relative" | "paper";
  /** Iterations in each of the two windows; 100 is the paper's. @default {100} */
  window?: number;
  /**
   * The change between the windows below which the run stops, as a fraction of the ratio or, in the
   * `paper` form, of the ratio itself; 0.01 is the paper's.
   * @default {0.01}
   */
  threshold?: number;
}

/**
 * Stops when the output no longer gets sharper, and returns the current iterate.
 *
 * With `r` = blurriness / sharpness and `n` the window, `a` the mean of the last `n` ratios and `b` the mean of the
 * `n` before them, the rule stops at `|b - a| / a < threshold`. The `paper` form stops at `|b - a| < threshold`;
 * there the sharpness, and so the effect of the threshold, depends on the picture's contrast. The windows are those
 * of the paper's code: `a` is of the `n - 1` ratios before the current one, and the ratio before these is in neither
 * window.
 *
 * A flat output has no ratio; the rule cannot stop while a window contains one.
 *
 * @param options The form, the window and the threshold.
 * @returns The rule.
 * @throws {RangeError} If an option is out of range.
 *
 * @example The defaults, and the paper's code
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(blurSharpness().name, "blur-sharpness");
 * assert.equal(blurSharpness({ form: "paper" }).name, "blur-sharpness-paper");
 * assert.throws(() => blurSharpness({ window: 1 }), RangeError);
 * ```
 */
export function blurSharpness(options: BlurSharpnessOptions = {}): StoppingRule {
  const { form = "relative", window = 100, threshold = 0.01 } = options;
  check(form === "relative" || form === "paper", "form", form, '"relative" or "paper"');
  checkWholeNumber("window", window, 2);
  checkPositive("threshold", threshold);
  const paper = form === "paper";
  return {
    name: paper ? "blur-sharpness-paper" : "blur-sharpness",
    settings: { form, window, threshold },
    monitor() {
      // The paper's code first compares at ratio 2n + 1, counted from 0.
      const count = paper ? 2 * window + 2 : 2 * window;
      return monitorWithState({ last: [] as number[] }, ({ last }, { blurriness, sharpness }) => {
        const ratios = keepLast(last, count, blurriness / sharpness);
        if (!ratios) return UNDECIDED;
        const before = mean(paper ? ratios.slice(1, window + 1) : ratios.slice(0, window));
        const recent = mean(paper ? ratios.slice(window + 2, -1) : ratios.slice(window));
        const change = Math.abs(before - recent) / (paper ? 1 : recent);
        if (!Number.isFinite(change)) return UNDECIDED;
        return { value: change, best: true, stop: change < threshold };
      });
    },
  };
}

/** The length of the box that blurs along one axis. */
const BOX = 9;
/** Rows and columns left out at each side. */
const RIM = 6;

/**
 * The blurriness of a grey picture (Crete, Dolmiere, Ladret and Nicolas 2007), as the paper's code
 * has it.
 *
 * Along each axis the differences `D` of neighbouring pixels are compared with the differences `D'` after a blur with
 * a box of 9: `b = sum(min(D, D')) / sum(D)`, without 6 pixels at each side. The blurriness is the larger of both
 * axes' `b`; an axis without differences does not count.
 *
 * @param grey A picture of one channel.
 * @returns From 0, sharp, to 1, blurred. NaN if nothing differs or a side is below 12.
 * @throws {RangeError} If `grey` has colours.
 *
 * @example Single pixels against a slope
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const picture = (value: (x: number) => number) =>
 *   createImage({
 *     height: 32,
 *     width: 32,
 *     channels: 1,
 *     data: Float32Array.from({ length: 1024 }, (_, i) => value(i % 32)),
 *   });
 * assert.equal(blurriness(picture((x) => x % 2)), 1 / 9);
 * assert.equal(blurriness(picture((x) => x / 32)), 1);
 * assert.equal(blurriness(picture(() => 0.5)), NaN);
 * ```
 */
export function blurriness(grey: Image): number {
  check(grey.channels === 1, "grey", `${grey.channels} channels`, "a picture of one channel");
  const across = along(grey, 1), down = along(grey, grey.width);
  if (Number.isNaN(across)) return down;
  return Number.isNaN(down) ? across : Math.max(across, down);
}

/** The blurriness along the axis on which neighbours are `step` samples apart. */
function along({ data, height, width }: Image, step: number): number {
  const ahead = (BOX >> 1) * step, behind = ahead + step;
  let total = 0, kept = 0;
  for (let y = RIM; y <= height - RIM; y++) {
    for (let i = y * width + RIM, end = (y + 1) * width - RIM; i <= end; i++) {
      const difference = Math.abs(data[i]! - data[i - step]!);
      // Two neighbouring boxes share all but the first pixel of one and the last of the other.
      const blurred = Math.abs(data[i + ahead]! - data[i - behind]!);
      total += BOX * difference;
      kept += Math.min(blurred, BOX * difference);
    }
  }
  return kept / total;
}

/** The number of largest variations that count, from rank 0. */
const COUNTED = 1001;
/** The first ranks are left out, as in the paper's code. */
const FIRST = 2;
/** The decay of the weight with the rank. */
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

/** One bin for each upper half of a positive float's bits. The array is reused, because every iteration needs it. */
const BINS = new Int32Array(1 << 15);

/**
 * The `count` largest values, or all if there are fewer, in falling order; `values` may be reordered.
 *
 * The bits of a positive float grow with its value, so their upper half sorts the values into bins, and only the bins
 * that contain the largest values need sorting.
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
