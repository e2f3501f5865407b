// The folders of a batch: its pictures, the files that belong to each, and the stored results.
import { basename, dirname, extname, join, resolve } from "node:path";
import { writeFileAtomic } from "../lib/files/mod.ts";
import { hasPictureSignature, WRITTEN_EXTENSIONS, type WrittenFormat } from "../lib/image/mod.ts";
import type { RunRecord } from "../lib/restoration/mod.ts";
import { Failure } from "./_failure.ts";
import { areSame, digestsOf, type FilesByOption, type JobResult } from "./jobs/mod.ts";
import { claimFolder, jsonBytes, readKeptResult, reasonOf } from "./_kept_folder.ts";
import type { Outcome } from "./_outcome.ts";
import { outputName } from "./_paths.ts";

/** A picture of the folder. */
export interface BatchPicture {
  /** Its file name. */
  readonly name: string;
  readonly input: string;
  readonly output: string;
  /** The file of its result, beside the output. */
  readonly record: string;
}

/** The stored result of a picture. */
export interface BatchResult {
  /** The SHA-256 of each source file; `picture` is the picture's own. */
  readonly sources: FilesByOption;
  /** The outcome of the first page, if there are several. */
  readonly outcome: Outcome;
  readonly record: RunRecord;
  /** All pages, if there are several. */
  readonly pages?: readonly { readonly outcome: Outcome; readonly record: RunRecord }[];
}

/** The file that states the settings of the folder. */
const MARKER = "batch.json";

/** Extensions of pictures that can be read; some cannot be written. */
const READ = [
  ...WRITTEN_EXTENSIONS,
  ...[".bmp", ".dib", ".heic", ".heif", ".hif", ".mpo", ".dng", ".nef", ".cr2", ".arw"],
];

/** The number of bytes by which a file's format is detected. */
const HEAD = 64;

/** Whether a file has the extension of a picture, or begins like one. */
async function isPicture(folder: string, name: string): Promise<boolean> {
  if (READ.includes(extname(name).toLowerCase())) return true;
  const head = new Uint8Array(HEAD);
  try {
    using file = await Deno.open(join(folder, name));
    return hasPictureSignature(head.subarray(0, await file.read(head) ?? 0));
  } catch {
    return false;
  }
}

const isThere = (path: string): Promise<boolean> =>
  Deno.stat(path).then(({ isFile }) => isFile, () => false);

/** The files of a folder: pictures and others, sorted by name. */
interface Listing {
  readonly pictures: string[];
  readonly others: string[];
  readonly folders: string[];
}

/** Lists a folder without hidden files; some systems create one for each picture. */
async function listed(folder: string): Promise<Listing> {
  const found: Listing = { pictures: [], others: [], folders: [] };
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (name.startsWith(".")) continue;
      if (isDirectory) found.folders.push(name);
      else (await isPicture(folder, name) ? found.pictures : found.others).push(name);
    }
  } catch (error) {
    throw new Failure(`cannot read the folder "${folder}": ${reasonOf(error as Error)}`);
  }
  for (const names of Object.values(found)) names.sort();
  return found;
}

/**
 * The default output folder.
 *
 * @param folder The folder of pictures.
 * @param suffix The suffix of the name.
 * @returns A folder beside it.
 *
 * @example
 * ```ts
 * import { defaultFolder } from "./_batch_folder.ts";
 * import assert from "node:assert/strict";
 * assert.equal(defaultFolder("a/photos/", "-denoised"), "a/photos-denoised");
 * ```
 */
export function defaultFolder(folder: string, suffix: string): string {
  // "." has no name to which a suffix could be added.
  const named = /^\.{1,2}$/.test(basename(folder)) ? resolve(folder) : folder;
  return join(dirname(named), `${basename(named)}${suffix}`);
}

/** The pictures of a folder, and the files that are left out. */
export interface FolderPictures {
  readonly pictures: BatchPicture[];
  /** A line that names the files that are not pictures; undefined if there are none. */
  readonly left: string | undefined;
}

/** The most files that are listed by name. */
const MOST_NAMED = 12;

/**
 * The pictures of a folder and their outputs. Outputs keep the names of the pictures, so that `a.jpg` and `a.png` do
 * not collide. A picture whose format cannot be written becomes PNG: `a.heic` becomes `a.heic.png`.
 *
 * @param folder The folder.
 * @param output The folder of the restored pictures.
 * @param format The format of the outputs.
 * @default {that of each picture}
 * @returns The pictures by name, and the other files.
 * @throws {Failure} If the folder cannot be read, has no picture, or two pictures have the same output.
 */
export async function picturesIn(
  folder: string,
  output: string,
  format?: WrittenFormat,
): Promise<FolderPictures> {
  const { pictures: names, others, folders } = await listed(folder);
  const pictures = names.map((name) => {
    const path = join(output, outputName(name, "", format));
    return { name, input: join(folder, name), output: path, record: `${path}.json` };
  });
  if (pictures.length === 0) {
    throw new Failure(
      `there is no PNG, JPEG, WebP, TIFF, AVIF, HEIC, GIF or BMP picture in "${folder}"`,
    );
  }
  for (const [path, [one, other]] of Map.groupBy(pictures, ({ output }) => output)) {
    if (other) throw new Failure(`${one!.name} and ${other.name} would both go to "${path}"`);
  }
  const isOutput = (name: string) => resolve(folder, name) === resolve(output);
  const left = [
    ...others,
    ...folders.filter((name) => !isOutput(name)).map((name) => `${name} (a folder)`),
  ];
  const named = left.slice(0, MOST_NAMED), more = left.length - named.length;
  if (more > 0) named.push(`${more} more`);
  const line = `left out, no pictures: ${new Intl.ListFormat("en").format(named)}`;
  return { pictures, left: left.length > 0 ? line : undefined };
}

/**
 * Finds the file of an option for each picture.
 *
 * @param option The option, such as `--mask`.
 * @param path A file for all pictures, or a folder with a file for each: of the same name, or of the same name with
 * another extension.
 * @returns A function from a picture's name to the file; it throws a `Failure` if there is none, or several.
 * @throws {Failure} If there is no such file or folder.
 */
export async function companionFiles(
  option: string,
  path: string,
): Promise<(name: string) => string> {
  const info = await Deno.stat(path).catch((error) => {
    throw new Failure(`cannot read ${option} "${path}": ${reasonOf(error)}`);
  });
  if (!info.isDirectory) return () => path;
  const { pictures: names } = await listed(path);
  const stem = (name: string) => basename(name, extname(name));
  return (name) => {
    const alike = names.filter((other) => stem(other) === stem(name));
    const found = alike.includes(name) ? name : alike[0];
    if (found === undefined) throw new Failure(`${option} "${path}" has no picture of its name`);
    if (found !== name && alike.length > 1) {
      throw new Failure(`${option} "${path}" has several of its name: ${alike.join(", ")}`);
    }
    return join(path, found);
  };
}

/**
 * Creates the output folder, or checks that it has the same settings.
 *
 * @param folder The folder.
 * @param pictures The pictures of the batch.
 * @param settings The common settings.
 * @throws {Failure} If it has other settings, or contains files of these names that no batch has written.
 * @throws {FileError} If it is not writable.
 */
export async function openBatchFolder(
  folder: string,
  pictures: readonly BatchPicture[],
  settings: object,
): Promise<void> {
  if (!await isThere(join(folder, MARKER))) {
    for (const { output } of pictures) {
      if (!await isThere(output)) continue;
      throw new Failure(`"${output}" is there, and not from a batch; choose another --output`);
    }
  }
  await claimFolder(folder, MARKER, { settings }, "pictures of other settings");
}

/** All source files of a picture, by option. */
export const sourcesOf = ({ input }: BatchPicture, files: FilesByOption): FilesByOption => ({
  ...files,
  picture: input,
});

/**
 * Reads the result of an earlier run.
 *
 * @param picture The picture.
 * @param files The paths of its other source files.
 * @returns The result; undefined if there is none, or its source files were different.
 * @throws {Failure} If a source file cannot be read.
 */
export async function readBatchResult(
  picture: BatchPicture,
  files: FilesByOption,
): Promise<BatchResult | undefined> {
  const kept = await readKeptResult<BatchResult>(picture.record);
  if (!kept || !await isThere(picture.output)) return undefined;
  return areSame(kept.sources, await digestsOf(sourcesOf(picture, files))) ? kept : undefined;
}

/**
 * Writes a picture and its result.
 *
 * @param picture The picture with its output paths.
 * @param done The result of its job.
 * @returns The stored result.
 * @throws {FileError} If a file cannot be written.
 */
export async function writeBatchResult(
  { output, record: recordFile }: BatchPicture,
  { sources, pages, write }: JobResult,
): Promise<BatchResult> {
  const place = { output, record: recordFile, report: null };
  const kept = pages.map(({ outcome, record }) => ({ outcome: { ...place, ...outcome }, record }));
  const result = { sources, ...kept[0]!, ...kept.length > 1 && { pages: kept } };
  // Remove the old record first, so that it is never beside the new picture if the process is killed in between.
  await Deno.remove(recordFile).catch(() => {});
  await write(output);
  // Write the record last: it marks the picture as done.
  await writeFileAtomic(recordFile, jsonBytes(result));
  return result;
}
