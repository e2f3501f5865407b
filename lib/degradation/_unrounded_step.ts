// The data step of deblocking: moves each cosine coefficient of an estimate into the quantisation interval that the
// file gives.
import type { Image, JpegQuantization } from "../image/mod.ts";

/** The side of JPEG's blocks. */
export const BLOCK = 8;

/** Rows of the transform from RGB to Y, Cb, Cr (ITU-T T.871), without the offsets, which cancel in a difference. */
export const TO_YCBCR = [
  [0.299, 0.587, 0.114],
  [-0.168736, -0.331264, 0.5],
  [0.5, -0.418688, -0.081312],
] as const;

/** The inverse transform. */
const TO_RGB = [[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]] as const;

/** The variance of a rounding error, uniform over a step of 1. */
const UNIFORM_VARIANCE = 1 / 12;

/** The basis function of frequency `u` of the orthonormal cosine transform, at place `x` (ITU-T T.81, A.3.3). */
export const wave = (u: number, x: number): number =>
  Math.sqrt((u === 0 ? 1 : 2) / BLOCK) * Math.cos((2 * x + 1) * u * Math.PI / (2 * BLOCK));

/** All basis functions, `[frequency, place]`. */
const WAVES = Float64Array.from({ length: BLOCK * BLOCK }, (_, i) => wave(i >> 3, i & 7));

/** The two-dimensional cosine transform of a block, or its inverse. */
function transform(block: Float64Array, isInverse: boolean): void {
  const half = new Float64Array(BLOCK * BLOCK);
  const at = (u: number, x: number) => isInverse ? WAVES[x * BLOCK + u]! : WAVES[u * BLOCK + x]!;
  for (let u = 0; u < BLOCK; u++) {
    for (let x = 0; x < BLOCK; x++) {
      let sum = 0;
      for (let y = 0; y < BLOCK; y++) sum += at(u, y) * block[y * BLOCK + x]!;
      half[u * BLOCK + x] = sum;
    }
  }
  for (let u = 0; u < BLOCK; u++) {
    for (let v = 0; v < BLOCK; v++) {
      let sum = 0;
      for (let x = 0; x < BLOCK; x++) sum += at(v, x) * half[u * BLOCK + x]!;
      block[u * BLOCK + v] = sum;
    }
  }
}

/**
 * The position of the blocks: row and column of the first whole one. Encoders repeat a picture's edges in incomplete
 * blocks.
 */
export interface BlockOrigin {
  readonly top: number;
  readonly left: number;
  /** Whether blocks that extend beyond the picture at its start and end are known. */
  readonly isKnownBefore: readonly [down: boolean, across: boolean];
  readonly isKnownAfter: readonly [down: boolean, across: boolean];
}

/**
 * With d the coefficient of observed - estimate and q its step, the coefficient is moved by the weighted mean of the
 * two, d σ² / (σ² + q²/12), and at least so far that it lies within q/2 of the observed one. Rounding has the
 * variance q²/12, the estimate σ².
 *
 * @param observed The decoded picture.
 * @param quantization How it was compressed.
 * @param origin The position of the blocks.
 * @returns The data step; `sigma` is the estimate's standard deviation, in the picture's range [0, 1].
 */
export function unroundedStep(
  observed: Image,
  { luminance, chrominance, subsampling }: JpegQuantization,
  origin: BlockOrigin,
): (estimate: Image, sigma: number) => Image {
  const { height, width, channels } = observed, pixels = height * width;
  return (estimate, sigma) => {
    const data = Float64Array.from(estimate.data);
    const difference = data.map((value, i) => observed.data[i]! - value);
    const planes = channels === 1 ? [difference] : TO_YCBCR.map(([r, g, b]) =>
      Float64Array.from(
        { length: pixels },
        (_, i) => r * difference[3 * i]! + g * difference[3 * i + 1]! + b * difference[3 * i + 2]!,
      )
    );
    planes.forEach((plane, c) =>
      correct(
        plane,
        { height, width },
        c === 0 ? luminance : chrominance,
        c === 0 ? [1, 1] : subsampling,
        origin,
        sigma,
      )
    );
    for (let i = 0; i < pixels; i++) {
      if (channels === 1) data[i]! += planes[0]![i]!;
      else {
        for (let c = 0; c < 3; c++) {
          const weights = TO_RGB[c]!;
          data[3 * i + c]! += weights.reduce<number>((sum, w, p) => sum + w * planes[p]![i]!, 0);
        }
      }
    }
    return { ...estimate, data: Float32Array.from(data) };
  };
}

/** Replaces a plane of differences by the corrections, block by block. */
function correct(
  plane: Float64Array,
  { height, width }: { height: number; width: number },
  steps: readonly number[],
  [down, across]: readonly [number, number],
  { top, left, isKnownBefore, isKnownAfter }: BlockOrigin,
  sigma: number,
): void {
  const rows = BLOCK * down, columns = BLOCK * across, block = new Float64Array(BLOCK * BLOCK);
  const firstRow = top % rows, firstColumn = left % columns;
  const corrected = new Float64Array(plane.length);
  const clamp = (i: number, size: number) => Math.min(Math.max(i, 0), size - 1);
  const isOut = (start: number, unit: number, size: number, axis: 0 | 1) =>
    (start < 0 && !isKnownBefore[axis]) || (start + unit > size && !isKnownAfter[axis]);
  for (let y0 = firstRow > 0 ? firstRow - rows : 0; y0 < height; y0 += rows) {
    if (isOut(y0, rows, height, 0)) continue;
    for (let x0 = firstColumn > 0 ? firstColumn - columns : 0; x0 < width; x0 += columns) {
      if (isOut(x0, columns, width, 1)) continue;
      block.fill(0);
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          const at = clamp(y0 + y, height) * width + clamp(x0 + x, width);
          block[Math.floor(y / down) * BLOCK + Math.floor(x / across)]! += plane[at]! /
            (down * across);
        }
      }
      transform(block, false);
      for (let k = 0; k < block.length; k++) {
        const q = steps[k]! / 255, d = block[k]!, variance = sigma * sigma;
        const mean = d * variance / (variance + UNIFORM_VARIANCE * q * q);
        // observed - (estimate + move) must stay within half a step.
        block[k] = Math.min(Math.max(mean, d - q / 2), d + q / 2);
      }
      transform(block, true);
      for (let y = Math.max(0, -y0); y < rows && y0 + y < height; y++) {
        for (let x = Math.max(0, -x0); x < columns && x0 + x < width; x++) {
          corrected[(y0 + y) * width + x0 + x] = block[
            Math.floor(y / down) * BLOCK + Math.floor(x / across)
          ]!;
        }
      }
    }
  }
  plane.set(corrected);
}
