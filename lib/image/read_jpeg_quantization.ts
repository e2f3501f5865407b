// How a picture's file was compressed, if it is a JPEG.
import { ImageError } from "./image_error.ts";
import { type JpegQuantization, jpegQuantization, upright } from "./jpeg_quantization.ts";
import { reason } from "./_reason.ts";
import { loadSharp } from "./_sharp.ts";

/**
 * Reads how a JPEG picture was compressed, for the picture as {@linkcode readImage} reads it: upright.
 *
 * @param path The picture's file.
 * @returns Its quantisation; undefined if it is a picture of another format, or of other colours than JPEG's usual.
 * @throws {ImageError} If the file cannot be read, or is a damaged JPEG.
 *
 * @example A PNG has none
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(await readJpegQuantization("data/cell.png"), undefined);
 * ```
 */
export async function readJpegQuantization(path: string): Promise<JpegQuantization | undefined> {
  const bytes = await Deno.readFile(path).catch((error) => {
    throw new ImageError(`cannot read "${path}": ${reason(error)}`, { cause: error });
  });
  const quantization = jpegQuantization(bytes);
  if (!quantization) return undefined;
  const sharp = await loadSharp();
  const { orientation = 1 } = await sharp(bytes).metadata().catch((error) => {
    throw new ImageError(`cannot read "${path}": the JPEG is damaged`, { cause: error });
  });
  return upright(quantization, orientation);
}
