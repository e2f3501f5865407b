// The activation of SIREN.
import { tf } from "../../engine/mod.ts";

/** Options of a {@linkcode Sine}. */
export interface SineArgs {
  /** ω₀ (Sitzmann et al. 2020). @default {30} */
  omega?: number;
  name?: string;
}

/** `sin(ω₀ x)`, number by number (Sitzmann et al. 2020, equation 5). */
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
