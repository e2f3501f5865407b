// The paper's ablation without upsampling: the decoder's convolutions, all at full resolution.
import { check } from "../check.ts";
import { tf } from "../engine/mod.ts";
import { derive } from "../random/mod.ts";
import { type Architecture, channelsPerScale, checkSize, type Size } from "./architecture.ts";
import {
  type BlockStyle,
  fourierInput,
  HE_GAIN,
  type Norm,
  toPicture,
  twoBlocks,
} from "./blocks.ts";
import { type Lipschitz, lipschitzPlan } from "./lipschitz.ts";

/** Options of {@linkcode convNet}. */
export interface ConvNetOptions {
  /** Channels of every scale of the decoder it is compared with, or of each from fine to coarse. @default {128} */
  channels?: number | readonly number[];
  /** The scales of that decoder: two convolutions for each, and two more. @default {5} */
  scales?: number;
  /** Channels of the input z; even. @default {32} */
  inputChannels?: number;
  /** Bound λ on the spectral norm of every 3x3 convolution, or bound, norm and layers; 0 for none. @default {0} */
  lipschitz?: number | Lipschitz;
  /** @default {"mean-only"} */
  norm?: Norm;
  /** Slope of LeakyReLU for negative values. @default {0.01} */
  slope?: number;
}

/**
 * The 'ConvNet' with which Shi et al. (2022) compare their decoder to show the effect of upsampling: the decoder
 * without upsampling, with the same convolutions and parameters. Its input is `[1, H, W, 32]`, the decoder's
 * 'fourier' input at the picture's own size.
 *
 * Neither the paper nor its code gives the layers; we assume that nothing else differs.
 *
 * Every convolution costs as much as the decoder's finest, so a step takes about four times as long.
 *
 * @param options Channels, number of convolutions, control.
 * @returns The architecture.
 * @throws {RangeError} If an option is out of range.
 *
 * @example It has as many parameters as the decoder
 * ```ts
 * import { convNet } from "./conv_net.ts";
 * import assert from "node:assert/strict";
 * const { model } = convNet().build({ height: 20, width: 30, channels: 3 }, 1);
 * assert.equal(model.countParams(), 1_662_339);
 * model.dispose();
 * ```
 */
export function convNet(options: ConvNetOptions = {}): Architecture {
  const {
    channels = 128,
    scales = 5,
    inputChannels = 32,
    lipschitz = 0,
    norm = "mean-only",
    slope = 0.01,
  } = options;
  const widths = channelsPerScale(channels, scales);
  const plan = lipschitzPlan(lipschitz);
  check(inputChannels % 2 === 0, "inputChannels", inputChannels, "even");
  const architecture: Architecture = {
    name: "conv-net",
    settings: { channels, scales, inputChannels, lipschitz, norm, slope },
    multiple: 1,
    // Reflection by one pixel needs a second pixel.
    minimum: 2,
    learningRate: 0.001,
    inputNoise: 0,
    build(size, seed) {
      const model = build(size, inputChannels, seed);
      const shape = [size.height, size.width, inputChannels];
      const values = fourierInput(shape, derive(seed, "input"));
      return { model, input: { shape: [1, ...shape], values } };
    },
    buildFromImage: (size, seed) => build(size, size.channels, seed),
  };
  return architecture;

  function build(size: Size, depth: number, seed: number): tf.LayersModel {
    checkSize(size, architecture);
    const seeds = derive(seed, "network");
    const style: BlockStyle = { norm, slope, lipschitz: plan, initGain: HE_GAIN, seed: seeds };
    const z = tf.input({ shape: [size.height, size.width, depth], name: "z" });
    const features = [widths.at(-1)!, ...widths.toReversed()].reduce(
      (x, filters, i) => twoBlocks(x, `scale${i}`, style, filters),
      z,
    );
    const picture = toPicture(features, size.channels, seeds, {
      initGain: HE_GAIN,
      ...plan.others,
    });
    return tf.model({ inputs: z, outputs: picture, name: "conv_net" });
  }
}
