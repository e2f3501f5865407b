// The most used names of the library; each folder of lib/ exports all of its own, such as `@deep-image-prior/spectral/chart`.
export { FileError } from "./lib/files/mod.ts";
export {
  addGaussianNoise,
  createImage,
  crop,
  type Image,
  luminance,
  psnr,
  readImage,
  ssim,
  writeImage,
} from "./lib/image/mod.ts";
export { derive, random } from "./lib/random/mod.ts";
export {
  describeNoise,
  estimateNoise,
  type NoiseModel,
  noiseSigma,
  whiteNoise,
} from "./lib/noise/mod.ts";
export { nlRidge } from "./lib/nonlocal/mod.ts";
export {
  deblocking,
  deblurring,
  type Degradation,
  denoising,
  downsampled,
  enhancement,
  gaussianBlur,
  inpainting,
  randomMask,
  superResolution,
} from "./lib/degradation/mod.ts";
export { compile, tf } from "./lib/engine/mod.ts";
export {
  type Architecture,
  bilinearUpsampling,
  convNet,
  decoder,
  deepDecoder,
  dip,
  gaussianUpsampling,
  nearestUpsampling,
  pip,
  siren,
} from "./lib/network/mod.ts";
export {
  bandCorrespondence,
  errorDecomposition,
  fourier,
  isotropicRings,
  learnedAt,
  radialPower,
} from "./lib/spectrum/mod.ts";
export {
  bandPlateau,
  blurSharpness,
  discrepancy,
  fixedBudget,
  heldOutPixels,
  movingVariance,
  type StoppingRule,
  windowedVariance,
} from "./lib/stopping/mod.ts";
export {
  DEFAULTS,
  QUALITIES,
  restore,
  restoreInTiles,
  type RestoreOptions,
  type Run,
  type RunRecord,
  type RunResult,
  type Step,
} from "./lib/restoration/mod.ts";
export {
  bandCorrespondenceFigure,
  linesFigure,
  picturesFigure,
  runFigure,
  show,
  showProgress,
  spectrumFigure,
  writeReport,
} from "./lib/chart/mod.ts";
