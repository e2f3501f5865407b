// Plug-and-play restoration: NL-Ridge denoises an estimate, the data step makes it agree with what was observed.
import type { Degradation } from "../degradation/mod.ts";
import { type Image, meanSquaredError } from "../image/mod.ts";
import { normalizeContrast } from "../noise/mod.ts";
import { nlRidge } from "../nonlocal/mod.ts";
import type { Iterate, Training } from "./training.ts";
import { decodeWeights, encodeWeights, type Values } from "./weights.ts";

/** Options of {@linkcode plugAndPlay}. */
export interface PlugAndPlayOptions {
  /** The number of times that the two steps alternate. */
  iterations: number;
  /** Workers of NL-Ridge; they do not change the result. */
  threads: number;
  /** Aborts the iteration in progress. */
  signal?: AbortSignal | undefined;
}

/** What an iteration hands on to the next one. */
interface State {
  readonly iteration: number;
  readonly picture: Image;
  /** The denoiser's last estimate, which becomes its next pilot. */
  readonly pilot: Image | undefined;
  /** The scaled dual variable: the sum of what the data steps have changed. */
  readonly dual: Image | undefined;
}

/** The part of the iterations that is the first pass of a problem which has one. */
const FIRST_PASS = 2 / 3;

/** Where the second pass begins, relative to the first noise level. */
const SECOND_LEVEL = 0.5;

/** p a + q b, sample by sample. */
const combined = (p: number, a: Image, q: number, b: Image): Image => ({
  ...a,
  data: a.data.map((value, i) => p * value + q * b.data[i]!),
});

/**
 * Plug-and-play restoration by ADMM (Venkatakrishnan et al. 2013): a denoiser D for white noise, here NL-Ridge,
 * alternates with the proximal operator P of the problem's data term. With the picture x, the estimate v and the
 * scaled dual variable u, which begins as 0, an iteration is
 *
 *     v = D(x - u),  x = P(v + u),  u = r (u + v - x).
 *
 * The noise level falls geometrically from the error of the initial estimate to that of the result. The penalty of ADMM
 * is the reciprocal of its square, so that u has to be multiplied by the ratio r of the next level's square to this
 * one's (Boyd et al. 2011, section 3.4.1). Without the dual variable the results are worse in every task: by 0.5 dB
 * with half of the pixels missing, 0.2 dB after motion blur, 0.1 dB in super-resolution, 0.02 dB for JPEG.
 *
 * From the second iteration on, the last estimate is NL-Ridge's pilot. This is faster than computing a pilot, and better
 * by 1.9 dB where 90 % of the pixels are missing. But edges that are blurred in the initial estimate then stay blurred.
 * So enlargement by more than 2 begins with a pass in which each iteration computes a new pilot (`firstPassPatch`). That
 * pass alone makes smooth and textured pictures worse. A second pass corrects this: it takes the last estimate as pilot,
 * and begins at half the first noise level with a dual variable of 0.
 *
 * @param problem The problem; it must have a data step.
 * @param options The number of iterations.
 * @returns The iterations of a run. Their loss is the mean square of what the data step changes: the distance of the
 * denoised picture from one that agrees with what was observed.
 * @throws {RangeError} If the problem has no data step.
 */
export function plugAndPlay(
  problem: Degradation,
  { iterations, threads, signal }: PlugAndPlayOptions,
): Training {
  const { dataStep, initialEstimate } = problem;
  if (!dataStep) throw new RangeError(`\`problem\` has no data step: ${problem.task}`);
  const [first, last] = dataStep.noiseLevels(),
    { contrast, to, from } = normalizeContrast(initialEstimate),
    sides = dataStep.patchSides?.();
  const patchesAt = (part: number) => {
    const patch = sides && Math.round(sides[0] + (sides[1] - sides[0]) * part);
    return !patch || patch > Math.min(initialEstimate.height, initialEstimate.width)
      ? {}
      : { patch, stride: Math.floor(patch / 3) + 1 };
  };
  const { firstPassPatch } = dataStep;
  const firstPass = firstPassPatch === undefined ? 0 : Math.floor(FIRST_PASS * iterations);
  /** The noise level of an iteration, the factor of the dual variable after it, and the denoiser's options. */
  const scheduled = (iteration: number, pilot: Image | undefined) => {
    const isFirst = iteration < firstPass, count = isFirst ? firstPass : iterations - firstPass;
    const highest = isFirst || firstPass === 0 ? first : SECOND_LEVEL * first;
    const place = iteration - (isFirst ? 0 : firstPass);
    const part = count > 1 ? Math.min(place / (count - 1), 1) : 1;
    return {
      sigma: highest * (last / highest) ** part,
      ratio: (last / highest) ** (2 / Math.max(count - 1, 1)),
      patches: isFirst
        ? { patch: firstPassPatch! }
        : { ...patchesAt(part), ...pilot && place > 0 ? { pilot: to(pilot) } : {} },
    };
  };
  const begin = { iteration: 0, picture: initialEstimate, pilot: undefined, dual: undefined };
  let state: State = begin, kept = state;
  return {
    async iterate(): Promise<Iterate> {
      const begun = performance.now(), { iteration, picture, pilot } = state;
      const { sigma, ratio, patches } = scheduled(iteration, pilot);
      const dual = iteration === firstPass ? undefined : state.dual;
      const input = dual ? combined(1, picture, -1, dual) : picture;
      const denoised = await nlRidge(to(input), sigma / contrast, {
        workers: threads,
        ...patches,
        // The sharpened weights were chosen for white noise; for JPEG's blocks they lose 0.25 dB.
        weights: "ridge",
        ...signal ? { signal } : {},
      });
      const estimate = from(denoised);
      const proposed = dual ? combined(1, estimate, 1, dual) : estimate;
      const next = dataStep.proximal(proposed, sigma);
      state = {
        ...{ iteration: iteration + 1, picture: next, pilot: estimate },
        dual: combined(ratio, proposed, -ratio, next),
      };
      const misfit = meanSquaredError(estimate, next);
      const data = next.data.map((value) => Math.min(Math.max(value, 0), 1));
      const milliseconds = performance.now() - begun;
      return { loss: misfit, misfit, output: data, average: data, milliseconds };
    },
    keep: () => Promise.resolve(void (kept = state)),
    restore: () => Promise.resolve(void (state = kept)),
    async state() {
      const { iteration, picture, pilot, dual } = state;
      const named = new Map<string, Values>();
      for (const [name, image] of Object.entries({ picture, pilot, dual })) {
        if (image) named.set(name, { shape: [image.data.length], values: image.data });
      }
      const weights = await encodeWeights(named);
      const drawnFrom = { random: [], objective: null };
      return {
        updates: iteration,
        kept: iteration,
        drawnFrom,
        objective: null,
        keptObjective: null,
        weights,
      };
    },
    restoreState({ updates, weights }) {
      const named = decodeWeights(weights);
      const imageOf = (name: string): Image | undefined => {
        const values = named.get(name)?.values;
        return values && { ...initialEstimate, data: values };
      };
      state = {
        ...{ iteration: updates, picture: imageOf("picture")! },
        ...{ pilot: imageOf("pilot"), dual: imageOf("dual") },
      };
      kept = state;
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  };
}
