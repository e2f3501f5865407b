// The deep image prior's objective: a fixed input, the data term alone (Ulyanov et al. 2018).
import type { Degradation } from "../degradation/mod.ts";
import { type Feed, tf } from "../engine/mod.ts";
import { type Image, padReflect } from "../image/mod.ts";
import type { Architecture } from "../network/mod.ts";
import { constantOf } from "./objective.ts";
import { cropped, type Fitting, fitting } from "./fitting.ts";
import type { InputName, Objective } from "./objective.ts";
import { imageInputNetwork } from "./image_input_network.ts";

/**
 * min over θ of misfit(f_θ(z + n), observed), where n is fresh Gaussian noise of standard deviation `inputNoise`. The
 * run must be stopped early, because the network learns the noise in the end. The input z is random, or it is the
 * problem's initial estimate: such a network has only to learn the difference, and needs a tenth of the iterations.
 *
 * @param problem The problem.
 * @param architecture The network.
 * @param seed The seed of its weights and input z.
 * @param input The kind of z.
 * @param inputNoise Standard deviation of n; 0 for none.
 * @param seen 1 for the samples of the observed picture that the loss uses, 0 for those held out.
 * @default {all known samples}
 * @returns The objective.
 */
export function priorObjective(
  problem: Degradation,
  architecture: Architecture,
  seed: number,
  input: InputName,
  inputNoise: number,
  seen?: Image,
): Objective {
  const { fit, model, values, shape } = input === "random"
    ? randomInput(problem, architecture, seed)
    : startInput(problem, architecture, seed);
  const z = tf.tidy(() => tf.variable(tf.tensor(values, [...shape]), false));
  const observed = constantOf(problem.observed);
  const { known } = problem;
  const counted = both(known, seen), judging = seen && both(known, complement(seen));
  const weights = counted && constantOf(counted), judges = judging && constantOf(judging);
  const [, rows, columns, depth] = shape as [number, number, number, number];
  // The order of the noise does not matter; in channels-first order it needs no transposition.
  const noise = [1, depth, rows, columns];
  return {
    model,
    inputs: inputNoise > 0 ? { noise } : {},
    draw(random): Record<string, Feed> {
      if (inputNoise === 0) return {};
      const drawn = new Float32Array(values.length);
      random.fillNormal(drawn, inputNoise);
      return { noise: drawn };
    },
    evaluate({ noise }) {
      const x = noise ? z.add(noise.transpose([0, 2, 3, 1])) : z;
      const output = cropped(model.apply(x, { training: true }) as tf.Tensor, fit);
      const misfit = problem.misfit(output, observed, weights);
      return { loss: misfit, misfit, output };
    },
    ...judges && {
      heldOut: (picture: tf.Tensor) => problem.misfit(picture, observed, judges),
    },
    dispose() {
      tf.dispose([z, observed, weights ?? [], judges ?? []]);
      model.dispose();
    },
  };
}

/** A network with its input. */
interface Fed {
  readonly fit: Fitting;
  readonly model: tf.LayersModel;
  readonly values: Float32Array;
  /** The shape of the values, `[1, h, w, c]`. */
  readonly shape: readonly number[];
}

function randomInput(problem: Degradation, architecture: Architecture, seed: number): Fed {
  const fit = fitting(problem.initialEstimate, architecture);
  const { model, input } = architecture.build(fit.size, seed);
  return { fit, model, ...input };
}

function startInput(problem: Degradation, architecture: Architecture, seed: number): Fed {
  const { fit, model } = imageInputNetwork(problem, architecture, seed);
  const { height, width, channels } = fit.size;
  const { data } = padReflect(problem.initialEstimate, height, width);
  return { fit, model, values: data, shape: [1, height, width, channels] };
}

const complement = (mask: Image): Image => ({ ...mask, data: mask.data.map((value) => 1 - value) });

/** 1 where both masks are 1; a mask left out is 1 everywhere. */
function both(mask: Image | undefined, other: Image | undefined): Image | undefined {
  if (!mask || !other) return mask ?? other;
  return { ...mask, data: mask.data.map((value, i) => value * other.data[i]!) };
}
