// The summary of a batch: a list as JSON, a table, and a page with every picture before and after.
import { type Report, writeReport } from "../lib/chart/mod.ts";
import type { BatchPicture, BatchResult } from "./_batch_folder.ts";
import { readKeptResult } from "./_kept_folder.ts";
import { type BeforeAfter, formatChange, type Outcome, reportRunOf } from "./_outcome.ts";
import { readCompanion } from "./_pictures.ts";
import { MAX_RUNS } from "./_study_report.ts";
import { table } from "./_table.ts";
import type { PosedProblem } from "./tasks/mod.ts";

/** A picture that was restored, as `--json` prints it. */
export interface DonePicture extends Omit<Outcome, "report"> {
  readonly picture: string;
  /** The size of the restored picture. */
  readonly width: number;
  readonly height: number;
  /** The number of pages of the file, if there are several; the numbers are those of the first. */
  readonly pages?: number;
  /** Whether it was restored by an earlier run. */
  readonly skipped: boolean;
}

/** A picture that could not be restored. */
export interface FailedPicture {
  readonly picture: string;
  readonly error: string;
}

/** A picture in the summary. */
export type ShownPicture = DonePicture | FailedPicture;

/** Whether a picture was restored. */
export const isDone = (one: ShownPicture): one is DonePicture => !("error" in one);

/**
 * The numbers of a picture in the summary.
 *
 * @param picture The picture; its folder may have been moved since.
 * @param result The stored result.
 * @param skipped Whether it was restored by an earlier run.
 * @returns The numbers.
 */
export function pictureSummary(
  { input, output, record }: BatchPicture,
  { outcome: { report: _, ...outcome }, record: { picture }, pages }: BatchResult,
  skipped: boolean,
): DonePicture {
  const { width, height } = picture;
  const count = pages ? { pages: pages.length } : {};
  return { picture: input, width, height, ...count, ...outcome, output, record, skipped };
}

const NOTHING = "-";

/** A table's column. */
type Column = readonly [name: string, of: (one: DonePicture) => string | undefined];

const changed = (numbers: BeforeAfter | null, digits: number) =>
  numbers ? formatChange(numbers, digits) : undefined;

const COLUMNS: readonly Column[] = [
  ["size", ({ width, height }) => `${width}x${height}`],
  ["pages", ({ pages }) => pages === undefined ? undefined : `${pages}`],
  ["PSNR", ({ psnr }) => changed(psnr, 2)],
  ["SSIM", ({ ssim }) => changed(ssim, 3)],
  ["iterations", ({ iterations }) => `${iterations}`],
  ["ended", ({ stopReason, rule }) => stopReason === "rule" ? rule : stopReason],
  ["seconds", ({ seconds }) => seconds.toFixed(1)],
];

/**
 * The batch as a table: a row for each picture, then the reasons of failures. Empty columns are left out.
 *
 * @param pictures The pictures by name.
 * @returns Lines without a final line break.
 */
export function batchTable(pictures: ReadonlyMap<string, ShownPicture>): string {
  if (pictures.size === 0) return "nothing is done yet";
  const all = [...pictures], done = [...pictures.values()].filter(isDone);
  const columns = COLUMNS.filter(([, of]) => done.some((one) => of(one) !== undefined));
  const rows = all.map(([name, one]) => [
    name,
    ...isDone(one)
      ? columns.map(([, of]) => of(one) ?? NOTHING)
      : columns.map(([name]) => name === "ended" ? "failed" : NOTHING),
  ]);
  const reasons = all.flatMap(([name, one]) => isDone(one) ? [] : [`${name}: ${one.error}`]);
  const shown = done.length > 0 ? [table(["picture", ...columns.map(([name]) => name)], rows)] : [];
  return [...shown, ...reasons].join("\n");
}

/**
 * Writes the report of a batch.
 *
 * @param file The report's file.
 * @param title The page's title.
 * @param pictures The pictures that were restored.
 * @param pose Poses a picture's problem.
 * @param command The command line of the batch.
 * @returns The number of pictures in the report.
 * @throws {FileError} If a picture cannot be read, or the report cannot be written.
 */
export async function writeBatchReport(
  file: string,
  title: string,
  pictures: readonly BatchPicture[],
  pose: (picture: BatchPicture) => Promise<PosedProblem>,
  command: string,
): Promise<number> {
  const runs: NonNullable<Report["runs"]>[number][] = [];
  for (const picture of pictures.slice(0, MAX_RUNS)) {
    const kept = await readKeptResult<BatchResult>(picture.record);
    if (!kept) continue;
    const { image: after } = await readCompanion(picture.output);
    runs.push({ name: picture.name, ...reportRunOf(await pose(picture), kept.record, after) });
  }
  await writeReport(file, { title, runs, command });
  return runs.length;
}
