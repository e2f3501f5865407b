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
 * min over θ of misfit(f_θ(z + n), observed), n fresh Gaussian noise of standard deviation `inputNoise`.
 * To be stopped early: the longer it runs, the more of the noise it fits. The input z is the network's own
 * random one, or the problem's start: a network that reads the picture as it is has only to learn what it
 * lacks, and needs a tenth of the iterations.
 *
 * @param problem What was observed.
 * @param architecture The network.
 * @param seed The seed of its weights and input z.
 * @param input What z is.
 * @param inputNoise Standard deviation of n; 0 for none.
 * @param seen 1 for the samples of the observed picture that the loss sees, 0 for those held out; all that
 * are known are seen if it is left out.
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
  // Noise is the same in any order: channels first it needs no transposition.
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

/** A network and the input it turns into a picture. */
interface Fed {
  readonly fit: Fitting;
  readonly model: tf.LayersModel;
  readonly values: Float32Array;
  /** Of the values, `[1, h, w, c]`. */
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

/** 1 where both masks are; a mask left out is 1 everywhere. */
function both(mask: Image | undefined, other: Image | undefined): Image | undefined {
  if (!mask || !other) return mask ?? other;
  return { ...mask, data: mask.data.map((value, i) => value * other.data[i]!) };
}
