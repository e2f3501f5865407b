// The files of a command: the default output, its format, and protection against overwriting.
import { basename, dirname, extname, join, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import {
  type ReadFormat,
  WRITTEN_EXTENSIONS,
  type WrittenFormat,
  writtenFormatOf,
} from "../lib/image/mod.ts";
import { UsageError } from "./_failure.ts";
import { isStandardInput } from "./_pictures.ts";

/** Names of standard output. */
const STANDARD_OUTPUT = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/** Whether a path is standard output. */
export const isStandardOutput = (path: string): boolean => STANDARD_OUTPUT.includes(path);

/** Parses a format that can be written: an extension without its dot. */
export function writtenFormat(text: string): WrittenFormat {
  const format = writtenFormatOf(`x.${text}`);
  if (format) return format;
  const names = WRITTEN_EXTENSIONS.map((extension) => extension.slice(1)).join(", ");
  throw new InvalidArgumentError(`It must be one of ${names}.`);
}

/** The usual extension of a format. */
const extensionOf = (format: WrittenFormat): string =>
  WRITTEN_EXTENSIONS.find((extension) => writtenFormatOf(`x${extension}`) === format)!;

/**
 * The name of the output: that of the input if its format can be written. Otherwise the new extension is appended to
 * the whole name, so that `a.heic` and `a.png` do not collide.
 *
 * @param name The input's name.
 * @param suffix A suffix before the extension.
 * @param format The output's format, if it is given.
 * @returns The name.
 *
 * @example
 * ```ts
 * import { outputName } from "./_paths.ts";
 * import assert from "node:assert/strict";
 * assert.equal(outputName("a.JPG", "-denoised"), "a-denoised.JPG");
 * assert.equal(outputName("a.heic", "-denoised"), "a.heic-denoised.png");
 * assert.equal(outputName("a.heic", "", "jpeg"), "a.heic.jpg");
 * ```
 */
export function outputName(name: string, suffix: string, format?: WrittenFormat): string {
  const extension = extname(name), own = writtenFormatOf(name);
  if (own && (format === undefined || format === own)) {
    return `${basename(name, extension)}${suffix}${extension}`;
  }
  return `${name}${suffix}${extensionOf(format ?? "png")}`;
}

/** The default output, beside the input. */
export const defaultOutput = (input: string, suffix: string, format?: WrittenFormat): string =>
  join(dirname(input), outputName(basename(input), suffix, format));

/** The options that decide the output's path. */
export interface OutputPlace {
  /** A file, a folder, or `-`. */
  readonly output?: string;
  readonly format?: WrittenFormat;
}

/**
 * The path of the output.
 *
 * @param input The picture's file.
 * @param suffix The suffix of the default name.
 * @param place The options.
 * @default {none}
 * @returns The file: as it is named, in the folder that is named, or beside the input; standard output if the input
 * is standard input and no output is named.
 *
 * @example
 * ```ts
 * import { outputFor } from "./_paths.ts";
 * import assert from "node:assert/strict";
 * assert.equal(await outputFor("a/photo.jpg", "-denoised"), "a/photo-denoised.jpg");
 * assert.equal(await outputFor("a/photo.jpg", "-denoised", { output: "b/" }), "b/photo-denoised.jpg");
 * ```
 */
export async function outputFor(
  input: string,
  suffix: string,
  { output, format }: OutputPlace = {},
): Promise<string> {
  const isPiped = isStandardInput(input);
  if (output === undefined) return isPiped ? "-" : defaultOutput(input, suffix, format);
  if (isStandardOutput(output)) return "-";
  const name = outputName(isPiped ? "picture" : basename(input), suffix, format);
  const isFolder = /[/\\]$/.test(output) ||
    await Deno.stat(output).then(({ isDirectory }) => isDirectory, () => false);
  return isFolder ? join(output, name) : output;
}

/**
 * The format of an output.
 *
 * @param output The output.
 * @param format The format of the command line.
 * @param read The input's format.
 * @returns The format given, or that of the output's extension; for standard output the input's, if it can be
 * written.
 * @throws {UsageError} If extension and option differ.
 */
export function formatFor(
  output: string,
  format: WrittenFormat | undefined,
  read: ReadFormat,
): WrittenFormat | undefined {
  if (isStandardOutput(output)) {
    return format ?? (read === "bmp" || read === "heic" ? "png" : read);
  }
  const named = writtenFormatOf(output);
  if (format && named && named !== format) {
    throw new UsageError(`--format ${format} does not go with the output "${output}"`);
  }
  return format ?? named;
}

/**
 * Checks the extension of a file.
 *
 * @param option The option that names it.
 * @param file The file; undefined is allowed.
 * @param extension The required extension.
 * @throws {UsageError} If it has another.
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
  /** Its name in messages. */
  readonly name: string;
  readonly path: string | undefined;
  readonly written: boolean;
}

/**
 * Checks that no file is overwritten that is read, and that no file is written twice. Links and relative paths are
 * resolved; standard input and output do not count.
 *
 * @param files The command's files; those without a path are skipped.
 * @param kind The kind of the files, for the message.
 * @default {"file"}
 * @throws {UsageError} If two of them are the same.
 */
export async function refuseSameFile(
  files: readonly NamedFile[],
  kind: "file" | "folder" = "file",
): Promise<void> {
  const seen: { name: string; identities: string[] }[] = [];
  // Files that are read come first, so that the error names the one that is written.
  for (const { name, path, written } of files.toSorted((a, b) => +a.written - +b.written)) {
    if (path === undefined || (written ? isStandardOutput(path) : isStandardInput(path))) continue;
    const identities = await identify(path);
    const same = seen.find((other) => other.identities.some((id) => identities.includes(id)));
    if (written && same) {
      throw new UsageError(`${name} "${path}" is the same ${kind} as ${same.name}`);
    }
    seen.push({ name, identities });
  }
}

/** Identifiers of a file: its real path, and its inode if it has one. */
async function identify(path: string): Promise<string[]> {
  const folder = await Deno.realPath(dirname(path)).catch(() => resolve(dirname(path)));
  const real = await Deno.realPath(path).catch(() => join(folder, basename(path)));
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.ino ? [real, `${info.dev}:${info.ino}`] : [real];
}
