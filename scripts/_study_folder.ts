// The folder of a study: what it is about, and the record and picture of every case that is done.
import { join } from "node:path";
import { checkFileWritable, type Image, writeFileAtomic, writeImage } from "../lib/image/mod.ts";
import { RECORD_VERSION, type RunRecord } from "../lib/restoration/mod.ts";
import { Failure } from "./_failure.ts";
import type { Pictures } from "./_pictures.ts";
import type { Case } from "./_study.ts";

/** What is kept of a case that is done. */
export interface CaseResult {
  readonly settings: Case["settings"];
  /** With a reference: of the picture that the run returned. */
  readonly psnr: number | null;
  readonly ssim: number | null;
  readonly record: RunRecord;
}

/** The files of a case. */
export interface CaseFiles {
  readonly output: string;
  readonly record: string;
}

const inUtf8 = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/**
 * Where a case's files are.
 *
 * @param folder The study's folder.
 * @param one The case.
 * @returns The files, whether or not they are there.
 *
 * @example
 * ```ts
 * import { filesOf } from "./_study_folder.ts";
 * import assert from "node:assert/strict";
 * const name = "gaussian-sigma=0.1,0.5 norm=none";
 * assert.equal(filesOf("study", { name }).output, "study/gaussian-sigma=0.1_0.5_norm=none.png");
 * ```
 */
export function filesOf(folder: string, { name }: Pick<Case, "name">): CaseFiles {
  const file = join(folder, name.replaceAll(/[^\w.=-]+/g, "_"));
  return { output: `${file}.png`, record: `${file}.json` };
}

/**
 * Makes the folder, or sees that it belongs to this study: results of another picture or of other
 * settings must not be mixed in.
 *
 * @param folder The folder.
 * @param pictures The pictures as they were read.
 * @param settings What all cases have in common.
 * @throws {Failure} If it belongs to another study, or cannot be made.
 * @throws {ImageError} If it cannot be written to.
 */
export async function enter(folder: string, pictures: Pictures, settings: object): Promise<void> {
  const about = {
    record: RECORD_VERSION,
    input: await fingerprint(pictures.picture),
    reference: pictures.reference ? await fingerprint(pictures.reference) : null,
    // The order in which options are given does not matter.
    settings: Object.fromEntries(Object.entries(settings).sort(([a], [b]) => a < b ? -1 : 1)),
  };
  const file = join(folder, "study.json"), study = inUtf8(about);
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    const reason = (error as Error).message.replace(/ \(os error.*/, "");
    throw new Failure(`cannot make the folder "${folder}": ${reason}`);
  }
  const there = await Deno.readTextFile(file).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Failure(`cannot read "${file}": ${error.message.replace(/ \(os error.*/, "")}`);
  });
  if (there === undefined) return await writeFileAtomic(file, study);
  if (there === new TextDecoder().decode(study)) return;
  throw new Failure(
    `"${folder}" holds a study of another picture or other settings; choose another --output`,
  );
}

/** What a picture can be recognised by. */
async function fingerprint({ height, width, channels, data }: Image): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", data as Float32Array<ArrayBuffer>);
  return `${width}x${height}x${channels} ${new Uint8Array(digest).toHex()}`;
}

/**
 * The result of a case that an earlier run finished.
 *
 * @param files The case's files.
 * @returns The result; undefined if there is none, or none that can be used.
 */
export async function readResult({ record }: CaseFiles): Promise<CaseResult | undefined> {
  try {
    const result: CaseResult = JSON.parse(await Deno.readTextFile(record));
    return result.record.version === RECORD_VERSION ? result : undefined;
  } catch {
    return undefined;
  }
}

/** Throws an `ImageError` if a case's result could not be kept. */
export const checkResult = ({ record }: CaseFiles): Promise<void> => checkFileWritable(record);

/**
 * Keeps the result of a case.
 *
 * @param files The case's files.
 * @param image The restored picture.
 * @param result What was measured.
 * @throws {ImageError} If a file cannot be written.
 */
export async function writeResult(
  { output, record }: CaseFiles,
  image: Image,
  result: CaseResult,
): Promise<void> {
  await writeImage(output, image);
  // Last: a case counts as done when its record is there.
  await writeFileAtomic(record, inUtf8(result));
}
