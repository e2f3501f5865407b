// The page about a batch: every picture before and after, with its run.
import { type Report, writeReport } from "../lib/chart/mod.ts";
import type { BatchPicture, BatchResult } from "./_batch_folder.ts";
import { readKept } from "./_kept_folder.ts";
import { shownRun } from "./_outcome.ts";
import { readCompanion } from "./_pictures.ts";
import { MOST_RUNS } from "./_study_report.ts";
import type { Posed } from "./tasks/mod.ts";

/**
 * Writes the report of a batch.
 *
 * @param file Where.
 * @param title The page's title.
 * @param pictures The pictures that are done.
 * @param pose Poses a picture's problem.
 * @param command The command line that makes the batch again.
 * @returns How many of them are shown.
 * @throws {ImageError} If a picture cannot be read, or the report not written.
 */
export async function writeBatchReport(
  file: string,
  title: string,
  pictures: readonly BatchPicture[],
  pose: (picture: BatchPicture) => Promise<Posed>,
  command: string,
): Promise<number> {
  const runs: NonNullable<Report["runs"]>[number][] = [];
  for (const picture of pictures.slice(0, MOST_RUNS)) {
    const kept = await readKept<BatchResult>(picture.record);
    if (!kept) continue;
    const { image: after } = await readCompanion(picture.output);
    runs.push({ name: picture.name, ...shownRun(await pose(picture), kept.record, after) });
  }
  await writeReport(file, { title, runs, command });
  return runs.length;
}
