// Mixes picture, estimate and refined estimate by their risk over held-out pixels, so that a result is no worse than
// its parts.
import type { Image } from "../image/mod.ts";
import { random } from "../random/mod.ts";
import type { Draw } from "./guide.ts";

/** Pixels are held out in squares of this side; they are this part of the picture. */
const BLOCK = 8, APART = 1 / 8;

/**
 * Chooses the pixels on which a network is trained; the others are held out to judge it.
 *
 * @param size The picture's size.
 * @param seed The same seed chooses the same pixels.
 * @returns One channel: 1 for a pixel to train on, 0 for one held out; there are both.
 */
export function trainingPixels(
  { height, width }: Pick<Image, "height" | "width">,
  seed: number,
): Image {
  const rows = Math.ceil(height / BLOCK), columns = Math.ceil(width / BLOCK);
  const { uniform } = random(seed);
  const apart = Array.from({ length: rows * columns }, () => uniform() < APART);
  apart[Math.floor(uniform() * apart.length)] = true;
  if (apart.every(Boolean)) apart[0] = false;
  const data = Float32Array.from({ length: height * width }, (_, i) => {
    const y = Math.floor(i / width), x = i % width;
    return apart[Math.floor(y / BLOCK) * columns + Math.floor(x / BLOCK)] ? 0 : 1;
  });
  return { height, width, channels: 1, data };
}

/** The target of a sample: y - n/α, or y itself where the noise was clipped at 0 or 1. */
export const targetOf = (y: number, noisy: number, alpha: number): number =>
  y > 0 && y < 1 ? y - (noisy - y) / alpha ** 2 : y;

/** The weights of a result's parts; they sum to 1. */
export interface Mixture {
  /** The weight of the noisy picture. */
  readonly picture: number;
  /** The weight of the initial estimate. */
  readonly estimate: number;
  /** The weight of the network's refinement of the estimate. */
  readonly refined: number;
}

const clamp = (value: number) => Math.min(Math.max(value, 0), 1);

/**
 * Finds the mixture with the smallest risk: p + a (g - p) + b (r - g), by least squares against the targets of the
 * draws, over the held-out pixels. The noise of a draw's target is independent of p, g and r, and no network was
 * trained on it. The draws must have little more noise than the picture (`JUDGING_ALPHA`), because the best mixture
 * depends on the noise level. b is reduced by its standard error, so that a refinement whose gain may be chance is
 * not used.
 *
 * @param observed The noisy picture.
 * @param learned The result of {@linkcode trainingPixels}.
 * @param draws The draws, each with the refinement of its guide.
 * @param sigma Standard deviation of the noise, in [0, 1].
 * @returns The mixture.
 */
export function bestMixture(
  observed: Image,
  learned: Image,
  draws: readonly (Draw & { readonly refined: Image })[],
  sigma: number,
): Mixture {
  const { channels } = observed;
  let gg = 0, gr = 0, rr = 0, tg = 0, tr = 0;
  for (const { alpha, noisy, guide, refined } of draws) {
    for (let i = 0; i < observed.data.length; i++) {
      if (learned.data[Math.floor(i / channels)] === 1) continue;
      const y = observed.data[i]!, p = noisy.data[i]!, g = guide.data[i]!;
      const toGuide = g - p, toRefined = refined.data[i]! - g, toTarget = targetOf(y, p, alpha) - p;
      gg += toGuide ** 2;
      gr += toGuide * toRefined;
      rr += toRefined ** 2;
      tg += toTarget * toGuide;
      tr += toTarget * toRefined;
    }
  }
  if (gg === 0) return { picture: 1, estimate: 0, refined: 0 };
  const a = clamp(tg / gg);
  const determinant = gg * rr - gr ** 2;
  if (rr === 0 || determinant <= 0) return { picture: 1 - a, estimate: a, refined: 0 };
  // All draws share the noise of y; the noise n of their targets is independent.
  const { alpha } = draws[0]!;
  const variance = sigma ** 2 * (1 + 1 / (alpha ** 2 * draws.length));
  const error = Math.sqrt(variance * draws.length * gg / determinant);
  const b = clamp((gg * tr - gr * tg) / determinant - error);
  const withRefined = Math.max(clamp((tg - b * gr) / gg), b);
  return { picture: 1 - withRefined, estimate: withRefined - b, refined: b };
}

/**
 * Mixes pictures.
 *
 * @param mixture The weights.
 * @param picture The noisy picture.
 * @param estimate The initial estimate.
 * @param refined The network's refinement of it.
 * @returns The mixed picture, clipped to [0, 1]; alpha and bit depth are those of `picture`.
 */
export function applyMixture(
  mixture: Mixture,
  picture: Image,
  estimate: Image,
  refined: Image,
): Image {
  const data = picture.data.map((value, i) =>
    clamp(
      mixture.picture * value + mixture.estimate * estimate.data[i]! +
        mixture.refined * refined.data[i]!,
    )
  );
  return { ...picture, data };
}
