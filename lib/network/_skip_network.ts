// The encoder-decoder with skips that dip and pip share (`models/skip.py` of Ulyanov et al.'s code).
import { tf } from "../engine/mod.ts";
import type { Size } from "./architecture.ts";
import { block, type BlockStyle, doubled, type Norm, normalised, toPicture } from "./blocks.ts";
import type { LipschitzPlan } from "./lipschitz.ts";
import type { Upsampling } from "./layers/upsampling2x.ts";

/** The parts of an encoder-decoder with skips. */
export interface SkipNetwork {
  readonly name: string;
  /**
   * Side of the kernels of the first convolutions at each scale, down and up: 3, or 1 to use no neighbouring pixels.
   */
  readonly kernelSize: 1 | 3;
  /** Channels of every scale, from fine to coarse. */
  readonly widths: readonly number[];
  /** Channels of every skip connection; 0 for none. */
  readonly skipChannels: number;
  /** The upsampling of each stage, coarsest first. */
  readonly stages: readonly Upsampling[];
  readonly lipschitz: LipschitzPlan;
  readonly norm: Norm;
  /** Slope of LeakyReLU for negative values. */
  readonly slope: number;
  /** Makes the output from the features at full size. @default {toPicture} */
  readonly last?: typeof toPicture;
}

/**
 * Builds the network.
 *
 * @param network The parts.
 * @param size The picture to make.
 * @param depth Channels of the input, `[1, height, width, depth]`.
 * @param seed The seed from which the seeds of the weights are derived.
 * @returns The model.
 */
export function skipNetwork(
  network: SkipNetwork,
  size: Size,
  depth: number,
  seed: number,
): tf.LayersModel {
  const { kernelSize, widths, skipChannels, stages, lipschitz, norm, slope } = network;
  const { last = toPicture } = network;
  const scales = widths.length;
  const style: BlockStyle = { norm, slope, lipschitz, initGain: 1, seed };
  const scale = (x: tf.SymbolicTensor, i: number): tf.SymbolicTensor => {
    const filters = widths[i]!, name = `scale${i + 1}`;
    let deeper = block(x, `${name}_down1`, style, { filters, kernelSize, stride: 2 });
    deeper = block(deeper, `${name}_down2`, style, { filters, kernelSize });
    if (i + 1 < scales) deeper = scale(deeper, i + 1);
    const upsampling = stages[scales - 1 - i]!;
    let joined = doubled(deeper, `${name}_up`, seed, { upsampling, ...lipschitz.others });
    if (skipChannels > 0) {
      const skip = block(x, `${name}_skip`, style, { filters: skipChannels, kernelSize: 1 });
      const concat = tf.layers.concatenate({ axis: 3, name: `${name}_join` });
      joined = concat.apply(cropped(skip, joined)) as tf.SymbolicTensor;
    }
    const y = normalised(joined, `${name}_join_norm`, style);
    const wide = block(y, `${name}_up1`, style, { filters, kernelSize });
    return block(wide, `${name}_up2`, style, { filters, kernelSize: 1 });
  };
  const z = tf.input({ shape: [size.height, size.width, depth], name: "z" });
  const picture = last(scale(z, 0), size.channels, seed, lipschitz.others);
  return tf.model({ inputs: z, outputs: picture, name: network.name });
}

/** Both tensors, cropped about the centre to the smaller height and width. */
function cropped(a: tf.SymbolicTensor, b: tf.SymbolicTensor): tf.SymbolicTensor[] {
  const sides = [1, 2].map((axis) => Math.min(a.shape[axis]!, b.shape[axis]!));
  return [a, b].map((x) => {
    const margins = sides.map((side, i) => {
      const extra = x.shape[i + 1]! - side;
      return [Math.floor(extra / 2), Math.ceil(extra / 2)] as [number, number];
    }) as [[number, number], [number, number]];
    if (margins.flat().every((margin) => margin === 0)) return x;
    return tf.layers.cropping2D({ cropping: margins }).apply(x) as tf.SymbolicTensor;
  });
}
