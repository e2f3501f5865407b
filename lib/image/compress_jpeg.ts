// Compresses an image as JPEG and decodes it again.
import { checkWholeNumber } from "../check.ts";
import { checkImage, type Image } from "./image.ts";
import { encoded } from "./_encoded.ts";
import { type JpegQuantization, jpegQuantization } from "./jpeg_quantization.ts";
import { loadSharp } from "./_sharp.ts";

/** A picture after JPEG compression. */
export interface CompressedImage {
  /** The decoded picture; its samples are multiples of 1/255, `alpha` is the image's. */
  readonly image: Image;
  /** How it was compressed. */
  readonly quantization: JpegQuantization;
  /** The file's length. */
  readonly bytes: number;
}

/**
 * Compresses an image as JPEG and decodes it again.
 *
 * @param image The image.
 * @param quality From 1 to 100.
 * @param chromaSubsampling Whether colour is stored at half the size (4:2:0), as is usual, or at full size.
 * @default {"4:2:0"}
 * @returns The decoded picture, its quantisation and size.
 * @throws {RangeError} If `quality` is not a whole number from 1 to 100.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./image.ts";
 *
 * const data = new Float32Array(256).fill(0.5);
 * const { quantization } = await compressJpeg(createImage({ height: 16, width: 16, channels: 1, data }), 50);
 * // Annex K of the standard is quality 50.
 * assert.equal(quantization.luminance[0], 16);
 * ```
 */
export async function compressJpeg(
  image: Image,
  quality: number,
  chromaSubsampling: "4:2:0" | "4:4:4" = "4:2:0",
): Promise<CompressedImage> {
  checkImage(image);
  checkWholeNumber("quality", quality, 1, 100);
  const { height, width, channels } = image;
  const picture = await encoded({ height, width, channels, data: image.data }, {
    wideBits: 8,
    alpha: false,
    encode: (picture) => picture.jpeg({ quality, chromaSubsampling }),
  });
  const bytes = await picture.toBuffer();
  const sharp = await loadSharp();
  const { data, info } = await sharp(bytes).toColourspace(channels === 1 ? "b-w" : "srgb").raw()
    .toBuffer({ resolveWithObject: true });
  const decoded = new Float32Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < channels; c++) {
      decoded[i * channels + c] = data[i * info.channels + c]! / 255;
    }
  }
  return {
    image: { ...image, data: decoded },
    quantization: jpegQuantization(bytes)!,
    bytes: bytes.length,
  };
}
