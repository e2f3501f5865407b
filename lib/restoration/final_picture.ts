// The result of a guided run: the picture, its estimate and the network's refinement, mixed by their risk.
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import { normalizeContrast } from "../noise/mod.ts";
import { derive } from "../random/mod.ts";
import { applyCorrector } from "./apply_corrector.ts";
import { type GuidedInputs, JUDGING_ALPHA, makeDraws } from "./guide.ts";
import { applyMixture, bestMixture, type Mixture } from "./mixture.ts";
import type { ResolvedOptions } from "./resolve_options.ts";

/** Draws by which the refinement is judged; each costs an estimate and a pass through the network. */
const JUDGES = 4;

/**
 * The part of the best weight of the refinement that is used. The guide of a draw has more noise left than the
 * estimate itself, so the estimate gains less from refinement. With noise of 25/255 the whole weight lost 0.09 dB to
 * the estimate on one photograph; half of it lost 0.04 and 0.06 dB on two and gained 0.04 on a third.
 */
const CAUTION = 1 / 3;

/** A picture with more pixels than LARGE is judged by squares of this side, so many in a row and in a column. */
const LARGE = 1 << 22, SQUARE = 512, SQUARES = 4;

/**
 * Selects the part of a picture by which a refinement is judged: the whole of a small picture, else squares from all
 * over it, joined to one picture. Judging needs estimates, which take a minute and a half each for twelve megapixels.
 *
 * @param size The pictures' size.
 * @returns The selection, as a function; it returns a small picture itself.
 */
export function sampler({ height, width }: Image): (picture: Image) => Image {
  if (height * width <= LARGE || Math.min(height, width) < SQUARES * SQUARE) {
    return (picture) => picture;
  }
  const place = (nth: number, length: number) =>
    Math.round((length - SQUARE) * nth / (SQUARES - 1));
  const side = SQUARES * SQUARE;
  return (picture) => {
    const { channels, data: from } = picture, data = new Float32Array(side * side * channels);
    for (let y = 0; y < side; y++) {
      const row = place(Math.floor(y / SQUARE), height) + y % SQUARE;
      for (let square = 0; square < SQUARES; square++) {
        const at = (row * width + place(square, width)) * channels;
        data.set(
          from.subarray(at, at + SQUARE * channels),
          (y * side + square * SQUARE) * channels,
        );
      }
    }
    return { height: side, width: side, channels, data };
  };
}

/** The mixture with less of the refinement and correspondingly more of the estimate. */
const cautious = ({ picture, estimate, refined }: Mixture): Mixture => ({
  picture,
  estimate: estimate + (1 - CAUTION) * refined,
  refined: CAUTION * refined,
});

/**
 * The result of a guided run: the picture, its estimate and the network's refinement, mixed by their risk.
 *
 * @param problem The noisy picture.
 * @param guided The initial estimate, the draws, and the pixels used for training.
 * @param weights The network's averaged weights.
 * @param settings The run's options.
 * @returns The picture and its mixture.
 */
export async function finalPicture(
  problem: Degradation,
  { estimate, shown, learned }: GuidedInputs,
  weights: readonly Float32Array[],
  { network, seed, threads, device, memoryLimit, signal, noise: { sigma } }: ResolvedOptions,
): Promise<{ image: Image; mixture: Mixture }> {
  const { observed } = problem, sample = sampler(observed), judged = sample(observed);
  const judges = await makeDraws({ ...problem, observed: judged }, JUDGES, derive(seed, "judges"), {
    sigma,
    signal,
    alpha: JUDGING_ALPHA,
    workers: threads,
  });
  const options = { range: normalizeContrast(observed), threads, device, memoryLimit, signal };
  const correct = (pairs: Parameters<typeof applyCorrector>[0]) =>
    applyCorrector(pairs, network, weights, options);
  const own = { noisy: observed, guide: estimate };
  // One call compiles the network once; pictures of two sizes need two calls.
  const [refined, ...others] = judged === observed
    ? await correct([own, ...judges])
    : [...await correct([own]), ...await correct(judges)];
  const draws = judges.map((draw, k) => ({ ...draw, refined: others[k]! }));
  const mixture = cautious(bestMixture(judged, sample(learned), draws, sigma));
  return { image: shown(applyMixture(mixture, observed, estimate, refined!)), mixture };
}
