// Reads a picture's file into an Image.
import type { Image } from "./image.ts";
import { openPicture } from "./picture_file.ts";

/**
 * Reads the first picture of a file, its colours converted to sRGB; {@linkcode openPicture} gives what the
 * file says beside it too, the colours as they are, and all pages.
 *
 * @param path The picture's file.
 * @returns The picture.
 * @throws {ImageError} If the file cannot be read, is no picture of a format that is read, is damaged or
 * cut short, has samples that are not finite or more than 268 million pixels.
 *
 * @example Read back what was written
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./create_image.ts";
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
