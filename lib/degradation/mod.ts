// Forward operators and their data terms.
export * from "./bayer.ts";
export * from "./blur_kernels.ts";
export * from "./camera.ts";
export * from "./data_terms.ts";
export * from "./deblocking.ts";
export * from "./deblurring.ts";
export * from "./degradation.ts";
export { isDemosaiced } from "./demosaicing_errors.ts";
export * from "./denoising.ts";
export * from "./enhancement.ts";
export * from "./fine_detail.ts";
export * from "./inpainting.ts";
export * from "./masks.ts";
export * from "./noises.ts";
export * from "./super_resolution.ts";
