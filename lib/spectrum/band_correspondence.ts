// The paper's frequency-band correspondence.
import { checkSameSize } from "./_check_size.ts";
import type { Rings } from "./rings.ts";
import { ringSums } from "./_ring_sums.ts";
import type { Spectrum } from "./spectrum.ts";

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
 * import { isotropicRings } from "./isotropic_rings.ts";
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
