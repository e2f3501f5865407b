// Pictures as plain numbers: files, metadata, noise, quality, resampling.
export * from "./add_noise.ts";
export * from "./compress_jpeg.ts";
export * from "./crop_and_pad.ts";
export * from "./draw_text.ts";
export * from "./encode_picture.ts";
export * from "./encode_png.ts";
export * from "./fill_transparent.ts";
export { createImage, type Image, type ImageParts } from "./image.ts";
export * from "./jpeg_quantization.ts";
export * from "./jpeg_transform.ts";
export * from "./luminance.ts";
export type { PictureMetadata, PngChunk, Resolution, SampleRange } from "./metadata.ts";
export { enlargedMetadata } from "./metadata.ts";
export * from "./picture_file.ts";
export { luminancePsnr, meanSquaredError, psnr } from "./psnr.ts";
export * from "./read_image.ts";
export * from "./resample.ts";
export * from "./resampling_matrix.ts";
export * from "./ssim.ts";
export * from "./write_image.ts";
export {
  formatTitle,
  pageCapacity,
  WRITTEN_EXTENSIONS,
  type WrittenFormat,
  writtenFormatOf,
} from "./written_formats.ts";
