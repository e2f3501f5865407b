// Rings as fine as a spectrum is sampled.
import { checkSize } from "./_check_size.ts";
import { makeRings } from "./_make_rings.ts";
import type { Rings } from "./rings.ts";

/**
 * Rings one coefficient of the shorter side wide, ring `q` around `q` periods of that side: the
 * usual ones of a Fourier ring correlation or a radial power spectrum.
 *
 * The first holds the mean and, of the longer side, what is nearer to it than half a period; the
 * last lies at 0.5 cycles per pixel; the corners beyond are in none.
 *
 * @param height The rows of the plane.
 * @param width The columns of the plane.
 * @returns The rings. In a plane of one row or column they are those of the other side.
 * @throws {RangeError} If an argument is not a positive whole number.
 *
 * @example The frequencies of a row of eight pixels
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { frequencies, sizes } = fineRings(1, 8);
 * assert.deepEqual(frequencies, [0, 0.125, 0.25, 0.375, 0.5]);
 * assert.deepEqual(sizes, [1, 2, 2, 2, 1]);
 * ```
 */
export function fineRings(height: number, width: number): Rings {
  checkSize({ height, width });
  const side = Math.min(height, width) > 1 ? Math.min(height, width) : Math.max(height, width);
  const last = Math.floor(side / 2);
  const radii = Array.from({ length: last + 1 }, (_, q) => (q + 0.5) / side);
  return makeRings({ height, width, radii, mode: "isotropic" }, (u, v) => {
    // side * f, with one division of whole numbers so that an edge falls where it should.
    const distance = side * Math.sqrt((u * height) ** 2 + (v * width) ** 2) / (height * width);
    const ring = Math.round(distance);
    return ring <= last ? ring : -1;
  });
}
