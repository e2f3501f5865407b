// Upsampling methods as plain data.
import type { Upsampling } from "./layers/upsampling2x.ts";

/** One upsampling method for all stages, or one for each stage, coarsest first. */
export type UpsamplingPlan = Upsampling | readonly Upsampling[];

/** Nearest neighbour: each pixel becomes 2x2 equal ones. */
export const nearestUpsampling = (): Upsampling => ({ kind: "nearest" });

/** Linear interpolation with half-pixel centres and repeated edges (PyTorch's `align_corners=False`). */
export const bilinearUpsampling = (): Upsampling => ({ kind: "bilinear" });

/** A learned 4x4 transposed convolution with stride 2. */
export const transposedConvolution = (): Upsampling => ({ kind: "deconv" });

/** Options of {@linkcode gaussianUpsampling}. */
export interface GaussianOptions {
  /**
   * Standard deviation in pixels of the small picture: for all stages, or one for each stage, coarsest first.
   * @default {[0.1, 0.1, 0.1, 0.5, 0.5]}
   */
  sigma?: number | readonly number[];
  /** `paper`: the kernel sums to 1, as in the paper's code; `unit`: flat areas keep their value. @default {"paper"} */
  kernelSum?: "paper" | "unit";
}

/**
 * Gaussian-controlled upsampling (Shi et al. 2022, section 4.3): zero insertion and a Gaussian. A
 * larger sigma passes fewer high frequencies, so that they are learned later.
 *
 * @param options Sigma and kernel sum.
 * @returns One upsampling for each stage, or one for all.
 *
 * @example
 * ```ts
 * import { gaussianUpsampling } from "./upsampling.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(gaussianUpsampling({ sigma: 0.5 }), { kind: "gaussian", sigma: 0.5, kernelSum: "paper" });
 * ```
 */
export function gaussianUpsampling(
  { sigma = [0.1, 0.1, 0.1, 0.5, 0.5], kernelSum = "paper" }: GaussianOptions = {},
): UpsamplingPlan {
  const one = (sigma: number): Upsampling => ({ kind: "gaussian", sigma, kernelSum });
  return typeof sigma === "number" ? one(sigma) : sigma.map(one);
}

/** Options of {@linkcode lowPassUpsampling}. */
export interface LowPassOptions {
  /** Length of the filter; odd. @default {13} */
  taps?: number;
  /** The Kaiser window's β: larger suppresses more above the cutoff, with a wider transition. @default {4} */
  beta?: number;
}

/**
 * Low-pass upsampling: zero insertion and a windowed sinc, which passes the frequencies of the small picture and
 * suppresses its spectral images above them. It has the steepest response of all: the upsampling adds almost nothing
 * at the new frequencies; only the convolutions after it can.
 *
 * @param options The filter.
 * @returns The description of a stage.
 *
 * @example
 * ```ts
 * import { lowPassUpsampling } from "./upsampling.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(lowPassUpsampling({ beta: 8 }), { kind: "low-pass", taps: 13, beta: 8 });
 * ```
 */
export function lowPassUpsampling({ taps = 13, beta = 4 }: LowPassOptions = {}): Upsampling {
  return { kind: "low-pass", taps, beta };
}

/**
 * One way of upsampling for each stage.
 *
 * @param plan The plan.
 * @param stages The number of stages.
 * @returns The list, coarsest first.
 * @throws {RangeError} If the plan is a list of another length.
 */
export function upsamplingPerStage(plan: UpsamplingPlan, stages: number): Upsampling[] {
  const list = "kind" in plan ? Array<Upsampling>(stages).fill(plan) : [...plan];
  if (list.length !== stages) {
    throw new RangeError(`\`upsampling\` has ${list.length} stages, the network ${stages}`);
  }
  return list;
}
