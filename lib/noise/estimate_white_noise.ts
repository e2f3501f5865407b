// Estimates the level of white noise from the picture alone.
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { checkFinite, checkLeastSize } from "../check.ts";
import { clippedVariance } from "./clipped_gaussian.ts";
import type { Image } from "../image/mod.ts";

/** The least side of a picture. */
const LEAST_SIDE = 16;
/** The least and the greatest side of a patch. */
const SMALLEST = 2, LARGEST = 5;
/** The width of the surround by which a patch is selected. */
const RIM = 3;
/**
 * The fraction of the patches that is used. The channels of a colour patch have common texture, which leaves
 * directions free of it; a grey patch has to come from a quieter place.
 */
const KEPT = { 1: 1 / 16, 3: 1 / 2 };
/** About how many patches are used, and the least number for each sample of a patch. */
const PATCHES = 8192, LEAST_PATCHES = 100;
/** A surround counts as over- or underexposed if more than this fraction of its samples is 0 or 1. */
const EXPOSED = 3 / 4;
/** The iterations end at this relative change, or after this number. */
const TOLERANCE = 1e-3, ITERATIONS = 30;

/**
 * The standard deviation of the Gaussian noise in a picture, estimated from the picture alone.
 *
 * The noise must be independent from sample to sample and equal over channels; for a camera's JPEG files, whose noise
 * is smoothed, the result is too low. The method is that of Chen, Zhu and Heng 2015 ("An Efficient Statistical Method
 * for Image Noise Level Estimation"): the patches of a picture have texture in few directions, but noise in all. So
 * the smaller eigenvalues of their covariance are the noise's variance: those that remain when the largest are
 * dropped until the mean is not above the median. Two things are added.
 *
 * - Patches come from quiet places, as in Liu, Tanaka and Okutomi 2013 ("Single-Image Noise Level
 *   Estimation for Blind Denoising"), but are judged by the pixels around them, whose noise is
 *   another: to choose among them so does not favour little noise.
 * - A picture within [0, 1] is taken for clipped, and clipping hides noise near the ends. With
 *   `v(m)` the variance that `sigma` leaves where the mean is `m` (Foi 2009), the covariance is
 *   divided by each channel's mean `v(m)`; `sigma` is the one for which its noise is then 1.
 *
 * For the pictures in data/ and crops of 256x256 the result is within 10 % of the added noise from 5/255 to 75/255,
 * clipped or not. The exception is the lower right of `camera.png`, grass without a quiet place: its own texture,
 * 2.5/255 without noise, increases the result for 5/255 by 8 to 20 % and for 10/255 by up to 9 %. Results for small
 * pictures vary and are too low: for flat grey ones of 16x16 by 5 +- 8 %, for flat colour ones by 14 +- 9 %. `alpha`
 * is ignored.
 *
 * @param image The noisy picture.
 * @returns The standard deviation, where white is 1, before clipping; 0 for a flat picture and for
 * one of nothing but 0 and 1.
 * @throws {RangeError} If a side is below 16 or a sample is not finite.
 *
 * @example The noise of a grey ramp
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise } from "../image/mod.ts";
 *
 * const data = Float32Array.from({ length: 128 * 128 }, (_, i) => (i % 128) / 127);
 * const clean = { height: 128, width: 128, channels: 1, data } as const;
 * const sigma = estimateWhiteNoise(addGaussianNoise(clean, 25 / 255, 1));
 * assert.ok(Math.abs(sigma - 25 / 255) < 0.1 * 25 / 255);
 * ```
 */
export function estimateWhiteNoise(image: Image): number {
  const { data } = image;
  checkLeastSize("image", image, LEAST_SIDE);
  checkFinite("image", data);

  const picture = withoutCopies(image);
  const { channels } = picture;
  const clipped = data.every((value) => value >= 0 && value <= 1);
  const patches = quietPatches(picture, clipped);
  if (patches.length === 0) return 0;

  const covariance = covarianceOf(patches), size = patches[0]!.length;
  let sigma = Math.sqrt(noiseVariance(eigenvaluesOf(covariance, size)));
  if (!clipped) return sigma;

  const levels = channelMeans(patches, channels);
  for (let i = 0, ratio = 0; i < ITERATIONS && sigma > 0 && Math.abs(ratio - 1) > TOLERANCE; i++) {
    const variance = clippedVariance(sigma);
    const deviations = levels.map((means) =>
      Math.sqrt(means.reduce((sum, mean) => sum + variance(mean), 0) / means.length)
    );
    const white = covariance.map((value, k) =>
      value / (deviations[k % channels]! * deviations[Math.floor(k / size) % channels]!)
    );
    ratio = Math.sqrt(noiseVariance(eigenvaluesOf(white, size)));
    sigma *= ratio;
  }
  return sigma;
}

/** The eigenvalues of a symmetric matrix in ascending order. */
function eigenvaluesOf(matrix: Float64Array, size: number): Float64Array {
  const { realEigenvalues } = new EigenvalueDecomposition(
    Matrix.from1DArray(size, size, matrix),
    { assumeSymmetric: true },
  );
  return Float64Array.from(realEigenvalues).sort();
}

/** Makes a picture grey if its channels are equal, because they then have the same noise. */
function withoutCopies(image: Image): Image {
  const { channels, data } = image;
  const first = (i: number) => data[i - i % channels]!;
  if (channels === 1 || !data.every((value, i) => value === first(i))) return image;
  return { ...image, channels: 1, data: data.filter((_, i) => i % channels === 0) };
}

/** The patches, each `[side, side, channels]`, whose surrounds vary least from pixel to pixel. */
function quietPatches({ height, width, channels, data }: Image, clipped: boolean): Float64Array[] {
  // Fewer than ten disjoint patches for each sample of a patch would make the eigenvalues too uncertain.
  const wanted = Math.floor((height * width / (10 * channels)) ** (1 / 4));
  const side = Math.min(Math.max(wanted, SMALLEST), LARGEST), outer = side + 2 * RIM;
  const stride = Math.ceil(Math.sqrt(height * width * KEPT[channels] / PATCHES));

  const sumPixels = (value: (i: number, y: number, x: number) => number) =>
    boxSums(height, width, (y, x) => {
      let sum = 0;
      for (let i = (y * width + x) * channels, c = 0; c < channels; c++, i++) sum += value(i, y, x);
      return sum;
    });
  const ends = sumPixels((i) => data[i] === 0 || data[i] === 1 ? 1 : 0);
  const energy = sumPixels((i, y, x) => {
    const right = x + 1 < width ? data[i + channels]! - data[i]! : 0;
    const down = y + 1 < height ? data[i + width * channels]! - data[i]! : 0;
    return right * right + down * down;
  });

  const rim = (outer * outer - side * side) * channels;
  const places: { y: number; x: number; restless: number }[] = [];
  for (let y = RIM; y + side + RIM <= height; y += stride) {
    for (let x = RIM; x + side + RIM <= width; x += stride) {
      const exposed = ends(y - RIM, x - RIM, outer) - ends(y, x, side);
      if (clipped && exposed > EXPOSED * rim) continue;
      // The differences between neighbouring pixels of the surround, without those that involve the patch.
      const restless = energy(y - RIM, x - RIM, outer - 1) - energy(y - 1, x - 1, side + 1);
      places.push({ y, x, restless });
    }
  }
  places.sort((a, b) => a.restless - b.restless);
  const count = Math.max(places.length * KEPT[channels], LEAST_PATCHES * side * side * channels);
  return places.slice(0, Math.ceil(count)).map(({ y, x }) => {
    const patch = new Float64Array(side * side * channels);
    for (let row = 0; row < side; row++) {
      const from = ((y + row) * width + x) * channels;
      patch.set(data.subarray(from, from + side * channels), row * side * channels);
    }
    return patch;
  });
}

/** The sum of `value` over any square, from a summed-area table (Crow 1984). */
function boxSums(
  height: number,
  width: number,
  value: (y: number, x: number) => number,
): (top: number, left: number, side: number) => number {
  const columns = width + 1;
  const table = new Float64Array((height + 1) * columns);
  for (let y = 0; y < height; y++) {
    for (let x = 0, row = 0; x < width; x++) {
      row += value(y, x);
      table[(y + 1) * columns + x + 1] = table[y * columns + x + 1]! + row;
    }
  }
  return (top, left, side) => {
    const above = top * columns + left, below = above + side * columns;
    return table[below + side]! - table[below]! - table[above + side]! + table[above]!;
  };
}

/** The covariance of the patches' samples, `[size, size]`. */
function covarianceOf(patches: Float64Array[]): Float64Array {
  const size = patches[0]!.length, count = patches.length;
  const mean = new Float64Array(size), covariance = new Float64Array(size * size);
  for (const patch of patches) patch.forEach((value, i) => mean[i]! += value / count);
  for (const patch of patches) {
    const centred = patch.map((value, i) => value - mean[i]!);
    for (let i = 0; i < size; i++) {
      for (let j = i; j < size; j++) covariance[i * size + j]! += centred[i]! * centred[j]! / count;
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) covariance[i * size + j] = covariance[j * size + i]!;
  }
  return covariance;
}

/** The mean of each channel in each patch. */
function channelMeans(patches: Float64Array[], channels: number): number[][] {
  return Array.from({ length: channels }, (_, c) =>
    patches.map((patch) => {
      let sum = 0;
      for (let i = c; i < patch.length; i += channels) sum += patch[i]!;
      return sum * channels / patch.length;
    }));
}

/** Chen's rule: the mean without the largest eigenvalues, which are dropped as long as it is above the median. */
function noiseVariance(ascending: Float64Array): number {
  let sum = ascending.reduce((sum, value) => sum + value, 0);
  for (let count = ascending.length; count > 1; count--) {
    const median = (ascending[(count - 1) >> 1]! + ascending[count >> 1]!) / 2;
    if (sum / count <= median) return Math.max(sum / count, 0);
    sum -= ascending[count - 1]!;
  }
  return Math.max(ascending[0]!, 0);
}
