// Asks before a long run whether its picture can be written at the end.
import { checkFileWritable } from "./check_file_writable.ts";
import { formatOf, type WrittenFormat } from "./written_formats.ts";

/**
 * Checks that {@linkcode writeImage} could write to `path`: its extension names a format, and its
 * folder exists and takes a new file. Nothing is left behind and an existing file is not touched.
 *
 * @param path The picture's file.
 * @param format Its format. @default {what the extension names}
 * @throws {ImageError} If a picture could not be written there.
 *
 * @example Refuse before the work begins
 * ```ts
 * import assert from "node:assert/strict";
 * import { ImageError } from "./image_error.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await checkWritable(`${folder}/restored.png`);
 * await assert.rejects(checkWritable(`${folder}/missing/restored.png`), ImageError);
 * await assert.rejects(checkWritable(`${folder}/restored.bmp`), ImageError);
 * await Deno.remove(folder);
 * ```
 */
export async function checkWritable(path: string, format?: WrittenFormat): Promise<void> {
  if (!format) formatOf(path);
  await checkFileWritable(path);
}
