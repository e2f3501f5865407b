// The spectra of the quietest blocks of a picture at each luminance.
import { type Blocks, SIZE } from "./_blocks.ts";

/** The measurements of the quietest blocks of one luminance. */
export interface Quiet {
  /** The median luminance. */
  readonly luminance: number;
  /** The mean square of each coefficient, `[channels][64]`. */
  readonly power: readonly Float64Array[];
  /** The sum of the products of two channels over all coefficients but the mean, `[channels][channels]`. */
  readonly products: readonly (readonly number[])[];
  /** The energy of the quietest blocks relative to that of other quiet ones; near 1 if there is only noise. */
  readonly evenness: number;
}

/**
 * The fraction of the blocks that counts as quiet; the smaller one that is used if those contain texture; and the
 * least numbers of blocks.
 */
const QUIET = 0.04, QUIETEST = 0.015, FEWEST = [24, 12] as const;

/**
 * The power of the quietest blocks divided by that of the quiet ones: from EVEN on the quiet blocks are used, below
 * UNEVEN the quietest, and between them a weighted mean.
 */
const EVEN = 0.85, UNEVEN = 0.6;

/** The range of other quiet blocks for comparison, as fractions of all. */
const COMPARED = [0.1, 0.16] as const;

/** Frequencies (sums of the two indices) from which texture is recognised. */
const HIGH = 3;

/** Keeps weights finite if there is no noise; a tenth of a level of 255, squared and rounded up. */
const LEAST = 0.1;

/**
 * The coefficients without the mean in two halves. One half selects blocks, the other is measured; then the reverse.
 */
const HALVES = [0, 1].map((half) =>
  Array.from({ length: SIZE }, (_, i) => i).filter((i) => i > 0 && (i >> 3) % 2 === half)
);

/** The blocks sorted by luminance, in bins of equal size. */
export function binsOf({ luminance, count }: Blocks, bins: number): Uint32Array[] {
  const order = Uint32Array.from({ length: count }, (_, i) => i)
    .sort((a, b) => luminance[a]! - luminance[b]! || a - b);
  return Array.from(
    { length: bins },
    (_, i) => order.subarray(Math.floor(i * count / bins), Math.floor((i + 1) * count / bins)),
  );
}

/**
 * Measures the quietest blocks of a bin. A block is selected by other coefficients than those measured in it, so that
 * the selection does not favour little noise (Ponomarenko et al. 2007 select by low frequencies and measure high
 * ones; here both halves contain all frequencies).
 *
 * @param blocks All blocks.
 * @param bin The indices of the blocks of one luminance.
 * @param expected The expected power of the noise alone, `[channels][64]`, with which coefficients are compared.
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
