// The positional-encoding image prior (Shabtay, Schwartz & Giryes 2022): the input is a pixel's position, all
// convolutions are 1x1.
import { checkWholeNumber } from "../check.ts";
import { derive } from "../random/mod.ts";
import { skipNetwork } from "./_skip_network.ts";
import { type Architecture, channelsPerScale, checkSize } from "./architecture.ts";
import { lipschitzPlan } from "./lipschitz.ts";
import { bilinearUpsampling, upsamplingPerStage, type UpsamplingPlan } from "./upsampling.ts";

/** Options of {@linkcode pip}. */
export interface PipOptions {
  /** Channels of every scale, or of each from fine to coarse. @default {128} */
  channels?: number | readonly number[];
  /** Channels of every skip connection; 0 for none. @default {4} */
  skipChannels?: number;
  /** @default {5} */
  scales?: number;
  /** Frequencies of the positional encoding, each with sine and cosine in both directions. @default {8} */
  frequencies?: number;
  /** @default {bilinearUpsampling()} */
  upsampling?: UpsamplingPlan;
}

/** The highest angular frequency of the encoding, in radians over the picture (`denoising.py` of its code: 2^8). */
const HIGHEST = 256;

/**
 * The positional-encoding image prior: the deep image prior's encoder-decoder with 1x1 kernels, so that only
 * upsampling combines neighbouring pixels, and an input that encodes the position: cos and sin of x and y times eight
 * frequencies, from one radian over the picture to 256 in equal ratios. The input is `[1, H, W, 4 · frequencies]`;
 * the network has a seventh of dip's parameters.
 *
 * @param options Channels, scales, frequencies, upsampling.
 * @returns The architecture.
 * @throws {RangeError} If an option is out of range.
 *
 * @example
 * ```ts
 * import { pip } from "./pip.ts";
 * import assert from "node:assert/strict";
 * const { model, input } = pip().build({ height: 64, width: 64, channels: 3 }, 1);
 * assert.equal(model.countParams(), 329_575);
 * assert.deepEqual(input.shape, [1, 64, 64, 32]);
 * model.dispose();
 * ```
 */
export function pip(options: PipOptions = {}): Architecture {
  const {
    channels = 128,
    skipChannels = 4,
    scales = 5,
    frequencies = 8,
    upsampling = bilinearUpsampling(),
  } = options;
  const widths = channelsPerScale(channels, scales);
  const stages = upsamplingPerStage(upsampling, scales);
  checkWholeNumber("frequencies", frequencies, 2);
  return {
    name: "pip",
    settings: { channels, skipChannels, scales, frequencies, upsampling },
    multiple: 2 ** scales,
    minimum: 2 ** (scales + 1),
    learningRate: 0.01,
    inputNoise: 0,
    build(size, seed) {
      checkSize(size, this);
      const model = skipNetwork(
        {
          name: "pip",
          kernelSize: 1,
          widths,
          skipChannels,
          stages,
          lipschitz: lipschitzPlan(0),
          norm: "batch",
          slope: 0.2,
        },
        size,
        4 * frequencies,
        derive(seed, "network"),
      );
      const shape = [1, size.height, size.width, 4 * frequencies];
      return { model, input: { shape, values: positions(size, frequencies) } };
    },
  };
}

/**
 * The encoding of every pixel, `[height, width, 4 · count]`: for x and then y, in [0, 1] over the picture, the
 * cosines of all frequencies and then their sines.
 */
function positions(
  { height, width }: { height: number; width: number },
  count: number,
): Float32Array {
  const omega = Array.from({ length: count }, (_, k) => HIGHEST ** (k / (count - 1)));
  const values = new Float32Array(height * width * 4 * count);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const place of [x / Math.max(1, width - 1), y / Math.max(1, height - 1)]) {
        for (const wave of [Math.cos, Math.sin]) {
          for (const frequency of omega) values[i++] = wave(frequency * place);
        }
      }
    }
  }
  return values;
}
