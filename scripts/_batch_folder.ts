// The folders of a batch: the pictures there are, the files that go with each, and what is kept of it.
import { basename, dirname, extname, join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Image, writeFileAtomic, writeImage } from "../lib/image/mod.ts";
import type { RunRecord } from "../lib/restoration/mod.ts";
import { Failure } from "./_failure.ts";
import { claim, inUtf8, readKept, reasonOf, sha256 } from "./_kept_folder.ts";
import type { Outcome } from "./_outcome.ts";
import { WRITTEN } from "./_paths.ts";

/** A picture of the folder. */
export interface BatchPicture {
  /** Its name in the folder. */
  readonly name: string;
  readonly input: string;
  readonly output: string;
  /** What is kept of it, beside the output. */
  readonly record: string;
}

/** Something of the files that go with a picture, by the options that name them. */
export type ByOption = Readonly<Record<string, string>>;

/** What is kept of a picture that is done. */
export interface BatchResult {
  /** The SHA-256 of each file that it was made from; `picture` is its own. */
  readonly sources: ByOption;
  readonly outcome: Outcome;
  readonly record: RunRecord;
}

/** The file that says which settings the folder is of. */
const MARKER = "batch.json";

/** Extensions of pictures that can be read; some are never written. */
const READ = [...WRITTEN, ".jfif", ".jpe"];

/** Hidden files are not the user's pictures: some systems keep one beside each. */
const isPicture = (name: string) =>
  !name.startsWith(".") && READ.includes(extname(name).toLowerCase());

const isThere = (path: string): Promise<boolean> =>
  Deno.stat(path).then(({ isFile }) => isFile, () => false);

/** The names of the pictures in a folder, sorted; its subfolders are left alone. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (!isDirectory && isPicture(name)) names.push(name);
    }
  } catch (error) {
    throw new Failure(`cannot read the folder "${folder}": ${reasonOf(error as Error)}`);
  }
  return names.sort();
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

/**
 * The pictures of a folder and where each goes: under its own name, so that `a.jpg` and `a.png` do not
 * meet. What cannot be written as it was read becomes PNG: `a.jfif` goes to `a.jfif.png`.
 *
 * @param folder The folder.
 * @param output Where the restored pictures go.
 * @returns The pictures by name.
 * @throws {Failure} If the folder cannot be read, has no picture, or two of them would be one file.
 */
export async function picturesIn(folder: string, output: string): Promise<BatchPicture[]> {
  const pictures = (await namesIn(folder)).map((name) => {
    const written = WRITTEN.includes(extname(name).toLowerCase()) ? name : `${name}.png`;
    const path = join(output, written);
    return { name, input: join(folder, name), output: path, record: `${path}.json` };
  });
  if (pictures.length === 0) {
    throw new Failure(`there is no PNG, JPEG, WebP, TIFF or AVIF picture in "${folder}"`);
  }
  for (const [path, [one, other]] of Map.groupBy(pictures, ({ output }) => output)) {
    if (other) throw new Failure(`${one!.name} and ${other.name} would both go to "${path}"`);
  }
  return pictures;
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
export async function companions(
  option: string,
  path: string,
): Promise<(name: string) => string> {
  const info = await Deno.stat(path).catch((error) => {
    throw new Failure(`cannot read ${option} "${path}": ${reasonOf(error)}`);
  });
  if (!info.isDirectory) return () => path;
  const names = await namesIn(path);
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
 * @throws {ImageError} If it cannot be written to.
 */
export async function enterBatch(
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
  await claim(folder, MARKER, { settings }, "pictures of other settings");
}

/**
 * Digests the files that a picture is made from.
 *
 * @param picture The picture.
 * @param files The paths of those that go with it.
 * @returns The digests.
 * @throws {Failure} If one cannot be read.
 */
export async function digestsOf({ input }: BatchPicture, files: ByOption): Promise<ByOption> {
  const digests: Record<string, string> = {};
  for (const [option, path] of Object.entries({ ...files, picture: input })) {
    const bytes = await Deno.readFile(path).catch((error) => {
      throw new Failure(`cannot read "${path}": ${reasonOf(error)}`);
    });
    digests[option] = await sha256(bytes);
  }
  return digests;
}

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
  files: ByOption,
): Promise<BatchResult | undefined> {
  const kept = await readKept<BatchResult>(picture.record);
  if (!kept || !await isThere(picture.output)) return undefined;
  return isDeepStrictEqual(kept.sources, await digestsOf(picture, files)) ? kept : undefined;
}

/**
 * Keeps a picture and its record.
 *
 * @param picture Where they go.
 * @param image The restored picture.
 * @param result What was measured.
 * @throws {ImageError} If a file cannot be written.
 */
export async function writeBatchResult(
  { output, record }: BatchPicture,
  image: Image,
  result: BatchResult,
): Promise<void> {
  // A record of older sources must not be there with this picture, should the process die in between.
  await Deno.remove(record).catch(() => {});
  await writeImage(output, image);
  // Last: a picture counts as done when its record is there.
  await writeFileAtomic(record, inUtf8(result));
}
