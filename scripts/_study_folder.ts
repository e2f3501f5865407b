// The folder of a study: what it is about, and the record and picture of every case that is done.
import { join } from "node:path";
import { checkFileWritable, writeFileAtomic } from "../lib/files/mod.ts";
import { type Image } from "../lib/image/mod.ts";
import type { RunRecord } from "../lib/restoration/mod.ts";
import type { JobResult } from "./jobs/mod.ts";
import { claimFolder, jsonBytes, readKeptResult, sha256 } from "./_kept_folder.ts";
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
 * @throws {FileError} If it cannot be written to.
 */
export async function openStudyFolder(
  folder: string,
  pictures: Pictures,
  settings: object,
): Promise<void> {
  const about = {
    input: await fingerprint(pictures.picture),
    reference: pictures.reference ? await fingerprint(pictures.reference) : null,
    settings,
  };
  await claimFolder(folder, "study.json", about, "a study of another picture or other settings");
}

/** What a picture can be recognised by. */
async function fingerprint({ height, width, channels, data }: Image): Promise<string> {
  return `${width}x${height}x${channels} ${await sha256(data)}`;
}

/**
 * The result of a case that an earlier run finished.
 *
 * @param files The case's files.
 * @returns The result; undefined if there is none, or none that can be used.
 */
export const readResult = ({ record }: CaseFiles): Promise<CaseResult | undefined> =>
  readKeptResult<CaseResult>(record);

/** Throws an `FileError` if a case's result could not be kept. */
export const checkResult = ({ record }: CaseFiles): Promise<void> => checkFileWritable(record);

/**
 * Keeps the result of a case.
 *
 * @param one The case.
 * @param files The case's files.
 * @param done What its job gave.
 * @returns What is kept.
 * @throws {FileError} If a file cannot be written.
 */
export async function writeResult(
  { settings }: Case,
  { output, record: recordFile }: CaseFiles,
  { pages: [{ outcome, record }], write }: JobResult,
): Promise<CaseResult> {
  const psnr = outcome.psnr?.after ?? null, ssim = outcome.ssim?.after ?? null;
  const result = { settings, psnr, ssim, record };
  await write(output);
  // Last: a case counts as done when its record is there.
  await writeFileAtomic(recordFile, jsonBytes(result));
  return result;
}
