// The folders of a batch: the pictures there are, the files that go with each, and what is kept of it.
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
  /** Its name in the folder. */
  readonly name: string;
  readonly input: string;
  readonly output: string;
  /** What is kept of it, beside the output. */
  readonly record: string;
}

/** What is kept of a picture that is done. */
export interface BatchResult {
  /** The SHA-256 of each file that it was made from; `picture` is its own. */
  readonly sources: FilesByOption;
  /** Of the first page, if there are several. */
  readonly outcome: Outcome;
  readonly record: RunRecord;
  /** Of all pages, if there are several. */
  readonly pages?: readonly { readonly outcome: Outcome; readonly record: RunRecord }[];
}

/** The file that says which settings the folder is of. */
const MARKER = "batch.json";

/** Extensions of pictures that can be read; some are never written. */
const READ = [
  ...WRITTEN_EXTENSIONS,
  ...[".bmp", ".dib", ".heic", ".heif", ".hif", ".mpo", ".dng", ".nef", ".cr2", ".arw"],
];

/** As many bytes say what a file is. */
const HEAD = 64;

/** Whether a file is called like a picture, or begins as one whatever it is called. */
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

/** What a folder has: pictures, and what is none; sorted by name. */
interface Listing {
  readonly pictures: string[];
  readonly others: string[];
  readonly folders: string[];
}

/** Hidden files are not the user's: some systems keep one beside each picture. */
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
 * The output folder where none is given.
 *
 * @param folder The folder of pictures.
 * @param suffix What its name gains.
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
  // "." has no name to gain something.
  const named = /^\.{1,2}$/.test(basename(folder)) ? resolve(folder) : folder;
  return join(dirname(named), `${basename(named)}${suffix}`);
}

/** The pictures of a folder, and what is left out. */
export interface FolderPictures {
  readonly pictures: BatchPicture[];
  /** A line that names what is no picture; undefined if there is nothing. */
  readonly left: string | undefined;
}

/** Of more files not each is named. */
const MOST_NAMED = 12;

/**
 * The pictures of a folder and where each goes: under its own name, so that `a.jpg` and `a.png` do not
 * meet. What cannot be written as it was read becomes PNG: `a.heic` goes to `a.heic.png`.
 *
 * @param folder The folder.
 * @param output Where the restored pictures go.
 * @param format What they are written as. @default {as they are}
 * @returns The pictures by name, and what else is there.
 * @throws {Failure} If the folder cannot be read, has no picture, or two of them would be one file.
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
 * Finds the file that an option names for each picture.
 *
 * @param option The option, such as `--mask`.
 * @param path A file for all of them, or a folder where each has its own: of its name, or of its name
 * but for the extension.
 * @returns From a picture's name to the file; it throws a `Failure` if the folder has none, or several.
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
 * Makes the output folder, or sees that it is of these settings.
 *
 * @param folder The folder.
 * @param pictures The pictures that go there.
 * @param settings What all of them have in common.
 * @throws {Failure} If it is of other settings, or has files under these names that no batch has made.
 * @throws {FileError} If it cannot be written to.
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

/** All files that a picture is made from, by option. */
export const sourcesOf = ({ input }: BatchPicture, files: FilesByOption): FilesByOption => ({
  ...files,
  picture: input,
});

/**
 * What an earlier run has made of a picture.
 *
 * @param picture The picture.
 * @param files The paths of the files that go with it now.
 * @returns The result; undefined if there is none, or it was made from other files.
 * @throws {Failure} If one cannot be read.
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
 * Keeps a picture and its record.
 *
 * @param picture Where they go.
 * @param done What its job gave.
 * @returns What is kept.
 * @throws {FileError} If a file cannot be written.
 */
export async function writeBatchResult(
  { output, record: recordFile }: BatchPicture,
  { sources, pages, write }: JobResult,
): Promise<BatchResult> {
  const place = { output, record: recordFile, report: null };
  const kept = pages.map(({ outcome, record }) => ({ outcome: { ...place, ...outcome }, record }));
  const result = { sources, ...kept[0]!, ...kept.length > 1 && { pages: kept } };
  // A record of older sources must not be there with this picture, should the process die in between.
  await Deno.remove(recordFile).catch(() => {});
  await write(output);
  // Last: a picture counts as done when its record is there.
  await writeFileAtomic(recordFile, jsonBytes(result));
  return result;
}
