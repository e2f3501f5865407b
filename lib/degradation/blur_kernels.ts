// Blur kernels: Gaussian, motion along a line, or from a picture.
import { check } from "../check.ts";
import type { Image } from "../image/mod.ts";

/** The image of a point: weights that sum to 1, an odd number of rows and of columns, the point in the middle. */
export interface BlurKernel {
  readonly height: number;
  readonly width: number;
  /** `[height, width]`. */
  readonly weights: Float32Array;
}

const normalized = (height: number, width: number, weights: Float64Array): BlurKernel => {
  const sum = weights.reduce((a, b) => a + b, 0);
  return { height, width, weights: Float32Array.from(weights, (weight) => weight / sum) };
};

/** The side of the largest kernel; larger ones leave nothing to restore. */
const WIDEST = 101;

/**
 * A Gaussian blur, as of a lens out of focus or of moving air.
 *
 * @param sigma Standard deviation in pixels, above 0, at most 16.
 * @returns The kernel, truncated at three standard deviations.
 * @throws {RangeError} If `sigma` is out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { height, weights } = gaussianBlur(1);
 * assert.equal(height, 7);
 * assert.ok(Math.abs(weights[3 * 7 + 4]! / weights[3 * 7 + 3]! - Math.exp(-0.5)) < 1e-6);
 * ```
 */
export function gaussianBlur(sigma: number): BlurKernel {
  check(sigma > 0 && sigma <= 16, "sigma", sigma, "a number above 0, at most 16");
  const reach = Math.max(1, Math.ceil(3 * sigma)), side = 2 * reach + 1;
  const weights = Float64Array.from({ length: side * side }, (_, i) => {
    const y = Math.floor(i / side) - reach, x = i % side - reach;
    // In this order a tiny sigma gives a point, not 0/0.
    return Math.exp(-((x / sigma) ** 2 + (y / sigma) ** 2) / 2);
  });
  return normalized(side, side, weights);
}

/** Points for each pixel of the path; so many make the rounding of their positions negligible. */
const POINTS = 32;

/**
 * Uniform motion along a straight line, as of a shaken camera.
 *
 * @param length The line's length in pixels, above 0, at most 100.
 * @param angle The line's direction in degrees: 0 is along a row, 90 along a column.
 * @returns The kernel; each point of the line is shared among the four pixels around it.
 * @throws {RangeError} If `length` is out of range or `angle` is not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { height, width } = motionBlur(4, 0);
 * assert.deepEqual([height, width], [1, 5]);
 * ```
 */
export function motionBlur(length: number, angle: number): BlurKernel {
  check(length > 0 && length <= 100, "length", length, "a number above 0, at most 100");
  check(Number.isFinite(angle), "angle", angle, "a finite number");
  const radians = angle / 180 * Math.PI;
  // Along an axis the other component must be exactly 0, not a rounding error.
  const along = (part: number) => Math.abs(part) < 1e-12 ? 0 : part * length / 2;
  const right = along(Math.cos(radians)), up = along(Math.sin(radians));
  const reachX = Math.ceil(Math.abs(right)), reachY = Math.ceil(Math.abs(up));
  const width = 2 * reachX + 1, height = 2 * reachY + 1;
  const weights = new Float64Array(height * width);
  const count = Math.ceil(length * POINTS);
  for (let i = 0; i < count; i++) {
    const at = 2 * (i + 0.5) / count - 1;
    const x = reachX + at * right, y = reachY - at * up;
    const left = Math.floor(x), top = Math.floor(y);
    for (const [row, down] of [[top, 1 - (y - top)], [top + 1, y - top]] as const) {
      for (const [column, across] of [[left, 1 - (x - left)], [left + 1, x - left]] as const) {
        if (down * across > 0) weights[row * width + column]! += down * across;
      }
    }
  }
  return normalized(height, width, weights);
}

/** A kernel from a picture, and measures of how suitable the picture is. */
export interface KernelFromImage {
  readonly kernel: BlurKernel;
  /** The level of the border, in [0, 1], that was subtracted as background. */
  readonly background: number;
  /**
   * The largest weight at the border divided by the largest of all; above a few hundredths the kernel is truncated.
   */
  readonly border: number;
}

/**
 * A border counts as background if nine of ten samples differ by at most one level of 255, or by at most this part.
 */
const EVEN = 1.01 / 255, EVEN_PART = 0.1, NEARLY_ALL = 0.9;

/**
 * A background must be darker than this part of the brightest sample; else the kernel is uniform up to its border.
 */
const DARKER = 0.5;

/**
 * Makes a kernel from a picture: a pixel's weight is its brightness times its opacity, or its opacity alone if the
 * picture has a single colour. The level of a uniform border that is not black is subtracted.
 *
 * @param picture The picture, from 1x1 to 101x101 pixels.
 * @returns The kernel; an even side gets an empty row or column at its end.
 * @throws {RangeError} If the picture is too large, or black.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const dot = { height: 1, width: 2, channels: 1, data: Float32Array.of(0, 0.5) } as const;
 * const { kernel } = blurKernelFromImage(dot);
 * assert.deepEqual(kernel, { height: 1, width: 3, weights: Float32Array.of(0, 1, 0) });
 * ```
 */
export function blurKernelFromImage(picture: Image): KernelFromImage {
  const { height, width } = picture;
  if (Math.max(height, width) > WIDEST) {
    throw new RangeError(
      `\`picture\` of a kernel may be at most ${WIDEST}x${WIDEST}: got ${width}x${height}`,
    );
  }
  const levels = levelsOf(picture), rim = borderOf(levels, height, width);
  const most = levels.reduce((a, b) => Math.max(a, b), 0);
  const background = backgroundOf(rim, levels);
  const rows = height | 1, columns = width | 1;
  const weights = new Float64Array(rows * columns);
  levels.forEach((level, i) => {
    weights[Math.floor(i / width) * columns + i % width] = Math.max(level - background, 0);
  });
  if (!weights.some((weight) => weight > 0)) throw new RangeError("`picture` of a kernel is black");
  const left = rim.reduce((a, b) => Math.max(a, b), 0) - background;
  return {
    kernel: normalized(rows, columns, weights),
    background,
    border: Math.max(left, 0) / (most - background),
  };
}

/** The weights before normalisation: the channels' mean times the opacity. */
function levelsOf({ height, width, channels, data, alpha }: Image): Float64Array {
  const brightness = Float64Array.from({ length: height * width }, (_, i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += data[i * channels + c]!;
    return sum / channels;
  });
  if (!alpha || alpha.every((value) => value === 1)) return brightness;
  const seen = brightness.filter((_, i) => alpha[i]! > 0);
  const isShape = seen.every((value) => Math.abs(value - seen[0]!) < EVEN);
  return brightness.map((value, i) => isShape ? alpha[i]! : value * alpha[i]!);
}

/** The samples at the border. */
const borderOf = (levels: Float64Array, height: number, width: number): Float64Array =>
  levels.filter((_, i) => {
    const y = Math.floor(i / width), x = i % width;
    return y === 0 || x === 0 || y === height - 1 || x === width - 1;
  });

/** A background is subtracted if it makes up this part of all weights; less may be the end of a long tail. */
const NOTICED = 0.05;

/** The level of a uniform border; 0 if it is not uniform, or as bright as the kernel. */
function backgroundOf(border: Float64Array, levels: Float64Array): number {
  const sorted = border.toSorted(), middle = sorted[sorted.length >> 1]!;
  const tolerance = Math.max(EVEN, EVEN_PART * middle);
  const even = border.filter((level) => Math.abs(level - middle) <= tolerance).length;
  const total = levels.reduce((a, b) => a + b, 0),
    most = levels.reduce((a, b) => Math.max(a, b), 0);
  const isBackground = even >= NEARLY_ALL * border.length && middle < DARKER * most &&
    middle * levels.length > NOTICED * total;
  return isBackground ? middle : 0;
}
