// Upsampling by 2: nearest, bilinear, Gaussian-controlled, low-pass, or a learned transposed convolution.
import { check, checkOdd, checkRange } from "../../check.ts";
import { tf } from "../../engine/mod.ts";
import {
  controlledKernel,
  type ConvolutionKernel,
  type HasConvolutionKernel,
  type KernelControl,
} from "./convolution_kernel.ts";

/** A method of upsampling by 2. */
export type Upsampling =
  | { kind: "nearest" }
  | { kind: "bilinear" }
  /** Zero insertion and a Gaussian of `sigma` (Shi et al. 2022, section 4.3). */
  | { kind: "gaussian"; sigma: number; kernelSum: "paper" | "unit" }
  /** Zero insertion and a windowed sinc, see {@linkcode lowPassKernel}. */
  | { kind: "low-pass"; taps: number; beta: number }
  /** A learned 4x4 kernel with stride 2. */
  | { kind: "deconv" };

/** Options of an {@linkcode Upsampling2x}. */
export interface Upsampling2xArgs extends Partial<KernelControl> {
  upsampling: Upsampling;
  /** Seed of the initial weights, if there are any. @default {0} */
  seed?: number;
  name?: string;
}

/**
 * The kernel of Gaussian-controlled upsampling, 5x5, row-major.
 *
 * The paper's code measures distances in half pixels, so σ is in pixels of the small picture. `paper` has sum 1, as
 * in that code: each upsampling reduces the brightness by a factor of 4. `unit` has sum 1 for each of the four phases
 * of the output: flat areas keep their value.
 *
 * @param sigma Standard deviation, in pixels of the small picture; above 0.
 * @param kernelSum The sum of the kernel.
 * @returns 25 weights.
 * @throws {RangeError} If `sigma` is not above 0.
 */
export function gaussianKernel(sigma: number, kernelSum: "paper" | "unit"): number[] {
  check(sigma > 0, "sigma", sigma, "above 0");
  const taps = [-2, -1, 0, 1, 2].map((i) => Math.exp(-((i / (2 * sigma)) ** 2) / 2));
  const even = taps[0]! + taps[2]! + taps[4]!, odd = taps[1]! + taps[3]!;
  const scaled = taps.map((tap, i) => {
    if (kernelSum === "paper") return tap / (even + odd);
    // As σ goes to 0 the taps at odd places vanish: in the limit each is 1/2, the mean of the two neighbours.
    if (i % 2 === 0) return tap / even;
    return odd > 0 ? tap / odd : 0.5;
  });
  return scaled.flatMap((a) => scaled.map((b) => a * b));
}

/** `[1, H, W, C]` to `[1, 2H, 2W, C]`. Only the kernel of `deconv` can be controlled. */
export class Upsampling2x extends tf.layers.Layer implements HasConvolutionKernel {
  static className = "Upsampling2x";
  readonly #upsampling: Upsampling;
  readonly #seed: number;
  readonly #control: KernelControl;
  #kernel: tf.LayerVariable | undefined;
  #bias: tf.LayerVariable | undefined;

  constructor(
    { upsampling, seed = 0, lipschitz = 0, lipschitzNorm = "kernel", name }: Upsampling2xArgs,
  ) {
    super(name === undefined ? {} : { name });
    // Check the options now, so that an error is not delayed to the first run.
    if (upsampling.kind === "gaussian") gaussianKernel(upsampling.sigma, upsampling.kernelSum);
    if (upsampling.kind === "low-pass") lowPassKernel(upsampling.taps, upsampling.beta);
    this.#upsampling = upsampling;
    this.#seed = seed;
    this.#control = { lipschitz, lipschitzNorm };
  }

  override build(inputShape: tf.Shape): void {
    if (this.#upsampling.kind === "deconv") {
      const channels = inputShape[3]!, bound = 1 / Math.sqrt(channels * 16);
      const uniform = (seed: number) =>
        tf.initializers.randomUniform({ minval: -bound, maxval: bound, seed });
      const kernel = [4, 4, channels, channels];
      this.#kernel = this.addWeight("kernel", kernel, "float32", uniform(this.#seed));
      this.#bias = this.addWeight("bias", [channels], "float32", uniform(this.#seed + 1));
    }
    super.build(inputShape);
  }

  get convolution(): ConvolutionKernel | undefined {
    if (!this.#kernel) return undefined;
    const kernel = this.#kernel.read() as tf.Tensor4D;
    return { kernel, transposed: true, stride: 2, ...this.#control };
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor4D;
      const [batch, height, width, channels] = x.shape;
      const upsampling = this.#upsampling;
      switch (upsampling.kind) {
        case "nearest":
          return tf.image.resizeNearestNeighbor(x, [2 * height, 2 * width]);
        case "bilinear":
          return tf.image.resizeBilinear(x, [2 * height, 2 * width], false, true);
        case "gaussian":
          return gaussianUpsampling(x, gaussianKernel(upsampling.sigma, upsampling.kernelSum));
        case "low-pass":
          return lowPassUpsampling(x, lowPassKernel(upsampling.taps, upsampling.beta));
        case "deconv":
          return tf.conv2dTranspose(
            x,
            controlledKernel(this.convolution!),
            [batch, 2 * height, 2 * width, channels],
            2,
            "same",
          ).add(this.#bias!.read());
      }
    });
  }

  override computeOutputShape([batch, height, width, channels]: tf.Shape): tf.Shape {
    const doubled = (n: number | null | undefined) => n == null ? null : 2 * n;
    return [batch!, doubled(height), doubled(width), channels!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    const upsampling = { ...this.#upsampling };
    return { ...super.getConfig(), upsampling, seed: this.#seed, ...this.#control };
  }
}

/** Channels are treated as a batch of one-channel pictures: y[p] = Σ x[i] k[p + 2 - 2i] along each axis. */
function gaussianUpsampling(x: tf.Tensor4D, kernel: number[]): tf.Tensor4D {
  const [, height, width, channels] = x.shape;
  const planes = x.transpose<tf.Tensor4D>([3, 1, 2, 0]);
  const doubled = tf.conv2dTranspose(
    planes,
    tf.tensor4d(kernel, [5, 5, 1, 1]),
    [channels, 2 * height, 2 * width, 1],
    2,
    [[0, 0], [2, 1], [2, 1], [0, 0]],
  );
  return doubled.transpose([3, 1, 2, 0]);
}

tf.serialization.registerClass(Upsampling2x);

/**
 * The filter of low-pass upsampling along one axis: sinc(n / 2), whose cutoff is a quarter of the new sampling rate,
 * times a Kaiser window (Oppenheim and Schafer, Discrete-Time Signal Processing, section 7.5.3). The taps of each of
 * the two phases have sum 1, so that flat areas keep their value. At even distances only the middle tap is not 0, so
 * that the pixels there are those of the small picture.
 *
 * @param taps The number of taps, odd, at least 3; of 4k + 1 taps the outermost two are 0.
 * @param beta The window's β, at least 0; a larger one suppresses more above the cutoff, with a wider transition.
 * @returns The taps.
 * @throws {RangeError} If `taps` or `beta` is out of range.
 *
 * @example Three taps interpolate linearly
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(lowPassKernel(3, 0), [0.5, 1, 0.5]);
 * ```
 */
export function lowPassKernel(taps: number, beta: number): number[] {
  checkOdd("taps", taps, 3);
  // Above 700 the window's values overflow float64.
  checkRange("beta", beta, 0, 700);
  const half = (taps - 1) / 2;
  const at = Array.from({ length: taps }, (_, i) => i - half);
  const windowed = at.map((n) => {
    if (n % 2 === 0) return n === 0 ? 1 : 0;
    const sinc = Math.sin(Math.PI * n / 2) / (Math.PI * n / 2);
    return sinc * besselI0(beta * Math.sqrt(1 - (n / half) ** 2)) / besselI0(beta);
  });
  const odd = windowed.reduce((sum, tap, i) => at[i]! % 2 === 0 ? sum : sum + tap, 0);
  return windowed.map((tap, i) => at[i]! % 2 === 0 ? tap : tap / odd);
}

/** The modified Bessel function I₀(x) = Σ ((x/2)ᵏ / k!)². */
function besselI0(x: number): number {
  let sum = 1;
  for (let k = 1, term = 1; term > 1e-17 * sum; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

/**
 * Upsamples by 2 with {@linkcode lowPassKernel}: pixel 2i of the result lies on pixel i. At its borders the picture
 * is mirrored about the edge pixel, as often as the filter needs.
 *
 * @param x `[1, H, W, C]`, sides of at least 2.
 * @param kernel The taps along one axis.
 * @returns `[1, 2H, 2W, C]`.
 */
function lowPassUpsampling(x: tf.Tensor4D, kernel: readonly number[]): tf.Tensor4D {
  // Channels are treated as a batch of one-channel pictures.
  const planes = x.transpose<tf.Tensor4D>([3, 1, 2, 0]);
  return doubled(doubled(planes, 2, kernel), 1, kernel).transpose([3, 1, 2, 0]);
}

/** Computes y[p] = Σ x[i] k[p - 2i] along one axis; k is indexed from its middle. */
function doubled(x: tf.Tensor4D, axis: 1 | 2, kernel: readonly number[]): tf.Tensor4D {
  const taps = kernel.length, half = (taps - 1) / 2;
  const before = Math.floor(half / 2), after = Math.ceil(half / 2);
  const padded = mirrored(x, axis, before, after);
  const along = <T>(value: T, other: T): [T, T] => axis === 1 ? [value, other] : [other, value];
  const shape = [...x.shape] as [number, number, number, number];
  shape[axis] *= 2;
  const cut: [number, number] = [2 * before + half, 2 * after + half - 1];
  return tf.conv2dTranspose(
    padded,
    tf.tensor4d([...kernel], [...along(taps, 1), 1, 1]),
    shape,
    along(2, 1),
    [[0, 0], ...along<[number, number]>(cut, [0, 0]), [0, 0]],
  );
}

/**
 * Mirrors a picture. One reflection adds at most a side less one pixel, so a small picture is reflected repeatedly.
 */
function mirrored(x: tf.Tensor4D, axis: 1 | 2, before: number, after: number): tf.Tensor4D {
  if (before === 0 && after === 0) return x;
  const most = x.shape[axis] - 1;
  if (most === 0) throw new RangeError(`\`x\` ${x.shape} has a side of 1, which has no reflection`);
  const now = [before, after].map((n) => Math.min(n, most)) as [number, number];
  const paddings = [0, 1, 2, 3].map((i): [number, number] => i === axis ? now : [0, 0]);
  const wider = tf.mirrorPad(x, paddings, "reflect");
  return mirrored(wider, axis, before - now[0], after - now[1]);
}
