// The paper's network: a decoder without encoder or skips (Shi et al. 2022; `models/decoder.py` of its code).
import { check } from "../check.ts";
import { tf } from "../engine/mod.ts";
import { derive } from "../random/mod.ts";
import { type Architecture, channelsPerScale, checkSize } from "./architecture.ts";
import {
  type BlockStyle,
  convolved,
  doubled,
  fourierInput,
  HE_GAIN,
  type Norm,
  toPicture,
  twoBlocks,
} from "./blocks.ts";
import { type Lipschitz, lipschitzPlan } from "./lipschitz.ts";
import { bilinearUpsampling, upsamplingPerStage, type UpsamplingPlan } from "./upsampling.ts";

/** Options of {@linkcode decoder}. */
export interface DecoderOptions {
  /** Channels of every scale, or of each from fine to coarse. @default {128} */
  channels?: number | readonly number[];
  /** The number of upsampling stages. @default {5} */
  scales?: number;
  /** Channels of the input z; even. @default {32} */
  inputChannels?: number;
  /** @default {bilinearUpsampling()} */
  upsampling?: UpsamplingPlan;
  /** Bound λ on the spectral norm of every 3x3 convolution, or bound, norm and layers; 0 for none. @default {0} */
  lipschitz?: number | Lipschitz;
  /** @default {"mean-only"} */
  norm?: Norm;
  /** Slope of LeakyReLU for negative values. @default {0.01} */
  slope?: number;
}

/**
 * The paper's decoder: two 3x3 convolutions at the coarsest scale; then for each scale upsampling by 2 and two 3x3
 * convolutions; then a 1x1 convolution and a sigmoid. Each 3x3 convolution pads by reflection and is followed by a
 * norm and LeakyReLU. The input is `[1, h, w, 32]` at the coarsest scale: sin and cos of 2πu, with u uniform (the
 * paper's 'fourier' input).
 *
 * With `deconv` upsampling a stage is a transposed convolution and one 3x3 convolution, as in the
 * paper's code.
 *
 * The paper's ablation 'decoder without encoder' is `decoder({ norm: "batch", lipschitz: 0 })`.
 *
 * @param options Channels, scales, upsampling, control.
 * @returns The architecture.
 * @throws {RangeError} If an option is out of range.
 *
 * @example Its parameters are the paper's
 * ```ts
 * import { decoder } from "./decoder.ts";
 * import assert from "node:assert/strict";
 * const { model } = decoder().build({ height: 64, width: 64, channels: 3 }, 1);
 * assert.equal(model.countParams(), 1_662_339);
 * model.dispose();
 * ```
 */
export function decoder(options: DecoderOptions = {}): Architecture {
  const {
    channels = 128,
    scales = 5,
    inputChannels = 32,
    upsampling = bilinearUpsampling(),
    lipschitz = 0,
    norm = "mean-only",
    slope = 0.01,
  } = options;
  const widths = channelsPerScale(channels, scales);
  const stages = upsamplingPerStage(upsampling, scales);
  check(inputChannels % 2 === 0, "inputChannels", inputChannels, "even");
  const plan = lipschitzPlan(lipschitz);
  const multiple = 2 ** scales;
  return {
    name: "decoder",
    settings: { channels, scales, inputChannels, upsampling, lipschitz, norm, slope },
    multiple,
    minimum: 2 * multiple,
    learningRate: 0.001,
    inputNoise: 0,
    build(size, seed) {
      checkSize(size, this);
      const seeds = derive(seed, "network");
      const style: BlockStyle = { norm, slope, lipschitz: plan, initGain: HE_GAIN, seed: seeds };
      const shape = [size.height / multiple, size.width / multiple, inputChannels];
      const z = tf.input({ shape, name: "z" });
      let x = twoBlocks(z, "scale0", style, widths.at(-1)!);
      stages.forEach((upsampling, i) => {
        const name = `scale${i + 1}`, filters = widths[scales - 1 - i]!;
        x = doubled(x, `${name}_up`, seeds, { upsampling, ...plan.others });
        x = upsampling.kind === "deconv"
          ? convolved(x, `${name}_conv`, seeds, {
            filters,
            kernelSize: 3,
            initGain: HE_GAIN,
            ...plan.paper,
          })
          : twoBlocks(x, name, style, filters);
      });
      const picture = toPicture(x, size.channels, seeds, { initGain: HE_GAIN, ...plan.others });
      return {
        model: tf.model({ inputs: z, outputs: picture, name: "decoder" }),
        input: { shape: [1, ...shape], values: fourierInput(shape, derive(seed, "input")) },
      };
    },
  };
}
