// The spectral norm of a convolution's kernel, in the graph and without a singular value decomposition.
import { tf } from "../../engine/mod.ts";

/** At the power 2^18 of the Gram matrix, even 127 singular values just below the largest change the result by less than 3e-6 of it. */
const SQUARINGS = 18;

/**
 * The spectral norm of a kernel reshaped to a matrix, one row an output channel (the paper's
 * code reshapes likewise: Shi et al. 2022, section 4.2; `SpectralNorm` in its `common.py`).
 *
 * The largest eigenvalue of the Gram matrix G = W Wᵀ, by repeated squaring: A ← A²/‖A²‖, beginning
 * with G. The power of G found weighs the eigenvalues of G, trace(A² G) / trace(A²).
 *
 * @param kernel `[kh, kw, in, out]`.
 * @returns A scalar: the largest singular value, to float32's precision.
 *
 * @example
 * ```ts
 * import { spectralNorm } from "./spectral_norm.ts";
 * import { tf } from "../../engine/mod.ts";
 * import assert from "node:assert/strict";
 * const norm = spectralNorm(tf.tensor4d([3, 0, 0, -4], [1, 1, 2, 2])).dataSync()[0]!;
 * assert.ok(Math.abs(norm - 4) < 1e-5);
 * ```
 */
export function spectralNorm(kernel: tf.Tensor4D): tf.Scalar {
  return tf.tidy(() => {
    const outputs = kernel.shape[3];
    const rows = kernel.transpose([3, 2, 0, 1]).reshape([outputs, -1]) as tf.Tensor2D;
    const gram = tf.matMul(rows, rows, false, true);
    // A kernel of zeros has norm 0, not 0/0.
    const normalised = (matrix: tf.Tensor) =>
      matrix.div(matrix.square().sum().sqrt().maximum(1e-30)) as tf.Tensor2D;
    let power = normalised(gram);
    for (let i = 0; i < SQUARINGS; i++) power = normalised(tf.matMul(power, power));
    const weighted = power.mul(tf.matMul(power, gram)).sum();
    return weighted.div(power.square().sum().maximum(1e-30)).sqrt() as tf.Scalar;
  });
}

/**
 * A kernel whose norm is at most `lambda`: w / max(1, ‖w‖ / λ) (Shi et al. 2022, section
 * 4.2). The divisor is held constant in the gradient, as in the paper's code.
 *
 * @param kernel `[kh, kw, in, out]`.
 * @param lambda The bound, above 0; a scalar, if the graph is to be told it at every run.
 * @param norm The norm ‖w‖ of a kernel. @default {spectralNorm}
 * @returns The controlled kernel, of the same shape.
 */
export function lipschitzControlled(
  kernel: tf.Tensor4D,
  lambda: number | tf.Scalar,
  norm: (kernel: tf.Tensor4D) => tf.Scalar = spectralNorm,
): tf.Tensor4D {
  return tf.customGrad((w, save) => {
    const divisor = norm(w as tf.Tensor4D).div(lambda).maximum(1);
    (save as tf.GradSaveFunc)([divisor]);
    return {
      value: (w as tf.Tensor4D).div(divisor),
      gradFunc: (dy, [divisor]) => dy.div(divisor!),
    };
  })(kernel) as tf.Tensor4D;
}
