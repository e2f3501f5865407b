// Reads a picture's file into an Image, or the quantisation of a JPEG.
import type { Image } from "./image.ts";
import { FileError, systemReason } from "../files/mod.ts";
import { loadSharp } from "./_sharp.ts";
import { openPicture } from "./picture_file.ts";
import {
  type JpegQuantization,
  jpegQuantization,
  uprightQuantization,
} from "./jpeg_quantization.ts";

/**
 * Reads the first picture of a file and converts its colours to sRGB. {@linkcode openPicture} also gives the
 * metadata, the original colours, and all pages.
 *
 * @param path The picture's file.
 * @returns The picture.
 * @throws {FileError} If the file cannot be read, is not a picture of a format that can be read, is damaged or
 * truncated, has samples that are not finite or more than 268 million pixels.
 *
 * @example Read back what was written
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./image.ts";
 * import { writeImage } from "./write_image.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".png" });
 * await writeImage(path, createImage({ height: 16, width: 24, channels: 3 }));
 *
 * const image = await readImage(path);
 * assert.deepEqual([image.height, image.width, image.channels], [16, 24, 3]);
 * await Deno.remove(path);
 * ```
 */
export async function readImage(path: string): Promise<Image> {
  const file = await openPicture(path, { colours: "srgb" });
  return (await file.page(0)).image;
}

/**
 * Reads the quantisation of a JPEG picture, for the upright picture that {@linkcode readImage} returns.
 *
 * @param path The picture's file.
 * @returns The quantisation; undefined for a picture of another format, or of unusual colours.
 * @throws {FileError} If the file cannot be read, or is a damaged JPEG.
 *
 * @example A PNG file has no quantisation
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(await readJpegQuantization("data/cell.png"), undefined);
 * ```
 */
export async function readJpegQuantization(path: string): Promise<JpegQuantization | undefined> {
  const bytes = await Deno.readFile(path).catch((error) => {
    throw new FileError(`cannot read "${path}": ${systemReason(error)}`, { cause: error });
  });
  const quantization = jpegQuantization(bytes);
  if (!quantization) return undefined;
  const sharp = await loadSharp();
  const { orientation = 1 } = await sharp(bytes).metadata().catch((error) => {
    throw new FileError(`cannot read "${path}": the JPEG is damaged`, { cause: error });
  });
  return uprightQuantization(quantization, orientation);
}
