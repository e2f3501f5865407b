// Random numbers from a seed: the same seed gives the same numbers on every machine.
import { check } from "../check.ts";

type Words = [number, number, number, number];

/** A stream of random numbers. */
export interface Random {
  /** The next number, uniform in [0, 1), with 53 random bits. */
  uniform(): number;
  /** The next number, normal with mean 0 and standard deviation 1. */
  normal(): number;
  /** Fills `array` with uniform numbers from `low` to `high`. */
  fillUniform(array: Float32Array, low: number, high: number): void;
  /** Fills `array` with normal numbers of mean 0 and standard deviation `sigma`. */
  fillNormal(array: Float32Array, sigma: number): void;
  /** The state of the stream, four whole numbers, for a checkpoint. */
  state(): number[];
  /** Sets the stream to a state that {@linkcode Random.state} returned. */
  restoreState(state: readonly number[]): void;
}

/** The number of layers of equal area that cover the density exp(-x^2 / 2), x > 0. */
const LAYERS = 128;

/** The edge at which the tail begins, and the area of a layer, for 128 layers (Marsaglia and Tsang 2000). */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;

const density = (x: number) => Math.exp(-0.5 * x * x);

/**
 * The right edge of each layer. Layer 0 is the base; its edge is enlarged to include the tail's area. At the edge of
 * a layer the density is the upper height of the layer below.
 */
const EDGE = new Float64Array(LAYERS + 1);
EDGE[0] = AREA / density(TAIL);
EDGE[1] = TAIL;
for (let i = 2; i < LAYERS; i++) {
  const below = EDGE[i - 1]!;
  EDGE[i] = Math.sqrt(-2 * Math.log(AREA / below + density(below)));
}

/** The density at each edge. */
const HEIGHT = EDGE.map(density);

/**
 * Starts a stream of random numbers.
 *
 * The generator is xoshiro128++ (Blackman and Vigna 2019); its state is the seed, scrambled. Normal numbers come from
 * a ziggurat of 128 layers (Marsaglia and Tsang 2000), with separate draws for the layer and the position in it, as
 * Doornik (2005) advises.
 *
 * @param seed A whole number from 0 to 2^53 - 1.
 * @returns The stream.
 * @throws {RangeError} If `seed` is not such a number.
 *
 * @example One seed, one stream
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const stream = random(1);
 * const state = stream.state();
 * const first = stream.normal();
 * assert.equal(random(1).normal(), first);
 *
 * stream.restoreState(state);
 * assert.equal(stream.normal(), first);
 * ```
 */
export function random(seed: number): Random {
  check(Number.isSafeInteger(seed) && seed >= 0, "seed", seed, "a whole number from 0 to 2^53 - 1");
  // Distinct seeds differ in this pair of words; steps of the golden ratio make four words of each.
  const low = seed | 0, high = Math.floor(seed / 2 ** 32);
  let [a, b, c, d] = [1, 2, 3, 4].map((i) => mix(mix(low + i * 0x9e3779b9) ^ high)) as Words;

  const bits = () => {
    const sum = (a + d) | 0;
    const result = (((sum << 7) | (sum >>> 25)) + a) | 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };

  const uniform = () => ((bits() >>> 5) * 2 ** 26 + (bits() >>> 6)) / 2 ** 53;

  const normal = () => {
    while (true) {
      const layer = bits() & (LAYERS - 1);
      const x = bits() * 2 ** -31 * EDGE[layer]!;
      if (Math.abs(x) < EDGE[layer + 1]!) return x;
      if (layer === 0) return x < 0 ? -tail(uniform) : tail(uniform);
      const floor = HEIGHT[layer]!, ceiling = HEIGHT[layer + 1]!;
      if (floor + uniform() * (ceiling - floor) < Math.exp(-0.5 * x * x)) return x;
    }
  };

  return {
    uniform,
    normal,
    fillUniform(array, low, high) {
      for (let i = 0; i < array.length; i++) array[i] = low + (high - low) * uniform();
    },
    fillNormal(array, sigma) {
      for (let i = 0; i < array.length; i++) array[i] = sigma * normal();
    },
    state: () => [a, b, c, d],
    restoreState(state) {
      if (state.length !== 4 || !state.every(Number.isInteger) || !state.some((word) => word | 0)) {
        throw new RangeError(`\`state\` must be four whole numbers, not all zero: got [${state}]`);
      }
      [a, b, c, d] = state.map((word) => word | 0) as Words;
    },
  };
}

/** A normal number beyond the point at which the ziggurat's tail begins (Marsaglia 1964). */
function tail(uniform: () => number): number {
  while (true) {
    const beyond = -Math.log(1 - uniform()) / TAIL;
    if (-2 * Math.log(1 - uniform()) > beyond * beyond) return TAIL + beyond;
  }
}

/** A bijective scrambling of 32-bit words, the finalizer of MurmurHash3. */
function mix(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}

/**
 * A seed for the stream named `label`, derived from one seed.
 *
 * The network, its input and the noise use independent streams, so that an additional draw in one of them does not
 * change the others. The seed is the FNV-1a hash of both arguments, scrambled.
 *
 * @param seed The run's seed.
 * @param label The stream's name.
 * @returns A seed, a whole number from 0 to 2^32 - 1.
 *
 * @example Two streams of one run
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(derive(1, "noise"), derive(1, "noise"));
 * assert.notEqual(derive(1, "noise"), derive(1, "network"));
 * assert.notEqual(derive(1, "noise"), derive(2, "noise"));
 * ```
 */
export function derive(seed: number, label: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${seed}/${label}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return mix(hash) >>> 0;
}
