// Applies a trained corrector to a whole picture in one forward pass, or tile by tile if the picture is large.
import { compile, type CompileOptions, tf } from "../engine/mod.ts";
import { crop, type Image } from "../image/mod.ts";
import { type Architecture, variablesOf } from "../network/mod.ts";
import type { ContrastNormalization } from "../noise/mod.ts";
import { fitting } from "./fitting.ts";
import type { Draw } from "./guide.ts";
import { corrected } from "./guided_objective.ts";
import { computeTiling, createTileBlender } from "./tiling.ts";

/** A picture and its guide. */
type Pair = Pick<Draw, "noisy" | "guide">;

/** The longest side of a tile, in pixels. */
const LARGEST = 512;

/** Pixels that neighbouring tiles share: about the receptive field of the network's deepest scale. */
const OVERLAP = 64;

/** Options of {@linkcode applyCorrector}. */
interface ApplyOptions extends Omit<CompileOptions, "inputs"> {
  /** The contrast normalization of the picture that the network was trained on. */
  range: ContrastNormalization;
  /** Aborts the work between two tiles. */
  signal?: AbortSignal | undefined;
}

/**
 * Corrects pictures of one size by a network.
 *
 * @param pairs The pictures, each with its guide.
 * @param architecture The network.
 * @param weights Its weights, in the order of `variablesOf`.
 * @param options The contrast normalization, threads, device and memory.
 * @returns Each guide plus the network's correction, not clipped.
 */
export async function applyCorrector(
  pairs: readonly Pair[],
  architecture: Architecture,
  weights: readonly Float32Array[],
  { range, signal, ...compiling }: ApplyOptions,
): Promise<Image[]> {
  const [{ noisy }] = pairs as [Pair];
  const { height, width, channels } = noisy;
  const side = Math.max(height, width) <= 1.5 * LARGEST ? Math.max(height, width) : LARGEST;
  const tiling = computeTiling(noisy, { side, overlap: Math.min(OVERLAP, side >> 2) });
  const size = { ...tiling.regions[0]!, channels };
  const fit = fitting(size, architecture);
  const model = architecture.buildCorrector!(fit.size, 2 * channels, 0);
  tf.tidy(() =>
    variablesOf(model).forEach((variable, i) =>
      variable.assign(tf.tensor(weights[i]!, variable.shape))
    )
  );
  const shape = [1, size.height, size.width, channels];
  const step = await compile(({ noisy, guide }) => {
    return { output: corrected(model, { noisy: noisy!, guide: guide! }, range, fit) };
  }, { ...compiling, inputs: { noisy: shape, guide: shape } });
  try {
    const results: Image[] = [];
    for (const { noisy, guide } of pairs) {
      const mosaic = createTileBlender(tiling, guide);
      for (const [i, { top, left, height, width }] of tiling.regions.entries()) {
        signal?.throwIfAborted();
        const [a, b] = [noisy, guide].map((image) => crop(image, top, left, height, width));
        const { outputs } = await step.run({ noisy: a!.data, guide: b!.data });
        mosaic.add(i, { ...a!, data: outputs["output"]! });
      }
      results.push(mosaic.image());
    }
    return results;
  } finally {
    await step.dispose();
    model.dispose();
  }
}
