// SIREN (Sitzmann, Martel, Bergman, Lindell & Wetzstein 2020): the input is a pixel's position, the activations are
// sines.
import { checkPositive, checkWholeNumber } from "../check.ts";
import { tf } from "../engine/mod.ts";
import { derive } from "../random/mod.ts";
import { type Architecture, checkSize } from "./architecture.ts";
import { convolved, toPicture } from "./blocks.ts";

/** Options of {@linkcode siren}. */
export interface SirenOptions {
  /** Channels of every hidden layer. @default {256} */
  channels?: number;
  /** Hidden layers after the first. @default {3} */
  layers?: number;
  /** The frequency ω₀ of the sines. @default {30} */
  omega?: number;
}

/**
 * SIREN: x and y in [-1, 1] through layers `sin(ω₀ (W x + b))`, and a last linear one, as 1x1 convolutions, so that
 * pixels are independent. The first layer's weights are uniform in ±1/2, the others' in ±√(6 / in) / ω₀ (section
 * 3.2), so that the inputs of all sines have the same distribution. With a larger ω₀ fine detail, and noise, are
 * learned sooner.
 *
 * The original's last layer is linear; here a sigmoid restricts the picture to [0, 1], as in the other networks.
 *
 * @param options Channels, layers, ω₀.
 * @returns The architecture.
 * @throws {RangeError} If an option is out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * const { model } = siren({ channels: 8, layers: 1 }).build({ height: 6, width: 9, channels: 3 }, 1);
 * assert.equal(model.countParams(), (2 + 1) * 8 + (8 + 1) * 8 + (8 + 1) * 3);
 * model.dispose();
 * ```
 */
export function siren(options: SirenOptions = {}): Architecture {
  const { channels = 256, layers = 3, omega = 30 } = options;
  checkWholeNumber("channels", channels, 1);
  checkWholeNumber("layers", layers, 0);
  checkPositive("omega", omega);
  return {
    name: "siren",
    settings: { channels, layers, omega },
    multiple: 1,
    minimum: 2,
    learningRate: 1e-4,
    inputNoise: 0,
    build(size, seed) {
      checkSize(size, this);
      const { height, width } = size, seeds = derive(seed, "network");
      const z = tf.input({ shape: [height, width, 2], name: "z" });
      let x = z;
      for (let i = 0; i <= layers; i++) {
        // ReflectionConv2d draws from ±initGain/√in: ±1/in in the first layer, ±√(6/in)/ω₀ in the others.
        const initGain = i === 0 ? 1 / Math.SQRT2 : Math.sqrt(6) / omega;
        x = convolved(x, `layer${i}_conv`, seeds, {
          filters: channels,
          kernelSize: 1,
          initGain,
        });
        x = new Sine({ omega, name: `layer${i}_act` }).apply(x) as tf.SymbolicTensor;
      }
      const picture = toPicture(x, size.channels, seeds, { initGain: Math.sqrt(6) / omega });
      const shape = [1, height, width, 2];
      const model = tf.model({ inputs: z, outputs: picture, name: "siren" });
      return { model, input: { shape, values: coordinates(height, width) } };
    },
  };
}

/** x and y of every pixel, from -1 to 1. */
function coordinates(height: number, width: number): Float32Array {
  const values = new Float32Array(height * width * 2);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      values[i++] = 2 * x / (width - 1) - 1;
      values[i++] = 2 * y / (height - 1) - 1;
    }
  }
  return values;
}

/** Options of a {@linkcode Sine}. */
export interface SineArgs {
  /** ω₀ (Sitzmann et al. 2020). @default {30} */
  omega?: number;
  name?: string;
}

/** `sin(ω₀ x)`, element by element (Sitzmann et al. 2020, equation 5). */
export class Sine extends tf.layers.Layer {
  static className = "Sine";
  readonly #omega: number;

  constructor({ omega = 30, name }: SineArgs = {}) {
    super(name === undefined ? {} : { name });
    this.#omega = omega;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      return x.mul(this.#omega).sin();
    });
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), omega: this.#omega };
  }
}

tf.serialization.registerClass(Sine);
