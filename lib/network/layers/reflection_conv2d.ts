// A convolution with reflection padding, as in the paper and DIP, with optional stride and Lipschitz control.
import { checkOdd } from "../../check.ts";
import { tf } from "../../engine/mod.ts";
import {
  controlledKernel,
  type ControlledNorm,
  type ConvolutionKernel,
  type HasConvolutionKernel,
} from "./convolution_kernel.ts";

/** Options of a {@linkcode ReflectionConv2d}. */
export interface ReflectionConv2dArgs {
  /** Output channels. */
  filters: number;
  /** Side of the kernel; odd. */
  kernelSize: number;
  /** @default {1} */
  stride?: number;
  /** @default {true} */
  useBias?: boolean;
  /**
   * Whether the following norm subtracts each channel's mean. It then subtracts the bias too, and the bias has no
   * gradient: it stays among the weights, as in published networks, but is not added.
   * @default {false}
   */
  meanRemoved?: boolean;
  /** Bound on the norm; 0 for none. @default {0} */
  lipschitz?: number;
  /** The norm that is bounded. @default {"kernel"} */
  lipschitzNorm?: ControlledNorm;
  /** Kernels are uniform in ±initGain/√(in·k²): √6 in the paper's code, 1 in PyTorch, 0 for zeros. @default {1} */
  initGain?: number;
  /** Seed of the initial weights. @default {0} */
  seed?: number;
  name?: string;
}

/**
 * `[1, H, W, in]` to `[1, ⌈H/stride⌉, ⌈W/stride⌉, filters]`; values at the border are mirrored about the edge pixel.
 */
export class ReflectionConv2d extends tf.layers.Layer implements HasConvolutionKernel {
  static className = "ReflectionConv2d";
  readonly #args: Required<Omit<ReflectionConv2dArgs, "name">>;
  #kernel!: tf.LayerVariable;
  #bias: tf.LayerVariable | undefined;

  constructor({ name, ...args }: ReflectionConv2dArgs) {
    super(name === undefined ? {} : { name });
    this.#args = {
      stride: 1,
      useBias: true,
      meanRemoved: false,
      lipschitz: 0,
      lipschitzNorm: "kernel",
      initGain: 1,
      seed: 0,
      ...args,
    };
    checkOdd("kernelSize", this.#args.kernelSize, 1);
  }

  override build(inputShape: tf.Shape): void {
    const { filters, kernelSize, useBias, initGain, seed } = this.#args;
    const channels = inputShape[3]!, bound = 1 / Math.sqrt(channels * kernelSize ** 2);
    // tfjs treats a limit of 0 as missing.
    const uniform = (limit: number, seed: number) =>
      limit === 0
        ? tf.initializers.zeros()
        : tf.initializers.randomUniform({ minval: -limit, maxval: limit, seed });
    this.#kernel = this.addWeight(
      "kernel",
      [kernelSize, kernelSize, channels, filters],
      "float32",
      uniform(initGain * bound, seed),
    );
    if (useBias) {
      this.#bias = this.addWeight("bias", [filters], "float32", uniform(bound, seed + 1));
    }
    super.build(inputShape);
  }

  get convolution(): ConvolutionKernel {
    const { stride, lipschitz, lipschitzNorm } = this.#args;
    const kernel = this.#kernel.read() as tf.Tensor4D;
    return { kernel, transposed: false, stride, lipschitz, lipschitzNorm };
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const { kernelSize, stride, meanRemoved } = this.#args;
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const pad = (kernelSize - 1) / 2;
      const padded = pad ? tf.mirrorPad(x, [[0, 0], [pad, pad], [pad, pad], [0, 0]], "reflect") : x;
      const y = tf.conv2d(padded, controlledKernel(this.convolution), stride, "valid");
      return this.#bias && !meanRemoved ? y.add(this.#bias.read()) : y;
    });
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    const { filters, stride } = this.#args;
    const [batch, height, width] = inputShape;
    const side = (n: number | null | undefined) => n == null ? null : Math.ceil(n / stride);
    return [batch!, side(height), side(width), filters];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.#args };
  }
}

tf.serialization.registerClass(ReflectionConv2d);
