// The guided objective: a network corrects a non-local estimate; it is trained on views of recorrupted copies.
import type { Degradation } from "../degradation/mod.ts";
import { type Feed, tf } from "../engine/mod.ts";
import type { Image } from "../image/mod.ts";
import type { Architecture } from "../network/mod.ts";
import { type ContrastNormalization, normalizeContrast } from "../noise/mod.ts";
import { VIEW_SIDE } from "./defaults.ts";
import { cropped, type Fitting, reflected } from "./fitting.ts";
import type { GuidedInputs } from "./guide.ts";
import { targetOf } from "./mixture.ts";
import type { Objective } from "./objective.ts";
import { createViewAverage, randomView, takeView, type View } from "./view.ts";

/** The side of the views: {@linkcode VIEW_SIDE}, or less for a small picture, and a size that suits the network. */
export function viewSide(
  { height, width }: Pick<Image, "height" | "width">,
  { multiple, minimum }: Pick<Architecture, "multiple" | "minimum">,
): number {
  const wanted = Math.min(Math.max(height, width, minimum), VIEW_SIDE);
  return Math.ceil(wanted / multiple) * multiple;
}

/**
 * Adds a network's correction to a guide. The network reads both pictures, centred on 0 and normalized in contrast.
 * Values beyond the normalized range, such as stars, are clipped in the network's input only.
 *
 * @param model The network.
 * @param noisy The picture, `[1, height, width, channels]`, and its guide.
 * @param range The contrast normalization of the picture.
 * @param fit The padding, if the network takes another size than the pictures'.
 * @returns The corrected guide.
 */
export function corrected(
  model: tf.LayersModel,
  { noisy, guide }: { noisy: tf.Tensor; guide: tf.Tensor },
  { contrast, middle }: ContrastNormalization,
  fit?: Fitting,
): tf.Tensor {
  const fitted = (x: tf.Tensor) => fit ? reflected(x, fit) : x;
  const centred = tf.concat([fitted(noisy), fitted(guide)], 3).sub(middle);
  const input = contrast === 1 ? centred : centred.div(contrast).clipByValue(-0.5, 0.5);
  const output = model.apply(input, { training: true }) as tf.Tensor;
  const correction = fit ? cropped(output, fit) : output;
  return guide.add(contrast === 1 ? correction : correction.mul(contrast));
}

/**
 * Recorrupted-to-recorrupted (Pang et al., CVPR 2021) with a guide: ‖g + f(y + αn, g) - (y - n/α)‖² / N. Here n has
 * the distribution of the picture's noise, and g is the non-local estimate from y + αn alone. Input and target have
 * independent noise, so the expectation is the error to the clean picture plus a constant. Each step uses a random
 * square view, flipped and turned, of one of a few draws of n, so that the network cannot memorize a draw. Where the
 * noise was clipped, the target is y itself.
 *
 * @param problem The noisy picture.
 * @param architecture A network that can correct a picture.
 * @param seed The seed of its weights.
 * @param guided The initial estimate, with which the picture so far begins, and the draws of n.
 * @returns The objective.
 * @throws {RangeError} If the network cannot correct a picture.
 */
export function guidedObjective(
  { observed }: Degradation,
  architecture: Architecture,
  seed: number,
  { estimate, shown, draws, learned }: GuidedInputs,
): Objective {
  if (!architecture.buildCorrector) {
    throw new RangeError(
      `\`network\` ${architecture.name} cannot read a picture and its guide: take dip, or mse`,
    );
  }
  const { channels } = observed, side = viewSide(observed, architecture);
  const range = normalizeContrast(observed);
  const model = architecture.buildCorrector(
    { height: side, width: side, channels },
    2 * channels,
    seed,
  );
  const views = new WeakMap<Readonly<Record<string, Feed>>, View>();
  const average = createViewAverage(estimate);
  const shape = [1, channels, side, side];
  return {
    model,
    // In channels-first order they need no transposition.
    inputs: {
      noisy: shape,
      guide: shape,
      target: shape,
      observed: shape,
      learned: [1, 1, side, side],
    },
    draw(random) {
      const { alpha, noisy, guide } = draws[Math.floor(random.uniform() * draws.length)]!;
      const view = randomView(random, observed, side);
      const feeds = {
        noisy: takeView(noisy, view),
        guide: takeView(guide, view),
        observed: takeView(observed, view),
        learned: takeView(learned, view),
      };
      const target = feeds.observed.map((y, i) => targetOf(y, feeds.noisy[i]!, alpha));
      const all = { ...feeds, target };
      views.set(all, view);
      return all;
    },
    evaluate(inputs) {
      const at = (name: string) => inputs[name]!.transpose([0, 2, 3, 1]);
      const guide = at("guide"), learned = at("learned");
      const output = corrected(model, { noisy: at("noisy"), guide }, range);
      // A view may consist of held-out pixels only.
      const count = learned.sum().mul(channels).add(1);
      return {
        loss: output.sub(at("target")).square().mul(learned).sum().div(count) as tf.Scalar,
        misfit: output.sub(at("observed")).square().mean(),
        output,
      };
    },
    whole: {
      add: (feeds, output) => average.add(views.get(feeds)!, output),
      image: () => shown(average.image()),
      state: average.state,
      restoreState: (state) => average.restoreState(state as ReturnType<typeof average.state>),
    },
    dispose: () => model.dispose(),
  };
}
