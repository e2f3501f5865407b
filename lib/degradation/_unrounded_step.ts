// The data step of deblocking: moves each cosine coefficient of an estimate into the quantisation interval that the
// file gives.
import {
  type Image,
  JPEG_BLOCK,
  type JpegQuantization,
  RGB_TO_YCBCR,
  transformJpegBlock,
  YCBCR_TO_RGB,
} from "../image/mod.ts";

/** The variance of a rounding error, uniform over a step of 1. */
const UNIFORM_VARIANCE = 1 / 12;

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
    const planes = channels === 1
      ? [difference]
      : RGB_TO_YCBCR.map(([r, g, b]) =>
        Float64Array.from(
          { length: pixels },
          (_, i) =>
            r * difference[3 * i]! + g * difference[3 * i + 1]! + b * difference[3 * i + 2]!,
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
          const weights = YCBCR_TO_RGB[c]!;
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
  const rows = JPEG_BLOCK * down,
    columns = JPEG_BLOCK * across,
    block = new Float64Array(JPEG_BLOCK * JPEG_BLOCK);
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
          block[Math.floor(y / down) * JPEG_BLOCK + Math.floor(x / across)]! += plane[at]! /
            (down * across);
        }
      }
      transformJpegBlock(block, false);
      for (let k = 0; k < block.length; k++) {
        const q = steps[k]! / 255, d = block[k]!, variance = sigma * sigma;
        const mean = d * variance / (variance + UNIFORM_VARIANCE * q * q);
        // observed - (estimate + move) must stay within half a step.
        block[k] = Math.min(Math.max(mean, d - q / 2), d + q / 2);
      }
      transformJpegBlock(block, true);
      for (let y = Math.max(0, -y0); y < rows && y0 + y < height; y++) {
        for (let x = Math.max(0, -x0); x < columns && x0 + x < width; x++) {
          corrected[(y0 + y) * width + x0 + x] = block[
            Math.floor(y / down) * JPEG_BLOCK + Math.floor(x / across)
          ]!;
        }
      }
    }
  }
  plane.set(corrected);
}
