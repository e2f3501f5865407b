// Doubling by zero insertion and a windowed sinc: nearly all below the small picture's band limit, nearly nothing above.
import { tf } from "../../engine/mod.ts";

/**
 * The filter of low-pass upsampling along one axis: sinc(n / 2), whose cutoff is a quarter of the new
 * sampling rate, by a Kaiser window (Oppenheim and Schafer, Discrete-Time Signal Processing, section
 * 7.5.3). The taps of each of the two phases sum to 1, so that flat areas keep their value; at even
 * distances only the middle one is not 0, so that the pixels there are the small picture's.
 *
 * @param taps Their number, odd, at least 3; of 4k + 1 taps the outermost two are 0.
 * @param beta The window's β, at least 0: larger suppresses more above the cutoff, with a wider transition.
 * @returns The taps.
 * @throws {RangeError} If `taps` or `beta` is out of range.
 *
 * @example Three taps interpolate linearly
 * ```ts
 * import { lowPassKernel } from "./low_pass.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(lowPassKernel(3, 0), [0.5, 1, 0.5]);
 * ```
 */
export function lowPassKernel(taps: number, beta: number): number[] {
  if (!(Number.isInteger(taps) && taps % 2 === 1 && taps >= 3)) {
    throw new RangeError(`\`taps\` must be odd and at least 3, not ${taps}`);
  }
  // Above 700 the window's values leave float64.
  if (!(beta >= 0 && beta <= 700)) {
    throw new RangeError(`\`beta\` must be in [0, 700], not ${beta}`);
  }
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
 * Doubles a picture's sides by {@linkcode lowPassKernel}: pixel 2i of the result lies on pixel i. At its
 * borders the picture is mirrored about the edge pixel, as often as the filter needs.
 *
 * @param x `[1, H, W, C]`, sides of at least 2.
 * @param kernel The taps along one axis.
 * @returns `[1, 2H, 2W, C]`.
 */
export function lowPassUpsampling(x: tf.Tensor4D, kernel: readonly number[]): tf.Tensor4D {
  // Every channel by itself, as a batch of pictures of one channel.
  const planes = x.transpose<tf.Tensor4D>([3, 1, 2, 0]);
  return doubled(doubled(planes, 2, kernel), 1, kernel).transpose([3, 1, 2, 0]);
}

/** Along one axis y[p] = Σ x[i] k[p - 2i], k counted from its middle. */
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

/** A reflection adds at most a side less one pixel; a small picture is reflected again and again. */
function mirrored(x: tf.Tensor4D, axis: 1 | 2, before: number, after: number): tf.Tensor4D {
  if (before === 0 && after === 0) return x;
  const most = x.shape[axis] - 1;
  if (most === 0) throw new RangeError(`\`x\` ${x.shape} has a side of 1, which has no reflection`);
  const now = [before, after].map((n) => Math.min(n, most)) as [number, number];
  const paddings = [0, 1, 2, 3].map((i): [number, number] => i === axis ? now : [0, 0]);
  const wider = tf.mirrorPad(x, paddings, "reflect");
  return mirrored(wider, axis, before - now[0], after - now[1]);
}
