// The Rings type: the frequencies of a spectrum, sorted into bands.

/**
 * Concentric rings around frequency zero, the lowest first, for the spectra of one size.
 *
 * @example A ring for every coefficient
 * ```ts
 * import assert from "node:assert/strict";
 * import { isotropicRings } from "./isotropic_rings.ts";
 *
 * const rings: Rings = isotropicRings(4, 6, 2);
 * assert.equal(rings.of.length, 4 * rings.columns);
 * assert.equal(rings.sizes[0]! + rings.sizes[1]!, 4 * 6);
 * ```
 */
export interface Rings {
  /** The rows of the plane. */
  readonly height: number;
  /** The columns of the plane. */
  readonly width: number;
  /** The columns of the half spectrum. */
  readonly columns: number;
  /** The ring of each coefficient of the half spectrum, `[height, columns]`; -1 for none. */
  readonly of: Int16Array;
  /** The coefficients of the whole spectrum in each ring. */
  readonly sizes: readonly number[];
  /**
   * The outer radius of each ring: in cycles per pixel where `mode` is `"isotropic"`, as a part of
   * half the width where it is `"paper"`.
   */
  readonly radii: readonly number[];
  /** The mean frequency of each ring's coefficients, in cycles per pixel; 0 for an empty ring. */
  readonly frequencies: readonly number[];
  /** Whether distance from zero is a frequency, or is counted in coefficients as the paper does. */
  readonly mode: "paper" | "isotropic";
}
