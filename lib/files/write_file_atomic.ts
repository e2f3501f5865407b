// Writes a file whole or not at all, and checks in advance whether that is possible.
import { dirname, join, resolve } from "node:path";
import { FileError, systemReason } from "./file_error.ts";

/**
 * Writes `bytes` to `path` so that no incomplete file is ever visible.
 *
 * The bytes are written to a temporary file in the same folder, with the permissions of an older file at `path`, and
 * flushed to the disk; then the temporary file is renamed. If anything fails (a full disk, a missing folder), the
 * temporary file is removed and an older file at `path` is not changed.
 *
 * @param path The file; an older one is replaced.
 * @param bytes The new contents.
 * @throws {FileError} If the file cannot be written.
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
  const { target, temporary, mode } = await placesFor(path);
  try {
    await writeSynced(temporary, bytes, mode);
    await Deno.rename(temporary, target);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw new FileError(`cannot write "${path}": ${systemReason(error)}`, { cause: error });
  }
}

/** Creates a file and returns when its bytes are on the disk. */
async function writeSynced(path: string, bytes: Uint8Array, mode?: number): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, ...mode && { mode } });
  // The process's umask may have removed bits; not every file system has permissions.
  if (mode) await Deno.chmod(path, mode).catch(() => {});
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
  await file.sync();
}

/**
 * Checks that {@linkcode writeFileAtomic} could write to `path`: its folder exists and a file can be created there.
 * Nothing is left behind and an existing file is not changed.
 *
 * @param path The file.
 * @throws {FileError} If a file could not be written there.
 *
 * @example Refuse before the work begins
 * ```ts
 * import assert from "node:assert/strict";
 * import { FileError } from "./file_error.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await checkFileWritable(`${folder}/record.json`);
 * await assert.rejects(checkFileWritable(`${folder}/missing/record.json`), FileError);
 * await Deno.remove(folder);
 * ```
 */
export async function checkFileWritable(path: string): Promise<void> {
  const { temporary } = await placesFor(path);
  try {
    (await Deno.open(temporary, { write: true, createNew: true })).close();
    await Deno.remove(temporary);
  } catch (error) {
    throw new FileError(`cannot write "${path}": ${systemReason(error)}`, { cause: error });
  }
}

/** The paths of the temporary and the final file. */
interface Places {
  /** The file itself; for a link, the file it points to, so that the link stays. */
  target: string;
  /** A new name in the same folder, hence on the same disk, where a rename is atomic. */
  temporary: string;
  /** The permissions of an older file, which the new one keeps; undefined if there is none, or on Windows. */
  mode: number | undefined;
}

/** The paths for writing `path`; a `FileError` if it exists and is not an ordinary file, or cannot exist. */
async function placesFor(path: string): Promise<Places> {
  const existing = await Deno.stat(path).catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw new FileError(`cannot write "${path}": ${systemReason(error)}`, { cause: error });
  });
  if (existing && !existing.isFile) {
    const what = existing.isDirectory ? "a folder" : "not an ordinary file";
    throw new FileError(`cannot write "${path}": it is ${what}`);
  }
  const target = existing ? await Deno.realPath(path) : await pointedTo(path);
  return {
    target,
    temporary: join(dirname(target), `.${crypto.randomUUID()}.tmp`),
    mode: existing?.mode == null || Deno.build.os === "windows" ? undefined : existing.mode & 0o777,
  };
}

/** The target of a link to a file that does not exist yet; the path itself if it is not a link. */
async function pointedTo(path: string): Promise<string> {
  const link = await Deno.readLink(path).catch(() => undefined);
  return link === undefined ? path : await pointedTo(resolve(dirname(path), link));
}
