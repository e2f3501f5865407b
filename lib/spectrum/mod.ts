// Measures of a picture's frequencies: spectra, rings, and what they say of a restoration.
export * from "./band_correspondence.ts";
export * from "./band_transfer.ts";
export * from "./effective_bandwidth.ts";
export * from "./error_account.ts";
export * from "./fine_rings.ts";
export * from "./fourier.ts";
export * from "./fourier_ring_correlation.ts";
export * from "./inverse_fourier.ts";
export * from "./isotropic_rings.ts";
export * from "./log_power.ts";
export * from "./paper_rings.ts";
export * from "./radial_power.ts";
export * from "./rings.ts";
export * from "./spectra_of.ts";
export * from "./spectrum.ts";
export * from "./spectrum_of.ts";
export * from "./spectrum_picture.ts";
