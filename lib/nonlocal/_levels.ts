// The noise variance of every patch.
import type { NoiseModel } from "../noise/mod.ts";
import { type Planes, sharedPlane } from "./_planes.ts";

/** The least variance of a patch, 0.02 of 255², so that no matrix is singular. */
const LEAST = 0.02 / 255 ** 2;

/** The side of the square over which a noisy picture is averaged to find its luminance. */
const SMOOTHED = 5;

/**
 * The variance of each channel's noise in the patch that begins at a pixel: the mean over the patch of the model's
 * variance at the local luminance. It is a single number if the model's variance is constant.
 *
 * @param estimate The picture's planes, luminance first.
 * @param noisy Whether they are noisy, so that the luminance is a mean over 5x5 pixels.
 * @param patch The side of a patch.
 */
export function patchVariances(
  model: NoiseModel,
  estimate: Planes,
  noisy: boolean,
  patch: number,
): (Float32Array | number)[] {
  const level = (variance: readonly number[]) => variance.every((value) => value === variance[0]);
  if (model.variance.every(level)) return model.variance.map(([value]) => Math.max(value!, LEAST));
  const { height, width } = estimate;
  const luminance = noisy ? smoothed(estimate) : estimate.planes[0]!;
  const scale = model.channels === 3 ? 1 / Math.sqrt(3) : 1;
  return model.variance.map((variance) => {
    if (level(variance)) return Math.max(variance[0]!, LEAST);
    const plane = sharedPlane(height * width);
    for (let i = 0; i < plane.length; i++) {
      plane[i] = interpolated(model.luminance, variance, luminance[i]! * scale);
    }
    sumSquares(plane, height, width, patch);
    // The sum of a patch is stored at its last pixel, but is needed at the first.
    const ahead = (patch - 1) * (width + 1);
    for (let i = 0; i < plane.length; i++) {
      plane[i] = Math.max((plane[i + ahead] ?? 0) / patch ** 2, LEAST);
    }
    return plane;
  });
}

/** Linear interpolation between ascending points; constant outside. */
function interpolated(points: readonly number[], values: readonly number[], at: number): number {
  const last = points.length - 1;
  if (at <= points[0]!) return values[0]!;
  if (at >= points[last]!) return values[last]!;
  let i = 1;
  while (points[i]! < at) i++;
  const part = (at - points[i - 1]!) / (points[i]! - points[i - 1]!);
  return values[i - 1]! * (1 - part) + values[i]! * part;
}

/** The mean of the pixels around each pixel of the first plane, with repeated edges. */
function smoothed({ height, width, planes: [plane] }: Planes): Float32Array {
  const half = (SMOOTHED - 1) / 2, rows = height + 2 * half, columns = width + 2 * half;
  const larger = new Float32Array(rows * columns);
  const inside = (i: number, size: number) => Math.min(Math.max(i - half, 0), size - 1);
  for (let y = 0, i = 0; y < rows; y++) {
    const from = inside(y, height) * width;
    for (let x = 0; x < columns; x++, i++) larger[i] = plane![from + inside(x, width)]!;
  }
  sumSquares(larger, rows, columns, SMOOTHED);
  const means = new Float32Array(height * width);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, at = (y + 2 * half) * columns + 2 * half; x < width; x++, i++, at++) {
      means[i] = larger[at]! / SMOOTHED ** 2;
    }
  }
  return means;
}

/**
 * Replaces each number of a plane by the sum over the square of `side` that ends at it. Numbers outside the plane
 * count as 0.
 */
export function sumSquares(plane: Float32Array, height: number, width: number, side: number): void {
  // Numbers that leave the square are needed again: the last `side` rows are stored.
  const kept = new Float32Array(side * width), columns = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const row = plane.subarray(y * width, (y + 1) * width);
    const old = kept.subarray((y % side) * width, (y % side + 1) * width);
    for (let x = 0; x < width; x++) columns[x]! += row[x]! - old[x]!;
    old.set(row);
    for (let x = 0, sum = 0; x < width; x++) {
      sum += columns[x]! - (x < side ? 0 : columns[x - side]!);
      row[x] = sum;
    }
  }
}
