// NL-Ridge: every patch is estimated as a combination of similar patches.
import { checkChannels, checkFinite, checkOdd, checkSameSize, checkWholeNumber } from "../check.ts";
import { createImage, type Image } from "../image/mod.ts";
import { isShortRangeNoise, type NoiseModel, whiteNoise } from "../noise/mod.ts";
import { WorkerPool } from "./_worker_pool.ts";
import { patchVariances, sumSquares } from "./_levels.ts";
import { fromPlanes, type Planes, sharedPlane, toPlanes } from "./_planes.ts";
import type { Step } from "./_protocol.ts";
import { type Region, regionOf, tilesOf } from "./_tiles.ts";

/** The weights of the two steps (see `share`, `strength` and `sharpened` of the protocol's step). */
const WEIGHTS = {
  /** The published weights. */
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

/** Options for {@linkcode nlRidge}. */
export interface NlRidgeOptions {
  /**
   * The side of a patch, in pixels, from 4.
   *
   * @default {7 for white and short-range noise (6 for white noise with the weights "ridge"), 10 for any other}
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
   * @default {[18, 64] for white and short-range noise with sharpened weights, else [18, 32]}
   */
  groups?: readonly [number, number];
  /** The side of the window in which similar patches are searched, in pixels, odd. @default {37} */
  window?: number;
  /**
   * An earlier estimate of the picture, from which the weights then come: the second step alone is made.
   *
   * @default {the first step's}
   */
  pilot?: Image;
  /**
   * How the patches of a group are weighted: by ridge regression as published, or sharpened, which removes more noise
   * in flat areas.
   *
   * @default {"ridge" with a `pilot`, whose error is not this noise, else "sharpened"}
   */
  weights?: "ridge" | "sharpened";
  /**
   * The number of workers, each on a core; it does not change the result.
   *
   * @default {navigator.hardwareConcurrency}
   */
  workers?: number;
  /** Aborts the work; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
  /**
   * Called with the progress.
   *
   * @param part The fraction of the work that is done, in [0, 1].
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
 * @throws {RangeError} If an option is out of range or the picture's fields are inconsistent.
 *
 * @example Repeated stripes under noise
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
  checkChannels("noise", model, noisy.channels);
  const { signal, onProgress } = options;
  const white = isWhite(model);
  const { weights = options.pilot ? "ridge" : "sharpened" } = options;
  const sharpened = weights === "sharpened";
  // The sizes for white noise are 0.1 to 0.7 dB better on compressed white noise, 0.3 to 0.7 dB on
  // strong noise of a colour filter. They would be 0.05 dB worse on a simulated camera's weaker noise, 0.4 dB on real
  // cameras', which are not of short range.
  const isShortRange = white || (sharpened && isShortRangeNoise(model));
  const { patch = isShortRange ? sharpened ? 7 : 6 : 10, stride = white && !sharpened ? 3 : 4 } =
    options;
  const { groups = [18, isShortRange && sharpened ? 64 : 32], window = 37 } = options;
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
  using pool = new WorkerPool(workers, signal);
  let pilot = options.pilot && toPlanes(options.pilot, patch, stride);
  const steps = pilot ? [groups[1]] : groups;
  for (const [step, group] of steps.entries()) {
    const done = (part: number) => onProgress?.((step + part) / steps.length);
    pilot = await estimate(pool, {
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
  checkFinite("noisy", createImage(image).data);
  const { patch, stride, groups, window, workers, pilot } = options;
  if (pilot) checkSameSize(image, { pilot });
  if (patch !== undefined) checkWholeNumber("patch", patch, 4, Math.min(image.height, image.width));
  if (stride !== undefined) checkWholeNumber("stride", stride, 1, patch ?? 4);
  for (const group of groups ?? []) checkWholeNumber("groups", group, 2);
  if (window !== undefined) checkOdd("window", window, 3);
  if (workers !== undefined) checkWholeNumber("workers", workers, 1);
}

/** The number of candidates for a reference patch in the picture's corner, where there are fewest. */
function fewestCandidates(height: number, width: number, patch: number, reach: number): number {
  return Math.min(reach + 1, height - patch + 1) * Math.min(reach + 1, width - patch + 1);
}

/** An autocorrelation over distances from 0 to 2 `reach`, extended by zeros. */
function spread(rho: readonly number[], reach: number): Float32Array {
  const lags = Math.sqrt(rho.length), side = 2 * reach + 1;
  return Float32Array.from({ length: side ** 2 }, (_, i) => {
    const dy = Math.floor(i / side), dx = i % side;
    return dy < lags && dx < lags ? rho[dy * lags + dx]! : 0;
  });
}

/** One step: the weighted mean of the estimates of every pixel. */
async function estimate(
  pool: WorkerPool,
  step: Step,
  onProgress: (part: number) => void,
): Promise<Planes> {
  const { height, width, channels, patch } = step;
  const tiles = tilesOf(step);
  const sums = Array.from({ length: channels }, () => sharedPlane(height * width));
  const weights = sums.map(() => new Float32Array(height * width));
  await pool.run(step, tiles, (reply) => {
    const region = regionOf(tiles[reply.index]!, step);
    addRegion(sums, width, reply.sums, region);
    addRegion(weights, width, reply.weights, region);
    onProgress((reply.index + 1) / tiles.length);
  });
  for (let c = 0; c < channels; c++) {
    const sum = sums[c]!, weight = weights[c]!;
    // The patches that contain a pixel begin in the square of the patch's side that ends at the pixel.
    sumSquares(weight, height, width, patch);
    for (let i = 0; i < sum.length; i++) sum[i]! /= weight[i]!;
  }
  return { height, width, planes: sums };
}

/** Adds the planes of a region, `[channels, height, width]`, to those of the picture. */
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
