// Sorts the coefficients of a half spectrum into rings.
import { checkSize } from "./_check_size.ts";
import type { Rings } from "./rings.ts";
import { ringSums } from "./_ring_sums.ts";

/**
 * Makes rings.
 *
 * @param size The sizes of the plane and what else {@linkcode Rings} says of itself.
 * @param ringOf The ring, or -1, of the coefficient `u` columns and `v` rows from frequency zero.
 * Both are positive: a ring holds a coefficient's mirror images too.
 */
export function makeRings(
  size: Pick<Rings, "height" | "width" | "radii" | "mode">,
  ringOf: (u: number, v: number) => number,
): Rings {
  const { height, width, radii } = size;
  checkSize({ height, width });
  const columns = Math.floor(width / 2) + 1;
  const distances = (i: number): [u: number, v: number] => {
    const y = Math.floor(i / columns);
    return [i % columns, Math.min(y, height - y)];
  };
  const of = Int16Array.from({ length: height * columns }, (_, i) => ringOf(...distances(i)));
  const rings = { ...size, columns, of, sizes: radii.map(() => 0), frequencies: [] };
  const sizes = ringSums(rings, () => 1);
  const frequencies = ringSums(rings, (i) => {
    const [u, v] = distances(i);
    return Math.hypot(u / width, v / height);
  }).map((sum, ring) => sizes[ring] ? sum / sizes[ring] : 0);
  return { ...rings, sizes, frequencies };
}

/** Throws a `RangeError` if `count` cannot be a number of rings. */
export function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > 32767) {
    throw new RangeError(`\`count\` must be a whole number from 1 to 32767: got ${count}`);
  }
}
