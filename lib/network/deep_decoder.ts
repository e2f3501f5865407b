// The Deep Decoder (Heckel & Hand 2019; `include/decoder.py` of its code): no spatial convolution at all.
import { tf } from "../engine/mod.ts";
import { derive, random } from "../random/mod.ts";
import { type Architecture, channelsPerScale, checkSize } from "./architecture.ts";
import { convolved, doubled, toPicture } from "./blocks.ts";
import { TrainingBatchNorm } from "./layers/norms.ts";
import { bilinearUpsampling, upsamplingPerStage, type UpsamplingPlan } from "./upsampling.ts";

/** Options of {@linkcode deepDecoder}. */
export interface DeepDecoderOptions {
  /** Channels of every scale, or of each from fine to coarse. @default {128} */
  channels?: number | readonly number[];
  /** The number of upsampling stages. @default {5} */
  scales?: number;
  /** @default {bilinearUpsampling()} */
  upsampling?: UpsamplingPlan;
}

/**
 * The Deep Decoder: at each scale a 1x1 convolution, upsampling by 2, ReLU and batch norm; then one stage without
 * upsampling, a 1x1 convolution and a sigmoid. The input is `[1, h, w, channels]` at the coarsest scale, uniform in
 * [0, 0.1). It has too few parameters to learn much noise.
 *
 * @param options Channels, scales, upsampling.
 * @returns The architecture.
 *
 * @example Its parameters are the original's
 * ```ts
 * import { deepDecoder } from "./deep_decoder.ts";
 * import assert from "node:assert/strict";
 * const { model } = deepDecoder().build({ height: 64, width: 64, channels: 3 }, 1);
 * assert.equal(model.countParams(), 100_224);
 * model.dispose();
 * ```
 */
export function deepDecoder(options: DeepDecoderOptions = {}): Architecture {
  const { channels = 128, scales = 5, upsampling = bilinearUpsampling() } = options;
  const widths = channelsPerScale(channels, scales);
  const stages = upsamplingPerStage(upsampling, scales);
  const multiple = 2 ** scales;
  return {
    name: "deep-decoder",
    settings: { channels, scales, upsampling },
    multiple,
    minimum: 2 * multiple,
    learningRate: 0.01,
    inputNoise: 0,
    build(size, seed) {
      checkSize(size, this);
      const weights = derive(seed, "network");
      const shape = [size.height / multiple, size.width / multiple, widths.at(-1)!];
      const z = tf.input({ shape, name: "z" });
      let x = z;
      for (let i = 0; i <= scales; i++) {
        const name = `stage${i}`, filters = widths[Math.max(0, scales - 1 - i)]!;
        x = convolved(x, `${name}_conv`, weights, { filters, kernelSize: 1, useBias: false });
        const upsampling = stages[i];
        if (upsampling) x = doubled(x, `${name}_up`, weights, { upsampling });
        x = tf.layers.reLU({ name: `${name}_act` }).apply(x) as tf.SymbolicTensor;
        x = new TrainingBatchNorm({ name: `${name}_norm` }).apply(x) as tf.SymbolicTensor;
      }
      const picture = toPicture(x, size.channels, weights, { initGain: 1, useBias: false });
      const values = new Float32Array(shape.reduce((a, b) => a * b));
      random(derive(seed, "input")).fillUniform(values, 0, 0.1);
      return {
        model: tf.model({ inputs: z, outputs: picture, name: "deep_decoder" }),
        input: { shape: [1, ...shape], values },
      };
    },
  };
}
