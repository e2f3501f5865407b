// The deep image prior's encoder-decoder with skips (Ulyanov et al. 2018; `models/skip.py` of its code).
import type { tf } from "../engine/mod.ts";
import { derive, random } from "../random/mod.ts";
import { skipNetwork } from "./_skip_network.ts";
import { type Architecture, channelsPerScale, checkSize, type Size } from "./architecture.ts";
import { type Norm, toCorrection, toPicture } from "./blocks.ts";
import { type Lipschitz, lipschitzPlan } from "./lipschitz.ts";
import { bilinearUpsampling, upsamplingPerStage, type UpsamplingPlan } from "./upsampling.ts";

/** Options of {@linkcode dip}. */
export interface DipOptions {
  /** Channels of every scale, or of each from fine to coarse. @default {128} */
  channels?: number | readonly number[];
  /** Channels of every skip connection; 0 for none. @default {4} */
  skipChannels?: number;
  /** @default {5} */
  scales?: number;
  /** Channels of the input z. @default {32} */
  inputChannels?: number;
  /** @default {bilinearUpsampling()} */
  upsampling?: UpsamplingPlan;
  /** Bound λ on the spectral norm of every convolution but the last, or bound, norm and layers; 0 for none. @default {0} */
  lipschitz?: number | Lipschitz;
  /** @default {"batch"} */
  norm?: Norm;
  /** Slope of LeakyReLU for negative values. @default {0.2} */
  slope?: number;
}

/**
 * The deep image prior's network. At each scale: a 1x1 skip connection; two 3x3 convolutions down, the first with
 * stride 2; the next scale; upsampling by 2; concatenation with the skip; a 3x3 and a 1x1 convolution. The input is
 * `[1, H, W, 32]`, uniform in [0, 0.1).
 *
 * @param options Channels, scales, upsampling, control.
 * @returns The architecture.
 * @throws {RangeError} If an option is out of range.
 *
 * @example Its parameters are the original's
 * ```ts
 * import { dip } from "./dip.ts";
 * import assert from "node:assert/strict";
 * const { model } = dip().build({ height: 64, width: 64, channels: 3 }, 1);
 * assert.equal(model.countParams(), 2_217_831);
 * model.dispose();
 * ```
 */
export function dip(options: DipOptions = {}): Architecture {
  const {
    channels = 128,
    skipChannels = 4,
    scales = 5,
    inputChannels = 32,
    upsampling = bilinearUpsampling(),
    lipschitz = 0,
    norm = "batch",
    slope = 0.2,
  } = options;
  const widths = channelsPerScale(channels, scales);
  const stages = upsamplingPerStage(upsampling, scales);
  const plan = lipschitzPlan(lipschitz);
  const architecture: Architecture = {
    name: "dip",
    settings: { channels, skipChannels, scales, inputChannels, upsampling, lipschitz, norm, slope },
    multiple: 2 ** scales,
    minimum: 2 ** (scales + 1),
    learningRate: 0.01,
    inputNoise: 1 / 30,
    build(size, seed) {
      const model = build(size, inputChannels, seed);
      const shape = [1, size.height, size.width, inputChannels];
      const values = new Float32Array(shape.reduce((a, b) => a * b));
      random(derive(seed, "input")).fillUniform(values, 0, 0.1);
      return { model, input: { shape, values } };
    },
    buildFromImage: (size, seed) => build(size, size.channels, seed),
    buildCorrector: (size, inputs, seed) => build(size, inputs, seed, toCorrection),
  };
  return architecture;

  function build(size: Size, depth: number, seed: number, last = toPicture): tf.LayersModel {
    checkSize(size, architecture);
    const parts = { widths, skipChannels, stages, lipschitz: plan, norm, slope };
    return skipNetwork(
      { name: "dip", kernelSize: 3, ...parts, last },
      size,
      depth,
      derive(seed, "network"),
    );
  }
}
