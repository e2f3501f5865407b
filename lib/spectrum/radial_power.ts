// The power of a picture at each frequency, averaged over directions.
import { checkSameSize } from "./_check_size.ts";
import { fineRings } from "./fine_rings.ts";
import { ringProducts } from "./_ring_sums.ts";
import type { Rings } from "./rings.ts";
import type { Spectrum } from "./spectrum.ts";

/** What {@linkcode radialPower} tells. */
export interface RadialPower {
  /** The mean frequency of each ring, in cycles per pixel. */
  readonly frequency: number[];
  /** The mean of `|F|^2 / (height * width)` over each ring. */
  readonly power: number[];
}

/**
 * The radially averaged power spectrum, the mean of `|F|^2 / (height * width)` over each ring: for
 * white noise its variance, at every frequency.
 *
 * @param spectrum The spectrum.
 * @param rings The rings; pass the same ones to save drawing them every time.
 * @returns Frequency and power of each ring; power 0 in an empty one.
 * @throws {RangeError} If the sizes differ.
 *
 * @example A wave of two periods in eight pixels
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "./fourier.ts";
 *
 * const wave = Float64Array.from({ length: 8 }, (_, i) => Math.cos(2 * Math.PI * 2 * i / 8));
 * const { frequency, power } = radialPower(fourier(wave, 1, 8));
 * assert.deepEqual(frequency, [0, 0.125, 0.25, 0.375, 0.5]);
 * power.forEach((value, i) => assert.ok(Math.abs(value - (i === 2 ? 2 : 0)) < 1e-12));
 * ```
 */
export function radialPower(
  spectrum: Spectrum,
  rings: Rings = fineRings(spectrum.height, spectrum.width),
): RadialPower {
  checkSameSize(spectrum, { rings });
  const pixels = spectrum.height * spectrum.width;
  return {
    frequency: [...rings.frequencies],
    power: ringProducts(spectrum, spectrum, rings).map((sum, ring) =>
      sum / (pixels * Math.max(rings.sizes[ring]!, 1))
    ),
  };
}
