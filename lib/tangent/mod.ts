// Linearized networks: the tangent kernel, and the responses of layers to impulses.
export * from "./band_eigenvalues.ts";
export * from "./gradient_descent.ts";
export * from "./upsampling_response.ts";
export * from "./layer_responses.ts";
export * from "./predicted_descent.ts";
export * from "./tangent_kernel.ts";
