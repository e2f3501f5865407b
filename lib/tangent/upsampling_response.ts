// The impulse response and the transfer function of upsampling.
import { tf } from "../engine/mod.ts";
import { type Upsampling, Upsampling2x } from "../network/mod.ts";

/** The result of {@linkcode upsamplingResponse}. */
export interface UpsamplingResponse {
  /** The kernel along one axis; with sum 2, a constant picture keeps its value. */
  readonly kernel: readonly number[];
  /** Frequencies in cycles per pixel of the upsampled picture, from 0 to 1/2. */
  readonly frequency: readonly number[];
  /**
   * The transfer function, 1 for full transmission. The small picture's own frequencies end at 1/4; beyond is their
   * spectral image.
   */
  readonly response: readonly number[];
}

/** The side of the small picture, and the number of frequencies. */
const SIDE = 17, FREQUENCIES = 101;

/** Kernel values below this are rounding errors. */
const NOTHING = 1e-7;

/**
 * Measures upsampling by an impulse: the layer of the networks upsamples one white pixel in the middle of a black
 * picture, and its output is the kernel. Its Fourier transform is the transfer function.
 *
 * @param upsampling The upsampling; not `deconv`, whose kernels are learned and mix channels.
 * @returns The kernel along one axis, and its response.
 * @throws {RangeError} If the kernel is learned.
 *
 * @example Bilinear upsampling passes cos³ πf
 * ```ts
 * import { bilinearUpsampling, type Upsampling } from "../network/mod.ts";
 * import assert from "node:assert/strict";
 *
 * const { kernel, frequency, response } = upsamplingResponse(bilinearUpsampling() as Upsampling);
 * assert.deepEqual(kernel, [0.25, 0.75, 0.75, 0.25]);
 * frequency.forEach((f, i) =>
 *   assert.ok(Math.abs(response[i]! - Math.cos(Math.PI * f) ** 3) < 1e-6)
 * );
 * ```
 */
export function upsamplingResponse(upsampling: Upsampling): UpsamplingResponse {
  if (upsampling.kind === "deconv") {
    throw new RangeError("`upsampling` must have a kernel of its own: deconv learns its");
  }
  const middle = (SIDE - 1) / 2, side = 2 * SIDE;
  const plane = tf.tidy(() => {
    const impulse = tf.oneHot(tf.scalar(middle * SIDE + middle, "int32"), SIDE * SIDE)
      .toFloat().reshape([1, SIDE, SIDE, 1]);
    return Float32Array.from(
      (new Upsampling2x({ upsampling }).apply(impulse) as tf.Tensor).dataSync(),
    );
  });
  // A separable kernel is the product of one along each axis: its row sums are one times the sum of the other.
  const sums = Array.from({ length: side }, (_, x) => {
    let sum = 0;
    for (let y = 0; y < side; y++) sum += plane[y * side + x]!;
    return sum;
  });
  const whole = Math.sqrt(sums.reduce((a, b) => a + b, 0));
  const all = sums.map((sum) => sum / whole);
  const isThere = (tap: number) => Math.abs(tap) > NOTHING;
  const first = all.findIndex(isThere), last = all.findLastIndex(isThere);
  const kernel = all.slice(first, last + 1);
  const frequency = Array.from({ length: FREQUENCIES }, (_, i) => i / (2 * (FREQUENCIES - 1)));
  const response = frequency.map((f) => {
    const [real, imaginary] = [Math.cos, Math.sin].map((wave) =>
      kernel.reduce((sum, tap, n) => sum + tap * wave(2 * Math.PI * f * n), 0)
    );
    return Math.hypot(real!, imaginary!) / 2;
  });
  return { kernel, frequency, response };
}
