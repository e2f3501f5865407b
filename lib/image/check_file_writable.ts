// Asks before a long run whether a file can be written at the end.
import { placesFor } from "./_places_for.ts";
import { ImageError } from "./image_error.ts";
import { reason } from "./_reason.ts";

/**
 * Checks that {@linkcode writeFileAtomic} could write to `path`: its folder exists and takes a new
 * file. Nothing is left behind and an existing file is not touched.
 *
 * @param path The file.
 * @throws {ImageError} If a file could not be written there.
 *
 * @example Refuse before the work begins
 * ```ts
 * import assert from "node:assert/strict";
 * import { ImageError } from "./image_error.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await checkFileWritable(`${folder}/record.json`);
 * await assert.rejects(checkFileWritable(`${folder}/missing/record.json`), ImageError);
 * await Deno.remove(folder);
 * ```
 */
export async function checkFileWritable(path: string): Promise<void> {
  const { temporary } = await placesFor(path);
  try {
    (await Deno.open(temporary, { write: true, createNew: true })).close();
    await Deno.remove(temporary);
  } catch (error) {
    throw new ImageError(`cannot write "${path}": ${reason(error)}`, { cause: error });
  }
}
