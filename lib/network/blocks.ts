// The pieces all architectures are put together from: convolution, norm, activation.
import { tf } from "../engine/mod.ts";
import { derive } from "../random/mod.ts";
import { MeanOnlyNorm, TrainingBatchNorm } from "./layers/norms.ts";
import { ReflectionConv2d, type ReflectionConv2dArgs } from "./layers/reflection_conv2d.ts";

/** The norm after a convolution. */
export type Norm = "mean-only" | "batch" | "none";

/** Applies a norm. */
export function normalised(x: tf.SymbolicTensor, norm: Norm, name: string): tf.SymbolicTensor {
  if (norm === "none") return x;
  const layer = norm === "batch" ? new TrainingBatchNorm({ name }) : new MeanOnlyNorm({ name });
  return layer.apply(x) as tf.SymbolicTensor;
}

/** What all blocks of one network share. */
export interface BlockStyle {
  readonly norm: Norm;
  /** Slope of LeakyReLU for negative values. */
  readonly slope: number;
  readonly lipschitz: number;
  readonly gain: number;
  readonly seed: number;
}

/** A convolution whose weights are seeded by its name. */
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
  { norm, slope, lipschitz, gain, seed }: BlockStyle,
  shape: { filters: number; kernelSize: number; stride?: number },
): tf.SymbolicTensor {
  const meanRemoved = norm !== "none";
  const y = convolved(x, `${name}_conv`, seed, { ...shape, lipschitz, gain, meanRemoved });
  const activation = tf.layers.leakyReLU({ alpha: slope, name: `${name}_act` });
  return activation.apply(normalised(y, norm, `${name}_norm`)) as tf.SymbolicTensor;
}

/** A 1x1 convolution to the picture's channels, and a sigmoid. */
export function toPicture(
  x: tf.SymbolicTensor,
  channels: number,
  seed: number,
  options: { gain: number; useBias: boolean },
): tf.SymbolicTensor {
  const y = convolved(x, "out_conv", seed, { filters: channels, kernelSize: 1, ...options });
  return tf.layers.activation({ activation: "sigmoid", name: "picture" }).apply(
    y,
  ) as tf.SymbolicTensor;
}
