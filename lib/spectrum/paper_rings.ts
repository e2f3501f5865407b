// The rings of the paper's code.
import { checkCount, makeRings } from "./_make_rings.ts";
import type { Rings } from "./rings.ts";

/**
 * The rings of the paper's code: discs of radius `i / count` of half the width, in coefficients of
 * the spectrum, each without the one before.
 *
 * The width sets the radii whatever the height, and the corners beyond half the width are in no
 * ring. {@linkcode isotropicRings} has neither peculiarity.
 *
 * @param height The rows of the plane.
 * @param width The columns of the plane.
 * @param count The number of rings.
 * @returns The rings; where the width is below `2 * count` some may be empty.
 * @throws {RangeError} If an argument is not a positive whole number or `count` is above 32767.
 *
 * @example The sizes for 256x256
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(paperRings(256, 256).sizes, [2061, 6184, 10268, 14424, 18494]);
 * ```
 */
export function paperRings(height: number, width: number, count = 5): Rings {
  checkCount(count);
  const half = Math.floor(width / 2);
  const radii = Array.from({ length: count }, (_, i) => (i + 1) / count);
  const edges = radii.map((_, i) => half * (i + 1) / count);
  return makeRings({ height, width, radii, mode: "paper" }, (u, v) => {
    const distance = Math.sqrt(u * u + v * v);
    return edges.findIndex((edge) => distance <= edge);
  });
}
