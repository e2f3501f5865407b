// Sums over rings of the whole spectrum, of which one half is kept.
import type { Rings } from "./rings.ts";
import type { Spectrum } from "./spectrum.ts";

/** The sum over each ring of `value`, which is given a coefficient's place in the half spectrum. */
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
 * The sum of `A conj B` over each ring. It is real: with every coefficient a ring holds its mirror
 * image, and `A(-k) conj B(-k)` is the conjugate of `A(k) conj B(k)`.
 *
 * @param a A spectrum.
 * @param b Another of the same size, or the same for the sum of squares.
 * @param rings The rings.
 * @param from The first place in the half spectrum that counts: 1 leaves out the mean.
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

/** How many coefficients of the whole spectrum one of column `k` stands for. */
export function copies(k: number, width: number): 1 | 2 {
  return k === 0 || 2 * k === width ? 1 : 2;
}
