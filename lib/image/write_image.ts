// Writes an Image to a picture's file.
import { checkImage } from "./_check_image.ts";
import { type Format, formatOf } from "./_format.ts";
import { ImageError } from "./image_error.ts";
import type { Image } from "./image.ts";
import { sharp } from "./_sharp.ts";
import { writeFileAtomic } from "./write_file_atomic.ts";

/**
 * Writes a picture in the format that the extension of `path` names.
 *
 * | extension      | compression                | bits of a 16-bit picture | grey   | alpha   |
 * | -------------- | -------------------------- | ------------------------ | ------ | ------- |
 * | `.png`         | lossless                   | 16                       | yes    | yes     |
 * | `.tif`,`.tiff` | lossless (deflate)         | 16                       | yes    | yes     |
 * | `.webp`        | lossless                   | 8                        | as RGB | yes     |
 * | `.avif`        | lossy, quality 90, 4:4:4   | 12                       | as RGB | yes     |
 * | `.jpg`,`.jpeg` | lossy, quality 95, 4:4:4   | 8                        | yes    | dropped |
 *
 * Samples are clamped to [0, 1] and rounded to the nearest level; one that is not a number becomes
 * 0. The file is written whole or not at all, see {@linkcode writeFileAtomic}.
 *
 * @param path The picture's file; an older one is replaced.
 * @param image The picture.
 * @throws {ImageError} If the extension names no format or the file cannot be written.
 * @throws {RangeError} If the image's sizes and arrays do not agree.
 *
 * @example A 16-bit grey picture stays one
 * ```ts
 * import assert from "node:assert/strict";
 * import { readImage } from "./read_image.ts";
 *
 * const data = Float32Array.from({ length: 256 }, (_, i) => i / 255);
 * const path = await Deno.makeTempFile({ suffix: ".png" });
 * await writeImage(path, { height: 16, width: 16, channels: 1, data, bitDepth: 16 });
 *
 * const image = await readImage(path);
 * assert.deepEqual(image.data, data);
 * assert.equal(image.bitDepth, 16);
 * await Deno.remove(path);
 * ```
 */
export async function writeImage(path: string, image: Image): Promise<void> {
  const format = formatOf(path);
  checkImage(image);
  const { height, width } = image;
  const wide = image.bitDepth === 16 && format.wideBits > 8;
  const samples = quantize(image, format);
  const channels = samples.length / (height * width) as 1 | 2 | 3 | 4;

  const picture = sharp(samples, { raw: { height, width, channels } })
    .toColourspace(wide ? (channels < 3 ? "grey16" : "rgb16") : (channels < 3 ? "b-w" : "srgb"));
  const bytes = await format.encode(picture, wide).toBuffer().catch((error) => {
    const why = `the encoder refuses a picture of ${width}x${height} (${error.message})`;
    throw new ImageError(`cannot write "${path}": ${why}`, { cause: error });
  });
  await writeFileAtomic(path, bytes);
}

/** The samples as whole numbers, alpha interleaved where the format holds it. */
function quantize(image: Image, format: Format): Uint8Array | Uint16Array {
  const { height, width, channels, data, bitDepth = 8 } = image;
  const alpha = format.alpha ? image.alpha : undefined;
  const stride = channels + (alpha ? 1 : 0);
  const bits = bitDepth === 16 ? format.wideBits : 8;
  const white = 2 ** bits - 1;
  // The codec takes 12 bits from the top of a 16-bit sample; rounded here, nothing is cut off there.
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
