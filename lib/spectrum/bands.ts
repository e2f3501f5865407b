// What an output has of each frequency band of a target, how far up its power reaches, and when a band is learned.
import { check, checkSameSize } from "../check.ts";
import type { Spectrum } from "./fourier.ts";
import { copies, NEGLIGIBLE, ringProducts, type Rings, ringSums } from "./rings.ts";

/** Keeps the ratio finite where the target has no such frequency; the paper's code's constant. */
const EPSILON = 1e-8;

/**
 * The frequency-band correspondence of the paper's code: the mean over each ring of
 * `clip(|A| / (|B| + 1e-8), 0, 1)`, with `A` the output's coefficients and `B` the target's.
 *
 * It tells how much of each band the output has, near 1 for all, not whether it is the right
 * thing: phases are ignored. {@linkcode bandTransfer} takes them into account.
 *
 * @param output The spectrum of the network's output.
 * @param target The spectrum of what it is fitted to.
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

/** What {@linkcode bandTransfer} tells of each ring. */
export interface BandTransfer {
  /** The factor by which the target's band has to be multiplied to come nearest the output's. */
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
 * In the spectra of real pictures a ring's `sum A conj B` is real, so the gain has a sign and no
 * angle: it is the slope of the regression of the output's band on the target's, pixel by pixel,
 * and the coherence is their squared correlation. A band that was shifted or made up may have all
 * its amplitude, and the paper's correspondence near 1, yet gain and coherence near 0.
 *
 * The mean of the picture is left out; it would drown the lowest ring.
 *
 * @param output The spectrum of the network's output.
 * @param target The spectrum of what it is compared with.
 * @param rings The rings.
 * @returns Gain and coherence of each ring; 0 where the output or the target has nothing there.
 * @throws {RangeError} If the sizes differ.
 *
 * @example A negative has all of the picture, with the other sign
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

/** The power in each ring but the mean's; what is only the mean's rounding counts as nothing. */
function powers(spectrum: Spectrum, rings: Rings): number[] {
  const sums = ringProducts(spectrum, spectrum, rings, 1);
  const whole = sums.reduce((a, b) => a + b, spectrum.real[0]! ** 2);
  return sums.map((sum) => sum > NEGLIGIBLE * whole ? sum : 0);
}

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

/** Options of {@linkcode learnedAt}. */
export interface LearnedAtOptions {
  /** What it has to reach: a part of the target's band. @default {0.5} */
  level?: number;
  /** For how many iterations it has to stay there: random weights may pass the level by accident. @default {20} */
  stays?: number;
}

/**
 * The iteration from which a band stays at a level or above it.
 *
 * Take it of the gain, not of H: an untrained output that is noise has part of every band's amplitude, and so
 * an H, without having learned anything.
 *
 * @param band The band's gain, or H, at every iteration from the first; a record's `series.bandGain` has one
 * list a band.
 * @param options The level, and how long it has to stay.
 * @returns The iteration, from 1; Infinity if it does not.
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
  // At the end of a run nobody can say how long it would have stayed.
  return since > 0 ? band.length + 1 - since : Infinity;
}
