// The paper's network: a decoder without encoder or skips (Shi et al. 2022; `models/decoder.py` of its code).
import { tf } from "../engine/mod.ts";
import { derive, random } from "../random/mod.ts";
import { type Architecture, channelsPerScale, checkSize } from "./architecture.ts";
import { block, type BlockStyle, convolved, type Norm, toPicture } from "./blocks.ts";
import { Upsampling2x } from "./layers/upsampling2x.ts";
import { bilinear, upsamplingPerStage, type UpsamplingPlan } from "./upsampling.ts";

/** Options of {@linkcode decoder}. */
export interface DecoderOptions {
  /** Channels of every scale, or of each from fine to coarse. @default {128} */
  channels?: number | readonly number[];
  /** How often the picture is doubled. @default {5} */
  scales?: number;
  /** Channels of the input z; even. @default {32} */
  inputChannels?: number;
  /** @default {bilinear()} */
  upsampling?: UpsamplingPlan;
  /** Bound λ on the spectral norm of every 3x3 convolution; 0 for none. @default {0} */
  lipschitz?: number;
  /** @default {"mean-only"} */
  norm?: Norm;
  /** Slope of LeakyReLU for negative values. @default {0.01} */
  slope?: number;
}

/** √6: He's uniform initialisation, as the paper's code has it. */
const HE_GAIN = Math.sqrt(6);

/**
 * The paper's decoder: two 3x3 convolutions at the coarsest scale, then as often as there are scales
 * doubling and two 3x3 convolutions, a 1x1 convolution and a sigmoid. Each 3x3 convolution pads by
 * reflection and is followed by a norm and LeakyReLU. Its input is `[1, h, w, 32]` at the coarsest
 * scale: sin and cos of 2πu, u uniform (the paper's 'fourier' input).
 *
 * With `deconv` upsampling a stage is a transposed convolution and one 3x3 convolution, as in the
 * paper's code.
 *
 * @param options Channels, scales, upsampling, control.
 * @returns The architecture.
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
    upsampling = bilinear(),
    lipschitz = 0,
    norm = "mean-only",
    slope = 0.01,
  } = options;
  const widths = channelsPerScale(channels, scales);
  const stages = upsamplingPerStage(upsampling, scales);
  if (inputChannels % 2) {
    throw new RangeError(`\`inputChannels\` must be even, not ${inputChannels}`);
  }
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
      const style: BlockStyle = {
        norm,
        slope,
        lipschitz,
        gain: HE_GAIN,
        seed: derive(seed, "network"),
      };
      const shape = [size.height / multiple, size.width / multiple, inputChannels];
      const z = tf.input({ shape, name: "z" });
      const two = (x: tf.SymbolicTensor, name: string, filters: number) =>
        block(
          block(x, `${name}_1`, style, { filters, kernelSize: 3 }),
          `${name}_2`,
          style,
          { filters, kernelSize: 3 },
        );
      let x = two(z, "scale0", widths.at(-1)!);
      stages.forEach((upsampling, i) => {
        const name = `scale${i + 1}`, filters = widths[scales - 1 - i]!;
        const up = new Upsampling2x({
          upsampling,
          name: `${name}_up`,
          seed: derive(style.seed, `${name}_up`),
        });
        x = up.apply(x) as tf.SymbolicTensor;
        x = upsampling.kind === "deconv"
          ? convolved(x, `${name}_conv`, style.seed, {
            filters,
            kernelSize: 3,
            gain: HE_GAIN,
            lipschitz,
          })
          : two(x, name, filters);
      });
      const picture = toPicture(x, size.channels, style.seed, { gain: HE_GAIN, useBias: true });
      return {
        model: tf.model({ inputs: z, outputs: picture, name: "decoder" }),
        input: { shape: [1, ...shape], values: fourierInput(shape, derive(seed, "input")) },
      };
    },
  };
}

/** sin 2πu in the first half of the channels, cos 2πu in the second. */
function fourierInput([height, width, channels]: number[], seed: number): Float32Array {
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
