// What a way of upsampling does to an impulse, and to waves.
import { tf } from "../engine/mod.ts";
import { type Upsampling, Upsampling2x } from "../network/mod.ts";

/** What {@linkcode upsamplingResponse} measures. */
export interface UpsamplingResponse {
  /** The kernel along one axis, as long as it is; a constant picture keeps its value where it sums to 2. */
  readonly kernel: readonly number[];
  /** Frequencies in cycles per pixel of the doubled picture, from 0 to 1/2. */
  readonly frequency: readonly number[];
  /** The part that passes at each: 1 is all. The small picture's own waves end at 1/4; beyond is their copy. */
  readonly response: readonly number[];
}

/** Pixels of the small picture's side, and how many frequencies there are. */
const SIDE = 17, FREQUENCIES = 101;

/** Numbers of a kernel that are nothing but rounding. */
const NOTHING = 1e-7;

/**
 * Measures a way of upsampling by an impulse: one white pixel in the middle of a black picture is doubled by the
 * layer that networks have, and what comes out is the kernel that runs. Its Fourier transform is the transfer
 * function.
 *
 * @param upsampling The way; not `deconv`, whose kernels are learned and mix channels.
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
  // A kernel of two directions is the product of one of each: its row sums are the one times the other's sum.
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
