// Band correspondence, gain and coherence of an output with a target; the effective bandwidth; learning times of
// bands.
import { check, checkSameSize } from "../check.ts";
import type { Spectrum } from "./fourier.ts";
import { copies, NEGLIGIBLE, ringProducts, type Rings, ringSums } from "./rings.ts";

/** Keeps the ratio finite where the target has no power at a frequency; the constant of the paper's code. */
const EPSILON = 1e-8;

/**
 * The frequency-band correspondence of the paper's code: the mean over each ring of
 * `clip(|A| / (|B| + 1e-8), 0, 1)`, with `A` the output's coefficients and `B` the target's.
 *
 * It measures how much amplitude each band of the output has, near 1 for all, and not whether that is correct: phases
 * are ignored. {@linkcode bandTransfer} takes phases into account.
 *
 * @param output The spectrum of the network's output.
 * @param target The spectrum of the picture to which the network is fitted.
 * @param rings The rings; {@linkcode paperRings} for the paper's numbers.
 * @returns A number in [0, 1] for each ring; 0 for an empty ring.
 * @throws {RangeError} If the sizes differ.
 *
 * @example Half the amplitude
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "./fourier.ts";
 * import { isotropicRings } from "./rings.ts";
 *
 * const target = Float64Array.from({ length: 64 }, (_, i) => Math.sin(i * i));
 * const bands = bandCorrespondence(
 *   fourier(target.map((value) => value / 2), 8, 8),
 *   fourier(target, 8, 8),
 *   isotropicRings(8, 8),
 * );
 * for (const band of bands) assert.ok(Math.abs(band - 0.5) < 1e-6);
 * ```
 */
export function bandCorrespondence(output: Spectrum, target: Spectrum, rings: Rings): number[] {
  checkSameSize(target, { output, rings });
  const sums = ringSums(rings, (i) => {
    const a = Math.sqrt(output.real[i]! ** 2 + output.imaginary[i]! ** 2);
    const b = Math.sqrt(target.real[i]! ** 2 + target.imaginary[i]! ** 2);
    return Math.min(a / (b + EPSILON), 1);
  });
  return sums.map((sum, ring) => rings.sizes[ring] ? sum / rings.sizes[ring] : 0);
}

/** The measures of {@linkcode bandTransfer}, for each ring. */
export interface BandTransfer {
  /** The factor by which the target's band has to be multiplied to be closest to the output's. */
  readonly gain: number[];
  /** The part of the output's power that is the target times `gain`, in [0, 1]. */
  readonly coherence: number[];
}

/**
 * The gain and the coherence of each band of an output, with `A` the output's coefficients, `B`
 * the target's and sums over a ring:
 *
 * `gain = sum A conj B / sum |B|^2` and `coherence = (sum A conj B)^2 / (sum |A|^2 sum |B|^2)`.
 *
 * In the spectra of real pictures a ring's `sum A conj B` is real, so the gain is a signed number: the slope of the
 * regression of the output's band on the target's, pixel by pixel. The coherence is their squared correlation. A band
 * that is shifted or wrong can have all of its amplitude, and the paper's correspondence near 1, while gain and
 * coherence are near 0.
 *
 * The mean of the picture is left out, because it would dominate the lowest ring.
 *
 * @param output The spectrum of the network's output.
 * @param target The spectrum of the picture with which the output is compared.
 * @param rings The rings.
 * @returns Gain and coherence of each ring; 0 where the output or the target has no power.
 * @throws {RangeError} If the sizes differ.
 *
 * @example A negative has all amplitudes of the picture, with the opposite sign
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "./fourier.ts";
 * import { isotropicRings } from "./rings.ts";
 *
 * const target = Float64Array.from({ length: 256 }, (_, i) => Math.sin(i * i));
 * const { gain, coherence } = bandTransfer(
 *   fourier(target.map((value) => 1 - value), 16, 16),
 *   fourier(target, 16, 16),
 *   isotropicRings(16, 16),
 * );
 * for (const value of gain) assert.ok(Math.abs(value + 1) < 1e-9);
 * for (const value of coherence) assert.ok(Math.abs(value - 1) < 1e-9);
 * ```
 */
export function bandTransfer(output: Spectrum, target: Spectrum, rings: Rings): BandTransfer {
  checkSameSize(target, { output, rings });
  const products = ringProducts(output, target, rings, 1);
  const outputs = powers(output, rings), targets = powers(target, rings);
  return {
    gain: products.map((ab, ring) => targets[ring] ? ab / targets[ring] : 0),
    coherence: products.map((ab, ring) => {
      const both = outputs[ring]! * targets[ring]!;
      return both ? Math.min(ab * ab / both, 1) : 0;
    }),
  };
}

/** The power in each ring without the mean's; power that is only the rounding error of the mean counts as 0. */
function powers(spectrum: Spectrum, rings: Rings): number[] {
  const sums = ringProducts(spectrum, spectrum, rings, 1);
  const whole = sums.reduce((a, b) => a + b, spectrum.real[0]! ** 2);
  return sums.map((sum) => sum > NEGLIGIBLE * whole ? sum : 0);
}

const BINS = 1024;

/** The fraction of the power that may be missing, because sums in another order differ by rounding. */
const ROUNDING = 1e-12;

/**
 * The effective bandwidth: the smallest radius, in cycles per pixel, within which `fraction` of the power of a
 * picture lies. The mean is left out: it is only the brightness.
 *
 * @param spectrum The spectrum.
 * @param fraction The fraction of the power, above 0 and at most 1.
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
  check(fraction > 0 && fraction <= 1, "fraction", fraction, "above 0 and at most 1");
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

  // Only the coefficients of the bin that contains the radius need sorting.
  let missing = fraction * total * (1 - ROUNDING);
  let last = 0;
  while (last < BINS - 1 && missing > binned[last]!) missing -= binned[last++]!;
  const places = Array.from(frequencies.keys())
    .filter((i) => bin(frequencies[i]!) === last)
    .sort((i, j) => frequencies[i]! - frequencies[j]!);
  const place = places.find((i) => (missing -= powers[i]!) <= 0) ?? places.at(-1)!;
  return frequencies[place]!;
}

/** The bin of a frequency; bins are of equal width and extend to the spectrum's corners. */
function bin(frequency: number): number {
  return Math.min(Math.floor(frequency * Math.SQRT2 * BINS), BINS - 1);
}

/** Options of {@linkcode learnedAt}. */
export interface LearnedAtOptions {
  /** The level to be reached, as a fraction of the target's band. @default {0.5} */
  level?: number;
  /**
   * The number of iterations for which the band has to stay there: random weights may pass the level by chance.
   * @default {20}
   */
  stays?: number;
}

/**
 * The iteration from which a band stays at a level or above it.
 *
 * Use it with the gain, not with H: an untrained output that is noise has part of every band's amplitude, and so a
 * positive H, without having learned anything.
 *
 * @param band The band's gain, or H, at every iteration from the first; a record's `series.bandGain` has one list for
 * each band.
 * @param options The level, and for how long the band has to stay there.
 * @returns The iteration, from 1; Infinity if the band does not stay there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(learnedAt([0.6, 0.2, 0.5, 0.7], { stays: 2 }), 3);
 * assert.equal(learnedAt([0.6, 0.2, 0.4], { stays: 2 }), Infinity);
 * ```
 */
export function learnedAt(
  band: readonly (number | null)[],
  { level = 0.5, stays = 20 }: LearnedAtOptions = {},
): number {
  let since = 0;
  for (let i = 0; i < band.length; i++) {
    const value = band[i] ?? null;
    since = value !== null && value >= level ? since + 1 : 0;
    if (since === stays) return i + 2 - stays;
  }
  // A run may end before the band has stayed long enough; what there is counts then.
  return since > 0 ? band.length + 1 - since : Infinity;
}
