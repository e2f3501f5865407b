// Forward operators and their data terms.
export * from "./degradation.ts";
export * from "./denoising.ts";
