// The picture of a run that prepares another one.
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import type { RestoreOptions } from "./options.ts";
import { restoreInTiles } from "./restore_in_tiles.ts";

/**
 * Restores a picture and returns only the picture, for a step before the run that the user sees. An abort is not an
 * error here: the work that was done is kept.
 *
 * @param problem The problem.
 * @param options The options of {@linkcode restoreInTiles}.
 * @returns The restored picture; if the signal aborts, the best so far, or the initial estimate if there is none.
 * @throws As {@linkcode restoreInTiles}, except after an abort.
 *
 * @example Aborted before it begins
 * ```ts
 * import assert from "node:assert/strict";
 * import { denoising } from "../degradation/mod.ts";
 * import { createImage } from "../image/mod.ts";
 *
 * const noisy = createImage({ height: 16, width: 16, channels: 1 });
 * const image = await restoredImage(denoising(noisy), { signal: AbortSignal.abort() });
 * assert.deepEqual(image.data, noisy.data);
 * ```
 */
export async function restoredImage(problem: Degradation, options: RestoreOptions): Promise<Image> {
  const { data } = await restoreInTiles(problem, options).result.then(
    ({ image }) => image,
    (error) => {
      if (options.signal?.aborted) return problem.initialEstimate;
      throw error;
    },
  );
  return { ...problem.initialEstimate, data };
}
