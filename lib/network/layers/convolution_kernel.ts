// A convolution's kernel and the Lipschitz control over it, the same for every layer that has one.
import type { tf } from "../../engine/mod.ts";
import { operatorNorm } from "./operator_norm.ts";
import { lipschitzControlled, spectralNorm } from "./spectral_norm.ts";

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
export const kernelNorm = (kernel: tf.Tensor4D, transposed: boolean): tf.Scalar =>
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
