// Writes pictures to a file, whole or not at all.
import { checkFileWritable, FileError, writeFileAtomic } from "../files/mod.ts";
import { encodePicture, type WrittenPage } from "./encode_picture.ts";
import type { Image } from "./image.ts";
import type { PictureMetadata } from "./metadata.ts";
import type { Animation } from "./picture_file.ts";
import { formatOf, type WrittenFormat } from "./written_formats.ts";

/** Options of {@linkcode writeImage}. */
export interface WriteImageOptions {
  /** The metadata. @default {none} */
  metadata?: PictureMetadata;
  /** @default {what the extension names} */
  format?: WrittenFormat;
}

/**
 * Writes a picture in the format that the extension of `path` names.
 *
 * | extension           | compression                | bits of a 16-bit picture | grey   | alpha   |
 * | ------------------- | -------------------------- | ------------------------ | ------ | ------- |
 * | `.png`, `.apng`     | lossless                   | 16                       | yes    | yes     |
 * | `.tif`, `.tiff`     | lossless (deflate)         | 16                       | yes    | yes     |
 * | `.webp`             | lossless                   | 8                        | as RGB | yes     |
 * | `.avif`             | lossy, quality 90, 4:4:4   | 12                       | as RGB | yes     |
 * | `.gif`              | 256 colours                | 8                        | as RGB | 0 or 1  |
 * | `.jpg`, `.jpeg`, `.jpe`, `.jfif` | lossy, quality 95, 4:4:4 | 8             | yes    | dropped |
 *
 * Samples are clamped to [0, 1] and rounded to the nearest level; NaN becomes 0. The file is written whole or not at
 * all, see {@linkcode writeFileAtomic}.
 *
 * @param path The picture's file; an older one is replaced.
 * @param image The picture.
 * @param options The metadata, and the format if it is not that of the extension.
 * @throws {FileError} If the extension names no format or the file cannot be written.
 * @throws {RangeError} If the image's sizes and arrays are inconsistent.
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
export async function writeImage(
  path: string,
  image: Image,
  { metadata = {}, ...options }: WriteImageOptions = {},
): Promise<void> {
  await writePages(path, [{ image, metadata }], options);
}

/** Options of {@linkcode writePages}. */
export interface WritePagesOptions extends Omit<WriteImageOptions, "metadata"> {
  /** How the frames of an animation are shown. @default {a tenth of a second each, without end} */
  animation?: Animation;
}

/**
 * Writes several pictures to one file: as pages of a TIFF file, or as frames of a GIF, WebP or PNG animation.
 *
 * @param path The file; an older one is replaced.
 * @param pages The pictures.
 * @param options Timing and format.
 * @throws {FileError} If the extension names no format or the file cannot be written.
 * @throws {RangeError} If the format holds only one picture.
 *
 * @example Two pages
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./image.ts";
 * import { openPicture } from "./picture_file.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".tif" });
 * const pages = [8, 9].map((side) => ({ image: createImage({ height: side, width: side, channels: 3 }) }));
 * await writePages(path, pages);
 * assert.equal((await openPicture(path)).pages, 2);
 * await Deno.remove(path);
 * ```
 */
export async function writePages(
  path: string,
  pages: readonly WrittenPage[],
  { format = formatOf(path), animation }: WritePagesOptions = {},
): Promise<void> {
  const bytes = await encodePicture(pages, format, animation).catch((error) => {
    if (!(error instanceof FileError)) throw error;
    throw new FileError(`cannot write "${path}": ${error.message}`, { cause: error });
  });
  await writeFileAtomic(path, bytes);
}

/**
 * Checks that {@linkcode writeImage} could write to `path`: its extension names a format, its folder exists and a
 * file can be created there. Nothing is left behind and an existing file is not changed.
 *
 * @param path The picture's file.
 * @param format Its format. @default {what the extension names}
 * @throws {FileError} If a picture could not be written there.
 *
 * @example Refuse before the work begins
 * ```ts
 * import assert from "node:assert/strict";
 * import { FileError } from "../files/mod.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await checkImageWritable(`${folder}/restored.png`);
 * await assert.rejects(checkImageWritable(`${folder}/missing/restored.png`), FileError);
 * await assert.rejects(checkImageWritable(`${folder}/restored.bmp`), FileError);
 * await Deno.remove(folder);
 * ```
 */
export async function checkImageWritable(path: string, format?: WrittenFormat): Promise<void> {
  if (!format) formatOf(path);
  await checkFileWritable(path);
}
