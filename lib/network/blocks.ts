// Parts of all architectures: convolution, norm, activation, and the 'fourier' input.
import { tf } from "../engine/mod.ts";
import { derive, random } from "../random/mod.ts";
import { MeanOnlyNorm, TrainingBatchNorm } from "./layers/norms.ts";
import { ReflectionConv2d, type ReflectionConv2dArgs } from "./layers/reflection_conv2d.ts";
import { Upsampling2x, type Upsampling2xArgs } from "./layers/upsampling2x.ts";
import type { LipschitzPlan } from "./lipschitz.ts";

/**
 * The norm after a convolution. `lipschitz-batch` is batch norm whose slope is bounded by the network's λ, or by 1 if
 * it has none.
 */
export type Norm = "mean-only" | "batch" | "lipschitz-batch" | "none";

/** √6: He's uniform initialisation, as in the paper's code. */
export const HE_GAIN = Math.sqrt(6);

/** Applies a norm. */
export function normalised(
  x: tf.SymbolicTensor,
  name: string,
  { norm, lipschitz }: Pick<BlockStyle, "norm" | "lipschitz">,
): tf.SymbolicTensor {
  if (norm === "none") return x;
  const bound = norm === "lipschitz-batch" ? lipschitz.paper.lipschitz || 1 : 0;
  const layer = norm === "mean-only"
    ? new MeanOnlyNorm({ name })
    : new TrainingBatchNorm({ name, lipschitz: bound });
  return layer.apply(x) as tf.SymbolicTensor;
}

/** Settings of all blocks of one network. */
export interface BlockStyle {
  readonly norm: Norm;
  /** Slope of LeakyReLU for negative values. */
  readonly slope: number;
  readonly lipschitz: LipschitzPlan;
  readonly initGain: number;
  readonly seed: number;
}

/** A convolution; its name gives the seed of its weights. */
export function convolved(
  x: tf.SymbolicTensor,
  name: string,
  seed: number,
  args: Omit<ReflectionConv2dArgs, "name" | "seed">,
): tf.SymbolicTensor {
  const layer = new ReflectionConv2d({ ...args, name, seed: derive(seed, name) });
  return layer.apply(x) as tf.SymbolicTensor;
}

/** Convolution, norm, LeakyReLU. */
export function block(
  x: tf.SymbolicTensor,
  name: string,
  style: BlockStyle,
  shape: { filters: number; kernelSize: number; stride?: number },
): tf.SymbolicTensor {
  const { norm, slope, lipschitz, initGain, seed } = style;
  const meanRemoved = norm !== "none";
  const y = convolved(x, `${name}_conv`, seed, {
    ...shape,
    ...lipschitz.paper,
    initGain,
    meanRemoved,
  });
  const activation = tf.layers.leakyReLU({ alpha: slope, name: `${name}_act` });
  return activation.apply(normalised(y, `${name}_norm`, style)) as tf.SymbolicTensor;
}

/** Two 3x3 blocks, the paper's structure at every scale. */
export function twoBlocks(
  x: tf.SymbolicTensor,
  name: string,
  style: BlockStyle,
  filters: number,
): tf.SymbolicTensor {
  const shape = { filters, kernelSize: 3 };
  return block(block(x, `${name}_1`, style, shape), `${name}_2`, style, shape);
}

/** Upsampling by 2; the name gives the seed of weights, if there are any. */
export function doubled(
  x: tf.SymbolicTensor,
  name: string,
  seed: number,
  args: Omit<Upsampling2xArgs, "name" | "seed">,
): tf.SymbolicTensor {
  return new Upsampling2x({ ...args, name, seed: derive(seed, name) }).apply(
    x,
  ) as tf.SymbolicTensor;
}

/** A 1x1 convolution to the picture's channels, and a sigmoid. */
export function toPicture(
  x: tf.SymbolicTensor,
  channels: number,
  seed: number,
  options: Omit<ReflectionConv2dArgs, "name" | "seed" | "filters" | "kernelSize">,
): tf.SymbolicTensor {
  const y = convolved(x, "out_conv", seed, { filters: channels, kernelSize: 1, ...options });
  return tf.layers.activation({ activation: "sigmoid", name: "picture" }).apply(
    y,
  ) as tf.SymbolicTensor;
}

/** A 1x1 convolution to a correction of the picture's channels, of any sign; 0 with the initial weights. */
export const toCorrection = (
  x: tf.SymbolicTensor,
  channels: number,
  seed: number,
  options: Omit<ReflectionConv2dArgs, "name" | "seed" | "filters" | "kernelSize">,
): tf.SymbolicTensor =>
  convolved(x, "out_conv", seed, {
    filters: channels,
    kernelSize: 1,
    ...options,
    useBias: false,
    initGain: 0,
  });

/** `[height, width, channels]`: sin 2πu in the first half of the channels, cos 2πu in the second, u uniform. */
export function fourierInput([height, width, channels]: number[], seed: number): Float32Array {
  const half = channels! / 2, pixels = height! * width!;
  const phases = new Float32Array(half * pixels);
  random(seed).fillUniform(phases, 0, 2 * Math.PI);
  const values = new Float32Array(channels! * pixels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c = 0; c < half; c++) {
      const phase = phases[pixel * half + c]!, at = pixel * channels! + c;
      values[at] = Math.sin(phase);
      values[at + half] = Math.cos(phase);
    }
  }
  return values;
}
