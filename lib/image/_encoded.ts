// Passes an Image to the picture encoder.
import type { Sharp } from "sharp";
import { checkImage, type Image } from "./image.ts";
import { loadSharp } from "./_sharp.ts";
import type { Format } from "./written_formats.ts";

/**
 * Makes an encoder for an image.
 *
 * @param image The image.
 * @param format The format.
 * @param longest The longest side; a larger image is made smaller.
 * @throws {RangeError} If the image's sizes and arrays are inconsistent.
 */
export async function encoded(
  image: Image,
  format: Pick<Format, "wideBits" | "alpha" | "encode">,
  longest?: number,
): Promise<Sharp> {
  checkImage(image);
  const { height, width } = image;
  const wide = image.bitDepth === 16 && format.wideBits > 8;
  const samples = quantize(image, format);
  const channels = samples.length / (height * width) as 1 | 2 | 3 | 4;
  const sharp = await loadSharp();
  const picture = sharp(samples, { raw: { height, width, channels } })
    .toColourspace(wide ? (channels < 3 ? "grey16" : "rgb16") : (channels < 3 ? "b-w" : "srgb"));
  if (longest !== undefined) {
    picture.resize({ height: longest, width: longest, fit: "inside", withoutEnlargement: true });
  }
  return format.encode(picture, wide);
}

/** The samples as whole numbers, interleaved with alpha if the format has it. */
function quantize(
  image: Image,
  format: Pick<Format, "wideBits" | "alpha">,
): Uint8Array | Uint16Array {
  const { height, width, channels, data, bitDepth = 8 } = image;
  const alpha = format.alpha ? image.alpha : undefined;
  const stride = channels + (alpha ? 1 : 0);
  const bits = bitDepth === 16 ? format.wideBits : 8;
  const white = 2 ** bits - 1;
  // The encoder takes the upper 12 bits of a 16-bit sample; rounding to 12 bits here avoids truncation.
  const shift = bits === 12 ? 4 : 0;
  const level = (value: number) => Math.round(Math.min(Math.max(value, 0), 1) * white) << shift;

  const samples = new (bits === 8 ? Uint8Array : Uint16Array)(height * width * stride);
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let c = 0; c < channels; c++) {
      samples[pixel * stride + c] = level(data[pixel * channels + c]!);
    }
    if (alpha) samples[pixel * stride + channels] = level(alpha[pixel]!);
  }
  return samples;
}
