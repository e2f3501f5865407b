// Asks before a long run whether its picture can be written at the end.
import { checkFileWritable } from "./check_file_writable.ts";
import { formatOf } from "./_format.ts";

/**
 * Checks that {@linkcode writeImage} could write to `path`: its extension names a format, and its
 * folder exists and takes a new file. Nothing is left behind and an existing file is not touched.
 *
 * @param path The picture's file.
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
 * await assert.rejects(checkWritable(`${folder}/restored.gif`), ImageError);
 * await Deno.remove(folder);
 * ```
 */
export async function checkWritable(path: string): Promise<void> {
  formatOf(path);
  await checkFileWritable(path);
}
