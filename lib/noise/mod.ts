// The noise model of a picture, and its estimate from one picture.
export { clippedMoments } from "./clipped_gaussian.ts";
export * from "./contrast.ts";
export * from "./describe_noise.ts";
export * from "./draw_noise.ts";
export * from "./estimate_noise.ts";
export * from "./estimate_white_noise.ts";
export * from "./expected_ring_correlation.ts";
export { OPPONENT_TRANSFORM } from "./_opponent.ts";
export * from "./find_stripes.ts";
export * from "./impulses.ts";
export {
  isShortRangeNoise,
  isWhiteNoise,
  noiseSigma,
  noiseSpectrum,
  noiseVariance,
} from "./measures.ts";
export * from "./model.ts";
export * from "./noise_json.ts";
export * from "./noise_of_region.ts";
export * from "./remove_stripes.ts";
export * from "./undo_clipping.ts";
