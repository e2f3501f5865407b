// Refuses a picture that does not fit into memory, before anything is allocated for it.
import { type Degradation, denoising } from "../degradation/mod.ts";
import { estimateMemory, MemoryError } from "../engine/mod.ts";
import { createImage, type Image } from "../image/mod.ts";
import type { Objective } from "./objective.ts";
import { trainingStep } from "./training_step.ts";

/**
 * A picture of this many pixels fits into this many bytes with any network: DIP's with 128 channels takes 3.4 GB
 * (measured).
 */
const SMALL = 512 * 512, AMPLE = 4e9;

/** Sides of the two pictures from which the memory per pixel is computed. */
const SAMPLES = [128, 256] as const;

const megapixels = (pixels: number): string => (pixels / 1e6).toPrecision(3);
const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

/** The memory that restoring a picture takes, in bytes; it is linear in the number of pixels. */
export interface MemoryNeed {
  readonly fixed: number;
  readonly perPixel: number;
}

/**
 * Estimates the memory of a run from two small pictures.
 *
 * @param channels The picture's channels.
 * @param makeObjective Makes the objective of a problem.
 * @returns The memory as a linear function of the number of pixels.
 */
export function memoryNeed(
  channels: 1 | 3,
  makeObjective: (problem: Degradation) => Objective,
): MemoryNeed {
  const need = (side: number): number => {
    // The network takes the memory, so any degradation gives the same estimate.
    const small = denoising(createImage({ height: side, width: side, channels }));
    const { trainStep, inputs, dispose } = trainingStep(makeObjective(small));
    try {
      return estimateMemory(trainStep, inputs);
    } finally {
      dispose();
    }
  };
  const [small, large] = SAMPLES.map(need) as [number, number];
  const perPixel = (large - small) / (SAMPLES[1] ** 2 - SAMPLES[0] ** 2);
  return { fixed: small - perPixel * SAMPLES[0] ** 2, perPixel };
}

/**
 * The number of pixels that can be restored at once.
 *
 * @param need The memory that a run takes.
 * @param limit Bytes that it may take.
 * @returns Pixels; 0 if not even a small picture fits.
 */
export const pixelBudget = ({ fixed, perPixel }: MemoryNeed, limit: number): number =>
  Math.max(0, (limit - fixed) / perPixel);

/** Whether a picture fits with any network, so that the memory need not be estimated. */
export const fitsAnyway = ({ height, width }: Pick<Image, "height" | "width">, limit: number) =>
  height * width <= SMALL && limit >= AMPLE;

/**
 * Checks that a picture can be restored in the available memory.
 *
 * @param problem The problem.
 * @param makeObjective Makes the objective of a problem.
 * @param limit Bytes that the run may take.
 * @throws {MemoryError} If the memory is too small; the message says how large the picture may be.
 */
export function checkMemory(
  problem: Degradation,
  makeObjective: (problem: Degradation) => Objective,
  limit: number,
): void {
  const { height, width, channels } = problem.initialEstimate;
  if (fitsAnyway(problem.initialEstimate, limit)) return;
  const need = memoryNeed(channels, makeObjective);
  const needed = need.fixed + need.perPixel * height * width;
  if (needed <= limit) return;
  throw new MemoryError(
    `the picture is too large: ${width}x${height} is ${
      megapixels(height * width)
    } megapixels and needs ` +
      `${gigabytes(needed)} GB; the ${gigabytes(limit)} GB there are allow ` +
      `${megapixels(pixelBudget(need, limit))} megapixels with this network`,
  );
}
