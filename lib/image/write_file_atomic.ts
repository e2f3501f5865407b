// Writes a file whole or not at all.
import { placesFor } from "./_places_for.ts";
import { ImageError } from "./image_error.ts";
import { reason } from "./_reason.ts";

/**
 * Writes `bytes` to `path` so that the file is never seen half-written.
 *
 * The bytes go to a temporary file in the same folder, are forced to the disk, and the temporary
 * file is then renamed. Where anything fails (a full disk, a missing folder) the temporary file is
 * removed and an older file at `path` stays as it was.
 *
 * @param path The file; an older one is replaced.
 * @param bytes What it shall hold.
 * @throws {ImageError} If the file cannot be written.
 *
 * @example Replace a file
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile();
 * await writeFileAtomic(path, new TextEncoder().encode("new"));
 * assert.equal(await Deno.readTextFile(path), "new");
 * await Deno.remove(path);
 * ```
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  const { target, temporary } = await placesFor(path);
  try {
    await writeSynced(temporary, bytes);
    await Deno.rename(temporary, target);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new ImageError(`cannot write "${path}": ${reason(error)}`, { cause: error });
  }
}

/** Creates a file and returns when its bytes are on the disk. */
async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}
