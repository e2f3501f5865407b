// NL-Ridge: every patch as a combination of the patches like it.
import { createImage, type Image } from "../image/mod.ts";
import { neighbourCorrelation, type NoiseModel, whiteNoise } from "../noise/mod.ts";
import { WorkerPool } from "./_worker_pool.ts";
import { patchVariances, sumSquares } from "./_levels.ts";
import { fromPlanes, type Planes, sharedPlane, toPlanes } from "./_planes.ts";
import type { Step } from "./_protocol.ts";
import { type Region, regionOf, tilesOf } from "./_tiles.ts";

/** The weights of the two steps: see {@linkcode Step}. */
const WEIGHTS = {
  /** As published. */
  ridge: [
    { share: 0.05, strength: 1.05, sharpened: false, tolerance: 0 },
    { share: 1, strength: 1, sharpened: false, tolerance: 0 },
  ],
  /** Chosen on 17 colour photographs with white noise of 25/255. */
  white: [
    { share: 5, strength: 5, sharpened: true, tolerance: 1 },
    { share: 0.5, strength: 0.5, sharpened: true, tolerance: 0.05 },
  ],
  /** Chosen on five photographs of cameras, with the model of `estimateNoise()`. */
  other: [
    { share: 8, strength: 8, sharpened: true, tolerance: 1 },
    { share: 1.2, strength: 1.2, sharpened: true, tolerance: 0.05 },
  ],
} as const;

/**
 * Noise whose neighbouring pixels are less alike than this in luminance takes the patches and groups of white noise:
 * 0.1 to 0.7 dB better on compressed white noise, level on a simulated camera's, 0.4 dB worse on real cameras' (0.46
 * and more).
 */
const ALIKE = 0.35;

/** Options for {@linkcode nlRidge}. */
export interface NlRidgeOptions {
  /**
   * The side of a patch, in pixels, from 4.
   *
   * @default {7 for noise whose neighbouring pixels are little alike (white noise with the weights "ridge" 6), 10 for any other}
   */
  patch?: number;
  /**
   * The distance of neighbouring reference patches, in pixels.
   *
   * @default {3 for white noise and the weights "ridge", else 4}
   */
  stride?: number;
  /**
   * The patches of a group, in the first step and in the second.
   *
   * @default {[18, 64] for noise whose neighbouring pixels are little alike and sharpened weights, else [18, 32]}
   */
  groups?: readonly [number, number];
  /** The side of the window in which a patch's group is looked for, in pixels, odd. @default {37} */
  window?: number;
  /**
   * An earlier estimate of the picture, from which the weights then come: the second step alone is made.
   *
   * @default {the first step's}
   */
  pilot?: Image;
  /**
   * How the patches of a group are weighted: by the ridge regression as published, or sharpened, which takes
   * more of the noise out of flat parts.
   *
   * @default {"ridge" with a `pilot`, whose error is not this noise, else "sharpened"}
   */
  weights?: "ridge" | "sharpened";
  /**
   * Workers, each on a core. The result does not depend on them.
   *
   * @default {navigator.hardwareConcurrency}
   */
  workers?: number;
  /** Ends the work; what `nlRidge()` returned then rejects with the signal's reason. */
  signal?: AbortSignal;
  /**
   * Called with the progress.
   *
   * @param part The part of the work that is done, in [0, 1].
   */
  onProgress?: (part: number) => void;
}

/**
 * Denoises by NL-Ridge (Herbreteau and Kervrann, ICIP 2022; SIAM J. Imaging Sci. 2025).
 *
 * @param noisy The noisy picture; its samples may lie outside [0, 1].
 * @param noise Its noise: a model, or the standard deviation of white noise.
 * @param options Sizes, signal and progress.
 * @returns A new picture, not clipped; `alpha` and `bitDepth` are the noisy picture's.
 * @throws {RangeError} If an option is out of range or the picture's fields do not agree.
 *
 * @example Stripes repeat, noise does not
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise, psnr } from "../image/mod.ts";
 *
 * const data = Float32Array.from({ length: 1024 }, (_, i) => i % 8 < 4 ? 0.25 : 0.75);
 * const clean = { height: 32, width: 32, channels: 1, data } as const;
 * const noisy = addGaussianNoise(clean, 0.1, 1);
 * assert.ok(psnr(await nlRidge(noisy, 0.1), clean) > psnr(noisy, clean) + 10);
 * ```
 */
export async function nlRidge(
  noisy: Image,
  noise: NoiseModel | number,
  options: NlRidgeOptions = {},
): Promise<Image> {
  checkOptions(noisy, options);
  const model = typeof noise === "number" ? whiteNoise(noise, noisy.channels) : noise;
  if (model.channels !== noisy.channels) {
    throw new RangeError(`\`noise\` must have ${noisy.channels} channels: got ${model.channels}`);
  }
  const { signal, onProgress } = options;
  const white = isWhite(model);
  const { weights = options.pilot ? "ridge" : "sharpened" } = options;
  const sharpened = weights === "sharpened";
  const local = white || (sharpened && neighbourCorrelation(model) < ALIKE);
  const { patch = local ? sharpened ? 7 : 6 : 10, stride = white && !sharpened ? 3 : 4 } = options;
  const { groups = [18, local && sharpened ? 64 : 32], window = 37 } = options;
  const settings = WEIGHTS[!sharpened ? "ridge" : white ? "white" : "other"];
  if (model.variance.every((level) => level.every((variance) => variance === 0))) {
    return { ...noisy, data: noisy.data.slice() };
  }
  const observed = toPlanes(noisy, patch, stride);
  const { height, width } = observed;
  const reach = Math.min((window - 1) / 2, Math.max(height, width) - patch);
  const geometry = { height, width, channels: noisy.channels, patch, stride, reach };
  const tiles = tilesOf({ ...geometry, group: 0 });
  const workers = Math.min(options.workers ?? navigator.hardwareConcurrency, tiles.length);
  using crew = new WorkerPool(workers, signal);
  let pilot = options.pilot && toPlanes(options.pilot, patch, stride);
  const steps = pilot ? [groups[1]] : groups;
  for (const [step, group] of steps.entries()) {
    const done = (part: number) => onProgress?.((step + part) / steps.length);
    pilot = await estimate(crew, {
      ...geometry,
      group: Math.min(group, fewestCandidates(height, width, patch, reach)),
      observed: observed.planes,
      pilot: pilot?.planes,
      ...settings[pilot ? 1 : 0],
      variance: patchVariances(model, pilot ?? observed, !pilot, patch),
      autocorrelation: white ? undefined : model.autocorrelation.map((rho) => spread(rho, reach)),
    }, done);
  }
  return { ...noisy, data: fromPlanes(pilot!, noisy) };
}

const isWhite = ({ autocorrelation }: NoiseModel): boolean =>
  autocorrelation.every(([, ...others]) => others.every((rho) => rho === 0));

function checkOptions(image: Image, options: NlRidgeOptions): void {
  if (!createImage(image).data.every(Number.isFinite)) {
    throw new RangeError("`noisy` must hold finite samples");
  }
  const check = (name: string, value: number | undefined, least: number, most = Infinity) => {
    if (value === undefined || Number.isInteger(value) && value >= least && value <= most) return;
    const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
    throw new RangeError(`\`${name}\` must be a whole number ${range}: got ${value}`);
  };
  const { patch, stride, groups, window, workers, pilot } = options;
  if (pilot) {
    const like = ["height", "width", "channels"] as const;
    const differs = like.some((side) => pilot[side] !== image[side]);
    if (differs) throw new RangeError("`pilot` must have the size and channels of `noisy`");
  }
  check("patch", patch, 4, Math.min(image.height, image.width));
  check("stride", stride, 1, patch ?? 4);
  for (const group of groups ?? []) check("groups", group, 2);
  check("window", window, 3);
  if (window && window % 2 === 0) throw new RangeError(`\`window\` must be odd: got ${window}`);
  check("workers", workers, 1);
}

/** The patches that a reference patch in the picture's corner can choose from. */
function fewestCandidates(height: number, width: number, patch: number, reach: number): number {
  return Math.min(reach + 1, height - patch + 1) * Math.min(reach + 1, width - patch + 1);
}

/** An autocorrelation over distances from 0 to 2 `reach`, with zeros where it ends earlier. */
function spread(rho: readonly number[], reach: number): Float32Array {
  const lags = Math.sqrt(rho.length), side = 2 * reach + 1;
  return Float32Array.from({ length: side ** 2 }, (_, i) => {
    const dy = Math.floor(i / side), dx = i % side;
    return dy < lags && dx < lags ? rho[dy * lags + dx]! : 0;
  });
}

/** One step: the weighted mean of the estimates of every pixel. */
async function estimate(
  crew: WorkerPool,
  step: Step,
  onProgress: (part: number) => void,
): Promise<Planes> {
  const { height, width, channels, patch } = step;
  const tiles = tilesOf(step);
  const sums = Array.from({ length: channels }, () => sharedPlane(height * width));
  const weights = sums.map(() => new Float32Array(height * width));
  await crew.run(step, tiles, (reply) => {
    const region = regionOf(tiles[reply.index]!, step);
    addRegion(sums, width, reply.sums, region);
    addRegion(weights, width, reply.weights, region);
    onProgress((reply.index + 1) / tiles.length);
  });
  for (let c = 0; c < channels; c++) {
    const sum = sums[c]!, weight = weights[c]!;
    // A pixel's patches are those that begin in the square of the patch's side that ends with it.
    sumSquares(weight, height, width, patch);
    for (let i = 0; i < sum.length; i++) sum[i]! /= weight[i]!;
  }
  return { height, width, planes: sums };
}

/** Adds parts of planes, `[channels, height, width]` of a region, to them. */
function addRegion(
  planes: readonly Float32Array[],
  row: number,
  parts: Float32Array,
  { top, left, height, width }: Region,
): void {
  let i = 0;
  for (const plane of planes) {
    for (let y = top; y < top + height; y++) {
      for (let at = y * row + left, end = at + width; at < end; at++, i++) plane[at]! += parts[i]!;
    }
  }
}
