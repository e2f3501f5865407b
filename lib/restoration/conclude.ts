// What a guided run ends with: the refinement of its estimate, judged and mixed with it.
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import { derive } from "../random/mod.ts";
import { applyCorrector } from "./apply_corrector.ts";
import { type Guided, JUDGING_ALPHA, makeDraws } from "./guide.ts";
import { bestMixture, mixed, type Mixture } from "./mixture.ts";
import type { Settings } from "./settle.ts";

/** Draws that a refinement is judged by; each costs an estimate and a pass through the network. */
const JUDGES = 4;

/**
 * The part of the refinement that is taken of what is judged best. The guide of a draw has more noise left
 * than the estimate itself, so that the refinement of the estimate gains less: with noise of 25/255 all of it
 * lost 0.09 dB to the estimate on one photograph, half of it 0.04 and 0.06 on two, and gained 0.04 on a third.
 */
const CAUTION = 1 / 3;

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
export async function conclude(
  problem: Degradation,
  { estimate, shown, learned }: Guided,
  weights: readonly Float32Array[],
  { network, seed, threads, device, memoryLimit, signal, noise: { sigma } }: Settings,
): Promise<{ image: Image; mixture: Mixture }> {
  const { observed } = problem;
  const judges = await makeDraws(problem, JUDGES, derive(seed, "judges"), {
    sigma,
    signal,
    alpha: JUDGING_ALPHA,
    workers: threads,
  });
  const options = { threads, device, memoryLimit, signal };
  const pairs = [{ noisy: observed, guide: estimate }, ...judges];
  const [own, ...others] = await applyCorrector(pairs, network, weights, options);
  const judged = judges.map((draw, k) => ({ ...draw, refined: others[k]! }));
  const mixture = cautious(bestMixture(observed, learned, judged, sigma));
  return { image: shown(mixed(mixture, observed, estimate, own!)), mixture };
}
