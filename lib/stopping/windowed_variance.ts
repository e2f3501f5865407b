// A stopping rule by the variance of the outputs in a moving window: it is lowest before the noise is learned.
import { check, checkWholeNumber } from "../check.ts";
import { derive, random } from "../random/mod.ts";
import {
  followMinimum,
  monitorWithState,
  noMinimum,
  type StoppingRule,
  UNDECIDED,
} from "./rule.ts";

/** The fewest samples that are used by default, unless the picture has fewer. */
const LEAST_SAMPLES = 1024;

/** Options for {@linkcode windowedVariance}. */
export interface WindowedVarianceOptions {
  /** Outputs in the window; 100 is the authors'. @default {100} */
  window?: number;
  /** Iterations without a new minimum after which the run stops; the authors take 1000. @default {500} */
  patience?: number;
  /** A variance is a new minimum if it is below `delta` times the last one. @default {1, the authors'} */
  delta?: number;
  /**
   * The number of samples of an output that are used.
   * @default {as many as let the window take no more memory than one output, at least 1024}
   */
  samples?: number | "all";
}

/**
 * Returns the iterate at which the last outputs `f_i` vary least, the ES-WMV rule of Wang et al.
 * ("Early stopping for deep image prior", 2023).
 *
 * `V = mean_i(|f_i - m|^2) / N` over the window, with `m` the mean of the outputs and `N` the number of their
 * samples. A window of a hundred outputs would take the memory of a hundred pictures, so by default a fixed random
 * subset of the samples is used, one from each of equal segments of the picture. The subset is the same for all
 * iterations: its error is a similar shift of `V` in all of them, and hardly moves the minimum.
 *
 * @param options The window, the patience and the samples.
 * @returns The rule.
 * @throws {RangeError} If an option is out of range.
 *
 * @example The exact variance, for a small picture
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(windowedVariance({ samples: "all" }).name, "wmv");
 * assert.throws(() => windowedVariance({ window: 1 }), RangeError);
 * ```
 */
export function windowedVariance(options: WindowedVarianceOptions = {}): StoppingRule {
  const { window = 100, patience = 500, delta = 1, samples } = options;
  checkWholeNumber("window", window, 2);
  checkWholeNumber("patience", patience, 1);
  check(delta > 0 && delta <= 1, "delta", delta, "above 0 and at most 1");
  if (samples !== undefined && samples !== "all") checkWholeNumber("samples", samples, 1);
  const countOf = (length: number) => {
    if (samples === "all") return length;
    return Math.min(samples ?? Math.max(Math.floor(length / window), LEAST_SAMPLES), length);
  };
  return {
    name: "wmv",
    settings: { window, patience, delta, samples: samples ?? null },
    monitor({ seed }) {
      let places: Int32Array | undefined;
      const memory = { ...noMinimum(), outputs: undefined as Window | undefined };
      return monitorWithState(memory, (memory, { output: { data } }) => {
        places ??= placesIn(data.length, countOf(data.length), seed);
        memory.outputs ??= emptyWindow(window, places.length);
        const value = movingVariance(memory.outputs, data, places);
        return Number.isNaN(value) ? UNDECIDED : followMinimum(memory, value, patience, delta);
      });
    },
  };
}

/** One random place in each of `count` equal segments of `length` samples. */
function placesIn(length: number, count: number, seed: number): Int32Array {
  const { uniform } = random(derive(seed, "windowed variance"));
  return Int32Array.from({ length: count }, (_, k) => {
    const from = Math.floor(k * length / count), to = Math.floor((k + 1) * length / count);
    return from + Math.floor(uniform() * (to - from));
  });
}

/** The last outputs at some places, in a ring buffer, and the sums from which their variance is computed. */
interface Window {
  looks: number;
  /** `[window, places]`. */
  readonly kept: Float32Array;
  /** Sums over the window, one for each place. */
  readonly sums: Float64Array;
  /** Sums of squares over the places, one for each output. */
  readonly energies: Float64Array;
}

const emptyWindow = (window: number, count: number): Window => ({
  looks: 0,
  kept: new Float32Array(window * count),
  sums: new Float64Array(count),
  energies: new Float64Array(window),
});

/** Adds an output to the window; returns the variance of the outputs in it, NaN before it is full. */
function movingVariance(memory: Window, output: Float32Array, places: Int32Array): number {
  const { kept, sums, energies } = memory;
  const window = energies.length, count = places.length;
  const slot = memory.looks++ % window;
  let energy = 0, energyOfSums = 0;
  for (let k = 0, at = slot * count; k < count; k++, at++) {
    const value = output[places[k]!]!;
    const sum = sums[k]! + (value - kept[at]!);
    sums[k] = sum;
    kept[at] = value;
    energy += value * value;
    energyOfSums += sum * sum;
  }
  energies[slot] = energy;
  if (memory.looks < window) return NaN;
  const total = energies.reduce((sum, energy) => sum + energy, 0);
  // Rounding may make the variance of constant outputs negative.
  return Math.max(total - energyOfSums / window, 0) / (window * count);
}
