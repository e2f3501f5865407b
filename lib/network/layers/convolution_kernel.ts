// A convolution's kernel, its spectral norm, and its Lipschitz control, for all layers with a kernel.
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

/** A layer's kernel before its control, and what determines its norms. */
export interface ConvolutionKernel extends KernelControl {
  /** `[kh, kw, in, out]`; of a transposed convolution `[kh, kw, out, in]`. */
  readonly kernel: tf.Tensor4D;
  readonly transposed: boolean;
  /** For a transposed convolution, the number of output pixels for each input pixel along an axis. */
  readonly stride: number;
}

/** A layer with one convolution kernel, or none. */
export interface HasConvolutionKernel {
  /** The current kernel; it belongs to the layer. */
  readonly convolution: ConvolutionKernel | undefined;
}

/** The spectral norm of a kernel, one row an output channel. */
const kernelNorm = (kernel: tf.Tensor4D, transposed: boolean): tf.Scalar =>
  spectralNorm(transposed ? kernel.transpose([0, 1, 3, 2]) : kernel);

/** The bound by which {@linkcode withLambda} replaces those of all layers. */
let replacement: tf.Scalar | undefined;

/**
 * Replaces λ of every controlled kernel during a computation. The new λ may be an input of a traced step.
 *
 * @param lambda λ, above 0.
 * @param compute Applies the model.
 * @returns The result of `compute`.
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

/** The kernel that a layer uses: its norm is at most the layer's bound. */
export function controlledKernel(convolution: ConvolutionKernel): tf.Tensor4D {
  const { kernel, transposed, stride, lipschitz, lipschitzNorm } = convolution;
  if (lipschitz <= 0) return kernel;
  return lipschitzControlled(
    kernel,
    replacement ?? lipschitz,
    // A transposed convolution is the adjoint of the convolution with the same kernel, so it has the same norm.
    (w) => lipschitzNorm === "operator" ? operatorNorm(w, stride) : kernelNorm(w, transposed),
  );
}

/**
 * With the power 2^18 of the Gram matrix, even 127 singular values just below the largest change the result by less
 * than 3e-6 of it.
 */
const SQUARINGS = 18;

/**
 * The spectral norm of a kernel reshaped to a matrix with one row for each output channel (as in the paper: Shi et
 * al. 2022, section 4.2; `SpectralNorm` in its `common.py`).
 *
 * It is the root of the largest eigenvalue of the Gram matrix G = W Wᵀ, by repeated squaring: A ← A²/‖A²‖, beginning
 * with G. The resulting power of G weights the eigenvalues of G: trace(A² G) / trace(A²).
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
    // A zero kernel has norm 0, not 0/0.
    const normalised = (matrix: tf.Tensor) =>
      matrix.div(matrix.square().sum().sqrt().maximum(1e-30)) as tf.Tensor2D;
    let power = normalised(gram);
    for (let i = 0; i < SQUARINGS; i++) power = normalised(tf.matMul(power, power));
    const weighted = power.mul(tf.matMul(power, gram)).sum();
    return weighted.div(power.square().sum().maximum(1e-30)).sqrt() as tf.Scalar;
  });
}

/**
 * Divides a kernel so that its norm is at most `lambda`: w / max(1, ‖w‖ / λ) (Shi et al. 2022, section 4.2). The
 * divisor is constant in the gradient, as in the paper's code.
 *
 * @param kernel `[kh, kw, in, out]`.
 * @param lambda The bound, above 0; a scalar tensor if it is an input of the graph.
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
