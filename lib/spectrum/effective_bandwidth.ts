// How far up a picture's power reaches.
import { NEGLIGIBLE } from "./_negligible.ts";
import { copies } from "./_ring_sums.ts";
import type { Spectrum } from "./spectrum.ts";

const BINS = 1024;

/** The part of the power that may be missing, for what sums in another order differ by. */
const ROUNDING = 1e-12;

/**
 * The effective bandwidth: the smallest radius, in cycles per pixel, that holds `fraction` of the
 * power of a picture. The mean is left out: it says how bright the picture is and nothing else.
 *
 * @param spectrum The spectrum.
 * @param fraction The part of the power to be held, above 0 and at most 1.
 * @returns The radius, up to `sqrt(0.5)` in the corners of the spectrum; 0 for a flat picture.
 * @throws {RangeError} If `fraction` is not such a number.
 *
 * @example A wave of two periods in eight pixels
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "./fourier.ts";
 *
 * const wave = Float64Array.from({ length: 8 }, (_, i) => 1 + Math.cos(2 * Math.PI * 2 * i / 8));
 * assert.equal(effectiveBandwidth(fourier(wave, 1, 8)), 0.25);
 * ```
 */
export function effectiveBandwidth(spectrum: Spectrum, fraction = 0.95): number {
  if (!(fraction > 0 && fraction <= 1)) {
    throw new RangeError(`\`fraction\` must be above 0 and at most 1: got ${fraction}`);
  }
  const { height, width, columns, real, imaginary } = spectrum;
  const frequencies = new Float64Array(height * columns), powers = frequencies.slice();
  const binned = new Float64Array(BINS);
  for (let y = 0, i = 0; y < height; y++) {
    const fy = Math.min(y, height - y) / height;
    for (let k = 0; k < columns; k++, i++) {
      if (i === 0) continue;
      const fx = k / width;
      const frequency = Math.sqrt(fx * fx + fy * fy);
      const power = copies(k, width) * (real[i]! ** 2 + imaginary[i]! ** 2);
      frequencies[i] = frequency;
      powers[i] = power;
      binned[bin(frequency)]! += power;
    }
  }
  const total = binned.reduce((sum, power) => sum + power);
  if (total <= NEGLIGIBLE * real[0]! ** 2) return 0;

  // Only the coefficients of the bin in which the radius falls have to be put in order.
  let missing = fraction * total * (1 - ROUNDING);
  let last = 0;
  while (last < BINS - 1 && missing > binned[last]!) missing -= binned[last++]!;
  const places = Array.from(frequencies.keys())
    .filter((i) => bin(frequencies[i]!) === last)
    .sort((i, j) => frequencies[i]! - frequencies[j]!);
  const place = places.find((i) => (missing -= powers[i]!) <= 0) ?? places.at(-1)!;
  return frequencies[place]!;
}

/** The bin of a frequency; bins are of equal width and reach into the spectrum's corners. */
function bin(frequency: number): number {
  return Math.min(Math.floor(frequency * Math.SQRT2 * BINS), BINS - 1);
}
