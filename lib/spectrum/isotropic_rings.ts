// Rings of equal frequency in every direction.
import { checkCount, makeRings } from "./_make_rings.ts";
import type { Rings } from "./rings.ts";

/**
 * Rings of equal width in `sqrt(fx^2 + fy^2)`, in cycles per pixel, from 0 to 0.5.
 *
 * A frequency means the same in every direction whatever the picture's sides, and every coefficient
 * is in a ring: the last takes the corners beyond 0.5 too.
 *
 * @param height The rows of the plane.
 * @param width The columns of the plane.
 * @param count The number of rings.
 * @returns The rings; in a picture of few pixels some may be empty.
 * @throws {RangeError} If an argument is not a positive whole number or `count` is above 32767.
 *
 * @example Five rings
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { radii, sizes } = isotropicRings(300, 451);
 * assert.deepEqual(radii, [0.1, 0.2, 0.3, 0.4, 0.5]);
 * assert.equal(sizes.reduce((sum, size) => sum + size), 300 * 451);
 * ```
 */
export function isotropicRings(height: number, width: number, count = 5): Rings {
  checkCount(count);
  const radii = Array.from({ length: count }, (_, i) => 0.5 * (i + 1) / count);
  return makeRings({ height, width, radii, mode: "isotropic" }, (u, v) => {
    // f / 0.5 * count, with one division of whole numbers so that an edge falls where it should.
    const rings = 2 * count * Math.sqrt((u * height) ** 2 + (v * width) ** 2) / (height * width);
    return Math.min(Math.max(Math.ceil(rings) - 1, 0), count - 1);
  });
}
