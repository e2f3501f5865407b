// The report of a study: the effect of its settings, and the resulting pictures.
import { type StudyResult, writeReport } from "../lib/chart/mod.ts";
import { type Image, psnr } from "../lib/image/mod.ts";
import { type ShownCase, studyTableOf } from "./_comparison.ts";
import { readCompanion } from "./_pictures.ts";
import type { Case } from "./_study.ts";
import { type CaseFiles, readResult } from "./_study_folder.ts";
import type { PosedProblem } from "./tasks/mod.ts";

/** A case and its result. */
export interface ReportedCase {
  readonly one: Case;
  readonly files: CaseFiles;
}

/** The most pictures in a report, because each adds its bytes to the page. */
export const MAX_RUNS = 16;

/** The contents of a study's report. */
export interface StudyReport {
  readonly title: string;
  /** The problem of all cases. */
  readonly posed: PosedProblem;
  /** All cases; unfinished ones are left out. */
  readonly cases: readonly ReportedCase[];
  /** The numbers of the cases. */
  readonly shown: readonly ShownCase[];
  /** The command line of the study. */
  readonly command: string;
}

/**
 * Writes the report of a study.
 *
 * @param file The report's file.
 * @param report The contents.
 * @returns The number of pictures in the report, and of finished runs.
 * @throws {FileError} If a case's picture cannot be read, or the report cannot be written.
 */
export async function writeStudyReport(
  file: string,
  { title, posed, cases, shown, command }: StudyReport,
): Promise<{ shown: number; done: number }> {
  const { problem: { initialEstimate }, clean } = posed;
  const results: StudyResult[] = [];
  const pictures: { name: string; note?: string; image: Image }[] = [];
  const decibels = (value: number | null) =>
    value === null ? {} : { note: `${value.toFixed(2)} dB` };
  const noisyPsnr = clean ? psnr(initialEstimate, clean) : null;
  pictures.push({ name: "before", ...decibels(noisyPsnr), image: initialEstimate });
  if (clean) pictures.push({ name: "reference", image: clean });
  const first = pictures.length;
  for (const { one, files } of cases) {
    const result = await readResult(files);
    if (!result) continue;
    const { settings, psnr, record } = result;
    results.push({ settings, psnr, record });
    if (pictures.length - first >= MAX_RUNS) continue;
    const { image } = await readCompanion(files.output);
    pictures.push({ name: one.name, ...decibels(psnr), image });
  }
  const study = {
    results,
    pictures,
    ...noisyPsnr === null ? {} : { noisyPsnr },
    ...shown.length > 0 ? { table: studyTableOf(shown) } : {},
  };
  await writeReport(file, { title, study, command });
  return { shown: pictures.length - first, done: results.length };
}
