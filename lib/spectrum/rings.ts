// The frequencies of a spectrum sorted into rings: the paper's, isotropic and fine ones, and sums over them.
import { checkSides, checkWholeNumber } from "../check.ts";
import type { Spectrum } from "./fourier.ts";

/** The most rings whose numbers fit 16 bits. */
const MAX_RINGS = 32767;

/**
 * Concentric rings around frequency zero, the lowest first, for the spectra of one size.
 *
 * @example A ring for every coefficient
 * ```ts
 * import assert from "node:assert/strict";
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
  /** Whether radii are frequencies (`isotropic`), or counts of coefficients as in the paper's code (`paper`). */
  readonly mode: "paper" | "isotropic";
}

/**
 * The rings of the paper's code: discs of radius `i / count` of half the width, in coefficients of
 * the spectrum, each without the one before.
 *
 * The width sets the radii whatever the height, and coefficients beyond half the width are in no ring. {@linkcode
 * isotropicRings} has neither restriction.
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
  checkWholeNumber("count", count, 1, MAX_RINGS);
  const half = Math.floor(width / 2);
  const radii = Array.from({ length: count }, (_, i) => (i + 1) / count);
  const edges = radii.map((_, i) => half * (i + 1) / count);
  return makeRings({ height, width, radii, mode: "paper" }, (u, v) => {
    const distance = Math.sqrt(u * u + v * v);
    return edges.findIndex((edge) => distance <= edge);
  });
}

/**
 * Rings of equal width in `sqrt(fx^2 + fy^2)`, in cycles per pixel, from 0 to 0.5.
 *
 * A frequency means the same in every direction, whatever the picture's sides, and every coefficient is in a ring:
 * the last ring includes the corners beyond 0.5.
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
  checkWholeNumber("count", count, 1, MAX_RINGS);
  const radii = Array.from({ length: count }, (_, i) => 0.5 * (i + 1) / count);
  return makeRings({ height, width, radii, mode: "isotropic" }, (u, v) => {
    // This is f / 0.5 * count, computed with one division of whole numbers, so that edges between rings are exact.
    const rings = 2 * count * Math.sqrt((u * height) ** 2 + (v * width) ** 2) / (height * width);
    return Math.min(Math.max(Math.ceil(rings) - 1, 0), count - 1);
  });
}

/**
 * Rings whose width is one coefficient of the shorter side, ring `q` around `q` periods of that side: the usual rings
 * of a Fourier ring correlation or a radial power spectrum.
 *
 * The first ring holds the mean and, along the longer side, the coefficients within half a ring of it. The last lies
 * at 0.5 cycles per pixel; the corners beyond are in no ring.
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
  checkSides({ height, width });
  const side = Math.min(height, width) > 1 ? Math.min(height, width) : Math.max(height, width);
  const last = Math.floor(side / 2);
  const radii = Array.from({ length: last + 1 }, (_, q) => (q + 0.5) / side);
  return makeRings({ height, width, radii, mode: "isotropic" }, (u, v) => {
    // This is side * f, computed with one division of whole numbers, so that edges between rings are exact.
    const distance = side * Math.sqrt((u * height) ** 2 + (v * width) ** 2) / (height * width);
    const ring = Math.round(distance);
    return ring <= last ? ring : -1;
  });
}

/**
 * Makes rings.
 *
 * @param size The size of the plane and the other fields of {@linkcode Rings}.
 * @param ringOf The ring, or -1, of the coefficient `u` columns and `v` rows from frequency zero. Both are positive,
 * because a ring contains the mirror images of its coefficients.
 */
function makeRings(
  size: Pick<Rings, "height" | "width" | "radii" | "mode">,
  ringOf: (u: number, v: number) => number,
): Rings {
  const { height, width, radii } = size;
  checkSides({ height, width });
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

/** The sum over each ring of `value`, a function of a coefficient's index in the half spectrum. */
export function ringSums(rings: Rings, value: (i: number) => number): number[] {
  const { height, width, columns, of } = rings;
  const sums = rings.sizes.map(() => 0);
  for (let y = 0, i = 0; y < height; y++) {
    for (let k = 0; k < columns; k++, i++) {
      const ring = of[i]!;
      if (ring >= 0) sums[ring]! += copies(k, width) * value(i);
    }
  }
  return sums;
}

/**
 * The sum of `A conj B` over each ring. It is real, because a ring contains the mirror image of each of its
 * coefficients, and `A(-k) conj B(-k)` is the conjugate of `A(k) conj B(k)`.
 *
 * @param a A spectrum.
 * @param b Another of the same size, or the same for the sum of squares.
 * @param rings The rings.
 * @param from The first index in the half spectrum that counts; 1 leaves out the mean.
 */
export function ringProducts(a: Spectrum, b: Spectrum, rings: Rings, from = 0): number[] {
  const { height, width, columns, of } = rings;
  const sums = new Float64Array(rings.sizes.length);
  for (let y = 0, i = from; y < height; y++) {
    for (let k = i - y * columns; k < columns; k++, i++) {
      const ring = of[i]!;
      if (ring < 0) continue;
      const product = a.real[i]! * b.real[i]! + a.imaginary[i]! * b.imaginary[i]!;
      sums[ring]! += copies(k, width) * product;
    }
  }
  return [...sums];
}

/** The number of coefficients of the whole spectrum that one of column `k` represents. */
export function copies(k: number, width: number): 1 | 2 {
  return k === 0 || 2 * k === width ? 1 : 2;
}

/**
 * A ring with less than this fraction of the spectrum's power contains only rounding errors: a transform in float64
 * leaves about 1e-31.
 */
export const NEGLIGIBLE = 1e-24;
