// Writes an Image to a picture's file.
import { encoded } from "./_encoded.ts";
import { formatOf } from "./_format.ts";
import { ImageError } from "./image_error.ts";
import type { Image } from "./image.ts";
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
  const picture = encoded(image, formatOf(path));
  const bytes = await picture.toBuffer().catch((error) => {
    const why =
      `the encoder refuses a picture of ${image.width}x${image.height} (${error.message})`;
    throw new ImageError(`cannot write "${path}": ${why}`, { cause: error });
  });
  await writeFileAtomic(path, bytes);
}
