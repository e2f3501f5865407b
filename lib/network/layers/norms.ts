// The norms of the paper's decoder and of DIP, each over the single picture in the batch.
import { tf } from "../../engine/mod.ts";

const first = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor =>
  Array.isArray(inputs) ? inputs[0]! : inputs;

/**
 * Mean-only batch norm: y = x - mean(x) + β in each channel. It is the Lipschitz batch normalisation of the paper's
 * code (`MeanOnlyBatchNorm`): without a scale its Lipschitz constant is at most 1.
 */
export class MeanOnlyNorm extends tf.layers.Layer {
  static className = "MeanOnlyNorm";
  #beta!: tf.LayerVariable;

  override build(inputShape: tf.Shape): void {
    this.#beta = this.addWeight("beta", [inputShape[3]!], "float32", tf.initializers.zeros());
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const normalise = tf.customGrad((x, beta) => ({
        value: (x as tf.Tensor).sub((x as tf.Tensor).mean([0, 1, 2]).sub(beta as tf.Tensor)),
        gradFunc: (dy) => {
          const mean = dy.mean([0, 1, 2]), pixels = dy.size / mean.size;
          return [dy.sub(mean), mean.mul(pixels)];
        },
      }));
      return normalise(first(inputs), this.#beta.read());
    });
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }
}

/** Options of a {@linkcode TrainingBatchNorm}. */
export interface TrainingBatchNormArgs {
  /** Added to the variance. @default {1e-5} */
  epsilon?: number;
  /** Bound λ on |γ| / √(var + ε), the norm's slope; 0 for none. @default {0} */
  lipschitz?: number;
  name?: string;
}

/**
 * Batch norm by the statistics of the batch itself, in training and afterwards: y = γ (x - mean) / √(var + ε) + β.
 * This is PyTorch's BatchNorm2d in training mode, in which deep image priors always are.
 *
 * With `lipschitz` the scale s = γ / √(var + ε) becomes s / max(1, |s| / λ). The divisor is constant in the gradient,
 * as for a controlled kernel.
 */
export class TrainingBatchNorm extends tf.layers.Layer {
  static className = "TrainingBatchNorm";
  readonly #epsilon: number;
  readonly #lipschitz: number;
  #gamma!: tf.LayerVariable;
  #beta!: tf.LayerVariable;

  constructor({ epsilon = 1e-5, lipschitz = 0, name }: TrainingBatchNormArgs = {}) {
    super(name === undefined ? {} : { name });
    this.#epsilon = epsilon;
    this.#lipschitz = lipschitz;
  }

  override build(inputShape: tf.Shape): void {
    const channels = [inputShape[3]!];
    this.#gamma = this.addWeight("gamma", channels, "float32", tf.initializers.ones());
    this.#beta = this.addWeight("beta", channels, "float32", tf.initializers.zeros());
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() =>
      batchNorm(first(inputs), this.#gamma.read(), this.#beta.read(), {
        epsilon: this.#epsilon,
        lipschitz: this.#lipschitz,
      })
    );
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), epsilon: this.#epsilon, lipschitz: this.#lipschitz };
  }
}

/**
 * Batch norm in few passes over the picture; everything else has one number for each channel. The variance is that of
 * the centred values. mean(x²) - mean² would save a pass, but its cancellation moves activations across the kink of
 * LeakyReLU, so that two runs diverge ten times sooner (measured on the golden run of DIP).
 */
function batchNorm(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  { epsilon, lipschitz }: Required<Omit<TrainingBatchNormArgs, "name">>,
): tf.Tensor {
  return tf.customGrad((...args) => {
    const [x, gamma, beta, save] = args as unknown as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.GradSaveFunc,
    ];
    const mean = x.mean([0, 1, 2]);
    const centred = x.sub(mean);
    const inverse = centred.square().mean([0, 1, 2]).add(epsilon).rsqrt();
    const unbounded = gamma.mul(inverse);
    const divisor = lipschitz > 0 ? unbounded.abs().div(lipschitz).maximum(1) : undefined;
    const scale = divisor ? unbounded.div(divisor) : unbounded;
    save(divisor ? [centred, inverse, scale, divisor] : [centred, inverse, scale]);
    return {
      value: centred.mul(scale).add(beta),
      gradFunc: (dy, saved) => {
        const [centred, inverse, scale, divisor] = saved as [
          tf.Tensor,
          tf.Tensor,
          tf.Tensor,
          tf.Tensor | undefined,
        ];
        const pixels = centred.size / inverse.size;
        const dyMean = dy.mean([0, 1, 2]);
        // mean(dy · x̂), of the normalised x̂ = (x - mean) · inverse
        const projection = dy.mul(centred).mean([0, 1, 2]).mul(inverse);
        const slope = scale.mul(inverse).mul(projection).neg();
        return [
          dy.mul(scale).add(centred.mul(slope).sub(scale.mul(dyMean))),
          divisor ? projection.mul(pixels).div(divisor) : projection.mul(pixels),
          dyMean.mul(pixels),
        ];
      },
    };
  })(x, gamma, beta);
}

tf.serialization.registerClass(MeanOnlyNorm);
tf.serialization.registerClass(TrainingBatchNorm);
