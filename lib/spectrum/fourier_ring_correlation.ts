// The Fourier ring correlation of two pictures of the same object.
import { checkSameSize } from "../check.ts";
import { fineRings, ringProducts, type Rings } from "./rings.ts";
import type { Spectrum } from "./fourier.ts";

/** The result of {@linkcode fourierRingCorrelation}. */
export interface RingCorrelation {
  /** The mean frequency of each ring, in cycles per pixel. */
  readonly frequency: number[];
  /** The correlation in each ring, in [-1, 1]. */
  readonly correlation: number[];
  /** The half-bit threshold of each ring. */
  readonly halfBit: number[];
  /**
   * The frequency, in cycles per pixel, where the correlation first falls below a threshold, by linear interpolation
   * between rings; `null` where it never does. The curve is not smoothed, so a single low ring is enough.
   */
  readonly resolution: {
    /** Below {@linkcode RingCorrelation.halfBit}. */
    readonly halfBit: number | null;
    /** Below 1/7. */
    readonly oneSeventh: number | null;
  };
}

/** The signal-to-noise ratio of each picture at which both together give half a bit for each coefficient. */
const HALF_BIT_SNR = (Math.SQRT2 - 1) / 2;

/**
 * The Fourier ring correlation (Saxton and Baumeister 1982): over each ring
 * `sum A conj B / sqrt(sum |A|^2 sum |B|^2)`, which is near 1 where the two agree and near 0 where
 * they are independent.
 *
 * The half-bit threshold (van Heel and Schatz 2005) is, with `n` coefficients in the ring and
 * `s = (sqrt 2 - 1) / 2`, `(s sqrt n + 2 sqrt s + 1) / ((s + 1) sqrt n + 2 sqrt s)`. Pictures whose opposite edges
 * differ need a window: see {@linkcode SpectrumOptions}.
 *
 * @param a The spectrum of one picture.
 * @param b The spectrum of the other.
 * @param rings The rings; reuse them, because making them takes time.
 * @returns The correlation, the threshold and where they cross; correlation 0 in a ring where either picture has no
 * power.
 * @throws {RangeError} If the sizes differ.
 *
 * @example A picture with itself
 * ```ts
 * import assert from "node:assert/strict";
 * import { fourier } from "./fourier.ts";
 *
 * const spectrum = fourier(Float64Array.from({ length: 256 }, (_, i) => Math.sin(i * i)), 16, 16);
 * const { correlation, resolution } = fourierRingCorrelation(spectrum, spectrum);
 * for (const value of correlation) assert.ok(Math.abs(value - 1) < 1e-12);
 * assert.equal(resolution.halfBit, null);
 * ```
 */
export function fourierRingCorrelation(
  a: Spectrum,
  b: Spectrum,
  rings: Rings = fineRings(a.height, a.width),
): RingCorrelation {
  checkSameSize(a, { b, rings });
  const aa = ringProducts(a, a, rings), bb = ringProducts(b, b, rings);
  const correlation = ringProducts(a, b, rings).map((ab, ring) => {
    const norm = Math.sqrt(aa[ring]! * bb[ring]!);
    return norm ? ab / norm : 0;
  });
  return ringCorrelation(correlation, rings);
}

/**
 * Adds to a ring correlation its thresholds, and the frequencies at which it falls below them.
 *
 * @param correlation The correlation in each ring.
 * @param rings The rings.
 * @returns The correlation with frequencies, thresholds and resolution.
 *
 * @example Two pictures that agree up to 0.25 cycles per pixel
 * ```ts
 * import assert from "node:assert/strict";
 * import { fineRings } from "./rings.ts";
 *
 * const rings = fineRings(64, 64), values = rings.frequencies.map((at) => at < 0.25 ? 1 : 0);
 * const { resolution } = ringCorrelation(values, rings);
 * assert.ok(Math.abs(resolution.oneSeventh! - 0.25) < 1 / 64);
 * ```
 */
export function ringCorrelation(correlation: readonly number[], rings: Rings): RingCorrelation {
  const halfBit = rings.sizes.map(halfBitThreshold);
  return {
    frequency: [...rings.frequencies],
    correlation: [...correlation],
    halfBit,
    resolution: {
      halfBit: firstBelow(correlation, halfBit, rings),
      oneSeventh: firstBelow(correlation, rings.sizes.map(() => 1 / 7), rings),
    },
  };
}

function halfBitThreshold(size: number): number {
  const s = HALF_BIT_SNR, n = Math.max(size, 1);
  return (s * Math.sqrt(n) + 2 * Math.sqrt(s) + 1) / ((s + 1) * Math.sqrt(n) + 2 * Math.sqrt(s));
}

function firstBelow(
  correlation: readonly number[],
  threshold: readonly number[],
  { sizes, frequencies }: Rings,
): number | null {
  let last = { above: 0, frequency: 0 };
  for (const [ring, size] of sizes.entries()) {
    // The correlation of a single coefficient, the mean's, is always 1 or -1.
    if (size < 2) continue;
    const above = correlation[ring]! - threshold[ring]!, frequency = frequencies[ring]!;
    if (above < 0) {
      const way = last.above / (last.above - above);
      return last.frequency + way * (frequency - last.frequency);
    }
    last = { above, frequency };
  }
  return null;
}
