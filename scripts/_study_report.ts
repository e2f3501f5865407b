// The page about a study: what its settings change, and every run.
import { type Report, writeReport } from "../lib/chart/mod.ts";
import { readImage } from "../lib/image/mod.ts";
import { type ShownCase, studyTableOf } from "./_comparison.ts";
import { shownRun } from "./_outcome.ts";
import type { RestorationOptions } from "./_restoration_options.ts";
import type { Case } from "./_study.ts";
import { type CaseFiles, readResult } from "./_study_folder.ts";
import type { Posed } from "./tasks/mod.ts";

/** A case, and what is known of it. */
export interface ReportedCase {
  readonly one: Case;
  readonly options: RestorationOptions;
  readonly files: CaseFiles;
}

/** The most runs that are shown one by one: each adds its pictures and curves to the page. */
export const MOST_RUNS = 16;

/**
 * Writes the report of a study.
 *
 * @param file Where.
 * @param title The page's title.
 * @param pose Poses a case's problem.
 * @param cases All cases; those that are not done are left out.
 * @param shown The same as they are printed.
 * @returns How many runs are shown one by one, and how many are done.
 * @throws {ImageError} If a case's picture cannot be read, or the report not written.
 */
export async function writeStudyReport(
  file: string,
  title: string,
  pose: (options: RestorationOptions) => Promise<Posed>,
  cases: readonly ReportedCase[],
  shown: readonly ShownCase[],
): Promise<{ shown: number; done: number }> {
  const study: NonNullable<Report["study"]>[number][] = [];
  const runs: NonNullable<Report["runs"]>[number][] = [];
  for (const { one, options, files } of cases) {
    const result = await readResult(files);
    if (!result) continue;
    const { settings, psnr, record } = result;
    study.push({ settings, psnr, record });
    if (runs.length >= MOST_RUNS) continue;
    const after = await readImage(files.output);
    runs.push({ name: one.name, ...shownRun(await pose(options), record, after) });
  }
  const studyTable = shown.length > 0 ? { studyTable: studyTableOf(shown) } : {};
  await writeReport(file, { title, study, ...studyTable, runs });
  return { shown: runs.length, done: study.length };
}
