// A convolution's kernel, its spectral norm, and the Lipschitz control over it, the same for every layer that has one.
import { tf } from "../../engine/mod.ts";
import { operatorNorm } from "./operator_norm.ts";

/** The norm that is bounded: of the kernel as a matrix, or of the convolution as an operator. */
export type ControlledNorm = "kernel" | "operator";

/** The Lipschitz control of one kernel. */
export interface KernelControl {
  /** Bound on the norm; 0 for none. */
  readonly lipschitz: number;
  readonly lipschitzNorm: ControlledNorm;
}

/** A layer's kernel, before its control, and what its norms depend on. */
export interface ConvolutionKernel extends KernelControl {
  /** `[kh, kw, in, out]`; of a transposed convolution `[kh, kw, out, in]`. */
  readonly kernel: tf.Tensor4D;
  readonly transposed: boolean;
  /** Of a transposed convolution, how many output pixels an input pixel is. */
  readonly stride: number;
}

/** A layer with one convolution kernel, or none. */
export interface HasConvolutionKernel {
  /** The kernel as it is now; belongs to the layer. */
  readonly convolution: ConvolutionKernel | undefined;
}

/** The spectral norm of a kernel, one row an output channel. */
const kernelNorm = (kernel: tf.Tensor4D, transposed: boolean): tf.Scalar =>
  spectralNorm(transposed ? kernel.transpose([0, 1, 3, 2]) : kernel);

/** What {@linkcode withLambda} has put in the place of every bound. */
let replacement: tf.Scalar | undefined;

/**
 * Computes with another λ for every controlled kernel, which may be an input of a traced step.
 *
 * @param lambda λ, above 0.
 * @param compute What applies the model.
 * @returns What it gives.
 */
export function withLambda<T>(lambda: tf.Scalar, compute: () => T): T {
  const before = replacement;
  replacement = lambda;
  try {
    return compute();
  } finally {
    replacement = before;
  }
}

/** The kernel that a layer convolves with: of a norm of at most its bound. */
export function controlledKernel(convolution: ConvolutionKernel): tf.Tensor4D {
  const { kernel, transposed, stride, lipschitz, lipschitzNorm } = convolution;
  if (lipschitz <= 0) return kernel;
  return lipschitzControlled(
    kernel,
    replacement ?? lipschitz,
    // A transposed convolution is the adjoint of the convolution by the same kernel, of the same norm.
    (w) => lipschitzNorm === "operator" ? operatorNorm(w, stride) : kernelNorm(w, transposed),
  );
}

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
