// The files of a command: the default output, and what must not be overwritten.
import { basename, dirname, extname, join, resolve } from "node:path";
import { UsageError } from "./_failure.ts";

/** Extensions that a picture can be written with; a picture of another one is written as PNG. */
export const WRITTEN = [".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".avif"];

/**
 * The output where none is given.
 *
 * @param input The picture's file.
 * @param suffix What the name gains before its extension.
 * @returns A file in the same folder.
 *
 * @example
 * ```ts
 * import { defaultOutput } from "./_paths.ts";
 * import assert from "node:assert/strict";
 * assert.equal(defaultOutput("a/photo.jpg", "-denoised"), "a/photo-denoised.jpg");
 * assert.equal(defaultOutput("a/photo.jfif", "-denoised"), "a/photo-denoised.png");
 * ```
 */
export function defaultOutput(input: string, suffix: string): string {
  const extension = extname(input);
  const written = WRITTEN.includes(extension.toLowerCase()) ? extension : ".png";
  return join(dirname(input), `${basename(input, extension)}${suffix}${written}`);
}

/**
 * Refuses a file of another kind.
 *
 * @param option The option that names it.
 * @param file The file; none is fine.
 * @param extension What its name must end with.
 * @throws {UsageError} If it does not.
 */
export function requireExtension(
  option: string,
  file: string | undefined,
  extension: string,
): void {
  if (file === undefined || extname(file).toLowerCase() === extension) return;
  throw new UsageError(`${option} "${file}" must end in ${extension}`);
}

/** A file that a command reads or writes. */
export interface NamedFile {
  /** What the user calls it. */
  readonly name: string;
  readonly path: string | undefined;
  readonly written: boolean;
}

/**
 * Refuses to write over a file that is read, or over another that is written. Links and relative
 * paths are followed.
 *
 * @param files The command's files; a path that is undefined is left out.
 * @param kind What they are. @default {"file"}
 * @throws {UsageError} If two of them are one.
 */
export async function refuseSameFile(
  files: readonly NamedFile[],
  kind: "file" | "folder" = "file",
): Promise<void> {
  const seen: { name: string; identities: string[] }[] = [];
  // Those that are read come first, so that the error is about the one that is written.
  for (const { name, path, written } of files.toSorted((a, b) => +a.written - +b.written)) {
    if (path === undefined) continue;
    const identities = await identify(path);
    const same = seen.find((other) => other.identities.some((id) => identities.includes(id)));
    if (written && same) {
      throw new UsageError(`${name} "${path}" is the same ${kind} as ${same.name}`);
    }
    seen.push({ name, identities });
  }
}

/** What a file can be recognised by: its real path, and its inode where it has one. */
async function identify(path: string): Promise<string[]> {
  const folder = await Deno.realPath(dirname(path)).catch(() => resolve(dirname(path)));
  const real = await Deno.realPath(path).catch(() => join(folder, basename(path)));
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.ino ? [real, `${info.dev}:${info.ino}`] : [real];
}
