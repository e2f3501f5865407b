// How much of a target each band of an output repeats, phases included.
import { checkSameSize } from "./_check_size.ts";
import { NEGLIGIBLE } from "./_negligible.ts";
import { ringProducts } from "./_ring_sums.ts";
import type { Rings } from "./rings.ts";
import type { Spectrum } from "./spectrum.ts";

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
 * import { isotropicRings } from "./isotropic_rings.ts";
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
