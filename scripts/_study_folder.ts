// The folder of a study: its identity, and the record and picture of every finished case.
import { join } from "node:path";
import { checkFileWritable, writeFileAtomic } from "../lib/files/mod.ts";
import { type Image } from "../lib/image/mod.ts";
import type { RunRecord } from "../lib/restoration/mod.ts";
import type { JobResult } from "./jobs/mod.ts";
import { claimFolder, jsonBytes, readKeptResult, sha256 } from "./_kept_folder.ts";
import type { Pictures } from "./_pictures.ts";
import type { Case } from "./_study.ts";

/** The stored result of a case. */
export interface CaseResult {
  readonly settings: Case["settings"];
  /** With a reference: PSNR of the result. */
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
 * @returns The files, whether they exist or not.
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
 * Creates the folder, or checks that it belongs to this study, so that results of other pictures or settings are not
 * mixed in.
 *
 * @param folder The folder.
 * @param pictures The pictures of the study.
 * @param settings The common settings.
 * @throws {Failure} If it belongs to another study, or cannot be created.
 * @throws {FileError} If it is not writable.
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

/** The identity of a picture. */
async function fingerprint({ height, width, channels, data }: Image): Promise<string> {
  return `${width}x${height}x${channels} ${await sha256(data)}`;
}

/**
 * Reads the result of a case from an earlier run.
 *
 * @param files The case's files.
 * @returns The result; undefined if there is none, or it is not usable.
 */
export const readResult = ({ record }: CaseFiles): Promise<CaseResult | undefined> =>
  readKeptResult<CaseResult>(record);

/** Throws a `FileError` if a case's result could not be written. */
export const checkResult = ({ record }: CaseFiles): Promise<void> => checkFileWritable(record);

/**
 * Writes the result of a case.
 *
 * @param one The case.
 * @param files The case's files.
 * @param done The result of its job.
 * @returns The stored result.
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
  // Write the record last: it marks the case as done.
  await writeFileAtomic(recordFile, jsonBytes(result));
  return result;
}
