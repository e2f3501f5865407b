// Measures of a picture's frequencies: spectra, rings, band measures and the error decomposition.
export * from "./bands.ts";
export * from "./error_decomposition.ts";
export * from "./fourier.ts";
export * from "./fourier_ring_correlation.ts";
export * from "./power.ts";
export { fineRings, isotropicRings, paperRings, type Rings } from "./rings.ts";
export * from "./spectrum_of.ts";
