// The spectra of the quietest blocks of a picture, at each luminance.
import { type Blocks, SIZE } from "./_blocks.ts";

/** What the quietest blocks of one luminance have. */
export interface Quiet {
  /** The median luminance. */
  readonly luminance: number;
  /** The mean square of each coefficient, `[channels][64]`. */
  readonly power: readonly Float64Array[];
  /** The sum of the products of two channels over all coefficients but the mean, `[channels][channels]`. */
  readonly products: readonly (readonly number[])[];
  /** How much less energy the quietest have than others that are quiet: near 1 where noise is all there is. */
  readonly evenness: number;
}

/** The part of the blocks that is quiet, and what is taken in its place where even that has texture. */
const QUIET = 0.04, QUIETEST = 0.015, FEWEST = [24, 12] as const;

/** The quietest are taken once their energy is below this part of the quiet ones', wholly a quarter below. */
const EVEN = 0.85, UNEVEN = 0.6;

/** Blocks to compare the quietest with, as parts of all. */
const COMPARED = [0.1, 0.16] as const;

/** Frequencies from which texture is told, as sums of the two indices. */
const HIGH = 3;

/** Keeps weights finite where there is no noise; a tenth of a level of 255, squared and rounded up. */
const LEAST = 0.1;

/** The coefficients but the mean in two halves: one selects, the other is measured, then the reverse. */
const HALVES = [0, 1].map((half) =>
  Array.from({ length: SIZE }, (_, i) => i).filter((i) => i > 0 && (i >> 3) % 2 === half)
);

/** The blocks in order of luminance, in parts of equal size. */
export function binsOf({ luminance, count }: Blocks, bins: number): Uint32Array[] {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
    .sort((a, b) => luminance[a]! - luminance[b]! || a - b);
  return Array.from(
    { length: bins },
    (_, i) => order.subarray(Math.floor(i * count / bins), Math.floor((i + 1) * count / bins)),
  );
}

/**
 * Measures the quietest blocks of a bin. A block is judged by other coefficients than those measured in it, so
 * that to choose it does not favour little noise (Ponomarenko et al. 2007 take low frequencies to judge and
 * high ones to measure; here both are everywhere).
 *
 * @param blocks All blocks.
 * @param bin Those of one luminance, by index.
 * @param expected The power expected of noise alone, `[channels][64]`: what a coefficient is judged by.
 */
export function quietest(
  { coefficients, channels, luminance }: Blocks,
  bin: Uint32Array,
  expected: readonly Float64Array[],
): Quiet {
  const quiet = Math.min(bin.length, Math.max(Math.floor(QUIET * bin.length), FEWEST[0]));
  const few = Math.min(bin.length, Math.max(Math.floor(QUIETEST * bin.length), FEWEST[1]));
  const weights = expected.map((power) => power.map((value) => 1 / (value + LEAST)));
  const [wide, narrow] = [quiet, few].map(() => ({
    power: expected.map(() => new Float64Array(SIZE)),
    products: expected.map(() => expected.map(() => 0)),
  }));
  let lowest = 0, compared = 0;
  const scores = new Float64Array(bin.length), places = bin.map((_, i) => i);
  for (const half of [0, 1]) {
    const selecting = HALVES[half]!, measured = HALVES[1 - half]!;
    bin.forEach((block, i) => {
      let score = 0;
      for (let c = 0; c < channels; c++) {
        const from = (block * channels + c) * SIZE, weight = weights[c]!;
        for (const k of selecting) score += coefficients[from + k]! ** 2 * weight[k]!;
      }
      scores[i] = score;
    });
    places.sort((a, b) => scores[a]! - scores[b]! || a - b);
    for (let i = 0; i < quiet; i++) {
      const from = bin[places[i]!]! * channels * SIZE;
      add(wide!, coefficients, from, measured, 1 / quiet);
      if (i < few) add(narrow!, coefficients, from, measured, 1 / few);
    }
    const texture = measured.filter((k) => (k >> 3) + (k & 7) >= HIGH);
    const energy = (from: number, to: number) => {
      let sum = 0;
      for (let i = from; i < to; i++) {
        const at = bin[places[i]!]! * channels * SIZE;
        for (const k of texture) sum += coefficients[at + k]! ** 2 * weights[0]![k]!;
      }
      return sum / (to - from);
    };
    const [from, to] = COMPARED.map((part) => Math.floor(part * bin.length)) as [number, number];
    lowest += energy(0, few);
    compared += energy(from, Math.min(to + 8, bin.length));
  }
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b);
  const ratio = sum(narrow!.power[0]!) / Math.max(sum(wide!.power[0]!), 1e-12);
  const even = Math.min(Math.max((ratio - UNEVEN) / (EVEN - UNEVEN), 0), 1);
  const mixed = (a: number, b: number) => even * a + (1 - even) * b;
  return {
    luminance: luminance[bin[bin.length >> 1]!]!,
    power: wide!.power.map((power, c) =>
      power.map((value, k) => mixed(value, narrow!.power[c]![k]!))
    ),
    products: wide!.products.map((row, c) =>
      row.map((value, d) => mixed(value, narrow!.products[c]![d]!))
    ),
    evenness: Math.min(lowest / Math.max(compared, 1e-12), 1),
  };
}

/** Adds a block's squares and products. */
function add(
  { power, products }: { power: Float64Array[]; products: number[][] },
  coefficients: Float32Array,
  from: number,
  measured: readonly number[],
  part: number,
): void {
  for (let c = 0; c < power.length; c++) {
    const a = from + c * SIZE;
    for (const k of measured) power[c]![k]! += part * coefficients[a + k]! ** 2;
    for (let d = 0; d < power.length; d++) {
      const b = from + d * SIZE;
      let sum = 0;
      for (const k of measured) sum += coefficients[a + k]! * coefficients[b + k]!;
      products[c]![d]! += part * sum;
    }
  }
}
