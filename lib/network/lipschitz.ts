// Which convolutions of a network have a Lipschitz bound, and on which norm.
import { checkNotNegative } from "../check.ts";
import type { ControlledNorm, KernelControl } from "./layers/convolution_kernel.ts";

/** Control of a network's spectral bias (Shi et al. 2022, section 4.2): each kernel becomes w / max(1, ‖w‖ / λ). */
export interface Lipschitz {
  /** The bound λ; 0 for none. */
  readonly lambda: number;
  /**
   * `kernel`: the spectral norm of the kernel reshaped to a matrix, as in the paper; `operator`: the norm of the
   * convolution itself, which is slower.
   * @default {"kernel"}
   */
  readonly norm?: ControlledNorm;
  /**
   * `paper`: the convolutions controlled in the paper's code, in {@linkcode dip} all but the last; `all`: also the
   * last 1x1 convolution and the transposed ones of `deconv` upsampling.
   * @default {"paper"}
   */
  readonly layers?: "paper" | "all";
}

/** The control of the layers that are controlled in the paper's code, and of the others. */
export interface LipschitzPlan {
  readonly paper: KernelControl;
  readonly others: KernelControl;
}

/**
 * Translates the option of an architecture to its layers.
 *
 * @param lipschitz The bound λ, or bound, norm and layers.
 * @returns The control of both kinds of layers.
 * @throws {RangeError} If λ is negative or not finite.
 */
export function lipschitzPlan(lipschitz: number | Lipschitz): LipschitzPlan {
  const { lambda, norm = "kernel", layers = "paper" }: Lipschitz = typeof lipschitz === "number"
    ? { lambda: lipschitz }
    : lipschitz;
  checkNotNegative("lipschitz", lambda);
  const control = (lambda: number): KernelControl => ({ lipschitz: lambda, lipschitzNorm: norm });
  return { paper: control(lambda), others: control(layers === "all" ? lambda : 0) };
}
