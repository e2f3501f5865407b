// The norm of a convolution as an operator on pictures, in the graph.
import { tf } from "../../engine/mod.ts";

/** Frequencies along an axis with more than one tap. */
const GRID = 8;

/**
 * With the power 2^12 of a Gram matrix, 127 singular values just below the largest change the result by less than
 * 4e-4 of it.
 */
const SQUARINGS = 12;

/** Complex matrices, `[frequencies, rows, columns]`. */
interface ComplexMatrices {
  readonly re: tf.Tensor;
  readonly im: tf.Tensor;
}

/**
 * The norm of a convolution on periodically continued pictures: the largest singular value of its
 * transfer matrices K(ω) = Σ k[u, v] exp(-i (ω₁ u + ω₂ v)), `[out, in]` (Sedghi, Gupta, Long 2019).
 *
 * The maximum is over an 8 x 8 grid of frequencies; because K(-ω) is the conjugate of K(ω), 34 of them are enough.
 * Between the grid's points the norm is at most 1 / cos²(π (k - 1) / 16) times the result for a k x k kernel, 1.17
 * for 3x3: u* K(ω) v is a trigonometric polynomial of degree (k - 1) / 2 along each axis, for which Ehlich and
 * Zeller's bound holds. For a periodic picture of 8 x 8 pixels the result is exact. A picture with mirrored borders
 * is not periodic, which may increase the norm.
 *
 * With a stride s the s² phases of the picture become channels. This gives a convolution without stride of the same
 * norm.
 *
 * It takes 6 times as long as {@linkcode spectralNorm} at 16 channels, 13 times at 64 and 17 times at 128. A
 * decoder's step at 256 x 256 pixels becomes twice as long at 16 channels, a third longer at 64.
 *
 * @param kernel `[kh, kw, in, out]`; a transposed convolution by the same kernel has the same norm.
 * @param stride The stride.
 * @returns A scalar: the largest singular value, to about 4e-4 if others are very close to it, else to float32's
 * precision.
 *
 * @example The mean of 3x3 pixels as an operator has norm 1, as a matrix 1/3
 * ```ts
 * import { operatorNorm } from "./operator_norm.ts";
 * import { tf } from "../../engine/mod.ts";
 * import assert from "node:assert/strict";
 * const norm = operatorNorm(tf.fill([3, 3, 1, 1], 1 / 9)).dataSync()[0]!;
 * assert.ok(Math.abs(norm - 1) < 1e-5);
 * ```
 */
export function operatorNorm(kernel: tf.Tensor4D, stride = 1): tf.Scalar {
  return tf.tidy(() => {
    const { re, im } = transferMatrices(kernel, stride);
    const both = tf.concat([re, im], 1), cross = tf.matMul(re, im, true);
    const gram = {
      re: tf.matMul(both, both, true),
      im: cross.sub(transposed(cross)),
    };
    let power = normalised(gram);
    for (let i = 1; i < SQUARINGS; i++) power = normalised(squared(power));
    // trace(A² G) / trace(A²) at each frequency.
    const eigenvalues = product(squared(power), gram).div(product(power, power).maximum(1e-30));
    return eigenvalues.max().maximum(0).sqrt() as tf.Scalar;
  });
}

/**
 * The transfer matrices of a convolution at the grid's frequencies, or their transposes, whichever have fewer
 * columns.
 *
 * @param kernel `[kh, kw, in, out]`.
 * @param stride The stride.
 * @returns Real and imaginary parts.
 */
export function transferMatrices(kernel: tf.Tensor4D, stride: number): ComplexMatrices {
  const plain = withoutStride(kernel, stride);
  const [rows, columns, inputs, outputs] = plain.shape;
  const taps = plain.reshape([rows * columns, inputs * outputs]);
  const phases = frequencies(rows, columns).map(([a, b]) =>
    Array.from(
      { length: rows * columns },
      (_, i) => a * Math.floor(i / columns) + b * (i % columns),
    )
  );
  const part = (wave: (phase: number) => number) => {
    const matrices = tf.matMul(tf.tensor2d(phases.map((p) => p.map(wave))), taps)
      .reshape([phases.length, inputs, outputs]);
    return outputs > inputs ? transposed(matrices) : matrices;
  };
  return { re: part(Math.cos), im: part((phase) => -Math.sin(phase)) };
}

/** The kernel on a picture whose phases are channels, `[⌈kh / s⌉, ⌈kw / s⌉, s² in, out]`. */
function withoutStride(kernel: tf.Tensor4D, s: number): tf.Tensor4D {
  if (s === 1) return kernel;
  const [height, width, inputs, outputs] = kernel.shape;
  const rows = Math.ceil(height / s), columns = Math.ceil(width / s);
  return kernel.pad([[0, rows * s - height], [0, columns * s - width], [0, 0], [0, 0]])
    .reshape([rows, s, columns, s, inputs, outputs])
    .transpose([0, 2, 1, 3, 4, 5])
    .reshape([rows, columns, s * s * inputs, outputs]);
}

/** One of each pair ω, -ω of the grid. */
function frequencies(rows: number, columns: number): [number, number][] {
  const [m, n] = [rows, columns].map((taps) => taps > 1 ? GRID : 1) as [number, number];
  const all = Array.from({ length: m * n }, (_, i) => [Math.floor(i / n), i % n] as const);
  return all
    .filter(([a, b]) => a * n + b <= ((m - a) % m) * n + (n - b) % n)
    .map(([a, b]) => [2 * Math.PI * a / m, 2 * Math.PI * b / n]);
}

const transposed = (matrices: tf.Tensor): tf.Tensor => matrices.transpose([0, 2, 1]);

/** Re trace(A* B) at each frequency. */
const product = (a: ComplexMatrices, b: ComplexMatrices): tf.Tensor =>
  a.re.mul(b.re).add(a.im.mul(b.im)).sum([1, 2], true);

/** Scales the matrices to Frobenius norm 1 at each frequency; zeros stay zeros. */
function normalised(a: ComplexMatrices): ComplexMatrices {
  const norm = product(a, a).sqrt().maximum(1e-30);
  return { re: a.re.div(norm), im: a.im.div(norm) };
}

/**
 * The square of Hermitian X + iY by two real products instead of four: P = X Y has Pᵀ = -Y X, so that X² - Y² = (X -
 * Y)(X + Y) - P - Pᵀ and X Y + Y X = P - Pᵀ. In this form the result is Hermitian in spite of rounding.
 */
function squared({ re, im }: ComplexMatrices): ComplexMatrices {
  const p = tf.matMul(re, im);
  const half = tf.matMul(re.sub(im), re.add(im)).div(2).sub(p);
  return { re: half.add(transposed(half)), im: p.sub(transposed(p)) };
}
