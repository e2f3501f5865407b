// What a guided run ends with: the refinement of its estimate, judged and mixed with it.
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import { normalizeContrast } from "../noise/mod.ts";
import { derive } from "../random/mod.ts";
import { applyCorrector } from "./apply_corrector.ts";
import { type GuidedInputs, JUDGING_ALPHA, makeDraws } from "./guide.ts";
import { applyMixture, bestMixture, type Mixture } from "./mixture.ts";
import type { ResolvedOptions } from "./resolve_options.ts";

/** Draws that a refinement is judged by; each costs an estimate and a pass through the network. */
const JUDGES = 4;

/**
 * The part of the refinement that is taken of what is judged best. The guide of a draw has more noise left
 * than the estimate itself, so that the refinement of the estimate gains less: with noise of 25/255 all of it
 * lost 0.09 dB to the estimate on one photograph, half of it 0.04 and 0.06 on two, and gained 0.04 on a third.
 */
const CAUTION = 1 / 3;

/** Of a picture with more pixels than this, squares of this side judge, so many in a row and a column. */
const LARGE = 1 << 22, SQUARE = 512, SQUARES = 4;

/**
 * Takes out of pictures of one size what judges: all of it, or of a large one squares from all over it, put together
 * to a picture. A judge costs an estimate, of twelve megapixels a minute and a half.
 *
 * @param size The pictures' size.
 * @returns The function; it gives a small picture itself.
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

/** The mixture with less of the refinement and as much more of the estimate. */
const cautious = ({ picture, estimate, refined }: Mixture): Mixture => ({
  picture,
  estimate: estimate + (1 - CAUTION) * refined,
  refined: CAUTION * refined,
});

/**
 * The result of a guided run: the picture, its estimate and the network's refinement, mixed by their risk.
 *
 * @param problem The noisy picture.
 * @param guided What the run began with: the estimate, the draws, the pixels learned from.
 * @param weights The network's averaged weights.
 * @param settings The run's options.
 * @returns The picture, and what it is made of.
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
  // One call compiles once; pictures of two sizes take two.
  const [refined, ...others] = judged === observed
    ? await correct([own, ...judges])
    : [...await correct([own]), ...await correct(judges)];
  const draws = judges.map((draw, k) => ({ ...draw, refined: others[k]! }));
  const mixture = cautious(bestMixture(judged, sample(learned), draws, sigma));
  return { image: shown(applyMixture(mixture, observed, estimate, refined!)), mixture };
}
