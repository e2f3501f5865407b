// Refuses a picture that the memory cannot hold, before anything is allocated for it.
import { type Degradation, denoising } from "../degradation/mod.ts";
import { estimate, MemoryError } from "../engine/mod.ts";
import { createImage } from "../image/mod.ts";
import type { Objective } from "./objective.ts";
import { trainingStep } from "./training.ts";

/** Below this a picture fits wherever the program runs: it is not worth the look. */
const SMALL = 512 * 512;

/** Sides of the pictures that the memory per pixel is taken from. */
const SAMPLES = [128, 256] as const;

const megapixels = (pixels: number): string => (pixels / 1e6).toPrecision(3);
const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

/**
 * Checks that a picture can be restored in the memory there is.
 *
 * Memory grows with the pixels: two small pictures give the line.
 *
 * @param problem The problem.
 * @param makeObjective Sets the objective up for a problem.
 * @param limit Bytes that the run may take.
 * @throws {MemoryError} If it cannot, saying how large the picture may be.
 */
export function checkMemory(
  problem: Degradation,
  makeObjective: (problem: Degradation) => Objective,
  limit: number,
): void {
  const { height, width, channels } = problem.start;
  if (height * width <= SMALL) return;
  const need = (side: number): number => {
    // It is the network that takes the memory, whatever the forward operator.
    const small = denoising(createImage({ height: side, width: side, channels }));
    const { trainStep, inputs, dispose } = trainingStep(makeObjective(small));
    try {
      return estimate(trainStep, inputs);
    } finally {
      dispose();
    }
  };
  const [small, large] = SAMPLES.map(need) as [number, number];
  const perPixel = (large - small) / (SAMPLES[1] ** 2 - SAMPLES[0] ** 2);
  const fixed = small - perPixel * SAMPLES[0] ** 2;
  const needed = fixed + perPixel * height * width;
  if (needed <= limit) return;
  throw new MemoryError(
    `the picture is too large: ${width}x${height} is ${
      megapixels(height * width)
    } megapixels and needs ` +
      `${gigabytes(needed)} GB; the ${gigabytes(limit)} GB there are allow ` +
      `${megapixels(Math.max(0, (limit - fixed) / perPixel))} megapixels with this network`,
  );
}
