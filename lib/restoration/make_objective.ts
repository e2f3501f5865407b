// Makes the objective that a run's options name, and chooses the pixels that are held out of its loss.
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import { derive, random } from "../random/mod.ts";
import type { GuidedInputs } from "./guide.ts";
import { guidedObjective } from "./guided_objective.ts";
import { maskedPixelObjective } from "./masked_pixel_objective.ts";
import type { Objective } from "./objective.ts";
import { priorObjective } from "./prior_objective.ts";
import { r2rObjective } from "./r2r_objective.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import { sureObjective } from "./sure_objective.ts";

/**
 * Makes the objective that the options name.
 *
 * @param problem The problem.
 * @param settings All options of the run.
 * @param guided The training data of a guided run.
 * @returns The objective.
 */
export function makeObjective(
  problem: Degradation,
  { objective, network, noise, input, inputNoise, stop, seed }: ResolvedOptions,
  guided?: GuidedInputs,
): Objective {
  const model = derive(seed, "model");
  switch (objective) {
    case "mse": {
      if (input === "start" && problem.fill) {
        return maskedPixelObjective(problem, network, model, inputNoise);
      }
      const pixels = knownPixels(problem);
      const count = Math.max(0, ...stop.map((rule) => rule.heldOut?.(pixels) ?? 0));
      const seen = count > 0 ? heldOut(problem, count, derive(seed, "held-out")) : undefined;
      return priorObjective(problem, network, model, input, inputNoise, seen);
    }
    case "sure":
      return sureObjective(problem, network, model, noise);
    case "r2r":
      return r2rObjective(problem, network, model, noise);
    case "guided":
      return guidedObjective(problem, network, model, guided!);
    case "plug-and-play":
      throw new Error("plug-and-play has no network");
  }
}

/** The number of known pixels of the observed picture. */
export function knownPixels({ observed: { height, width, channels }, known }: Degradation): number {
  if (!known) return height * width;
  let count = 0;
  for (let i = 0; i < known.data.length; i += channels) count += known.data[i]!;
  return count;
}

/**
 * Chooses pixels at random to be held out of the loss.
 *
 * @param problem The problem; only its known pixels can be held out.
 * @param count The number of pixels, fewer than are known.
 * @param seed The same seed chooses the same pixels.
 * @returns Of the observed picture's shape: 0 in all channels where a pixel is held out, else 1.
 */
function heldOut({ observed, known }: Degradation, count: number, seed: number): Image {
  const { height, width, channels } = observed;
  const pixels = height * width, stream = random(seed);
  const data = new Float32Array(pixels * channels).fill(1);
  for (let left = count; left > 0;) {
    const at = Math.floor(stream.uniform() * pixels) * channels;
    if (data[at] === 0 || known?.data[at] === 0) continue;
    data.fill(0, at, at + channels);
    left--;
  }
  return { height, width, channels, data };
}
