// Untrained networks: layers, architectures and their inputs.
export * from "./architecture.ts";
export type { Norm } from "./blocks.ts";
export * from "./conv_net.ts";
export * from "./decoder.ts";
export * from "./deep_decoder.ts";
export * from "./dip.ts";
export * from "./layer_norms.ts";
export {
  type ControlledNorm,
  type ConvolutionKernel,
  type HasConvolutionKernel,
  type KernelControl,
  lipschitzControlled,
  spectralNorm,
  withLambda,
} from "./layers/convolution_kernel.ts";
export * from "./layers/norms.ts";
export { operatorNorm } from "./layers/operator_norm.ts";
export * from "./layers/reflection_conv2d.ts";
export * from "./layers/upsampling2x.ts";
export type { Lipschitz } from "./lipschitz.ts";
export * from "./pip.ts";
export * from "./siren.ts";
export * from "./upsampling.ts";
