// Saves the result of a command, and describes it.
import { describeNoise, type NoiseModel } from "../lib/noise/mod.ts";
import { basename, join } from "node:path";
import { writeFileAtomic } from "../lib/files/mod.ts";
import {
  type Animation,
  encodePicture,
  type Image,
  luminancePsnr,
  psnr,
  ssim,
  writePages,
  type WrittenFormat,
  type WrittenPage,
} from "../lib/image/mod.ts";
import type { RuleRecord, RunRecord } from "../lib/restoration/mod.ts";
import type { PosedProblem } from "./tasks/mod.ts";
import { type Report, writeReport } from "../lib/chart/mod.ts";
import { Failure } from "./_failure.ts";
import { reasonOf } from "./_kept_folder.ts";
import { isStandardOutput, outputName } from "./_paths.ts";
import { duration } from "./_progress.ts";

/** A restored picture. */
export interface RestoredPage {
  /** Its page number, from 1. */
  readonly page: number;
  readonly posed: PosedProblem;
  readonly image: Image;
  readonly record: RunRecord;
}

/** The results and their files. */
export interface SaveOptions {
  /** The restored pictures, at least one. */
  readonly pages: readonly RestoredPage[];
  /** All pictures of the output file, with their metadata. */
  readonly written: readonly WrittenPage[];
  /** A file, or `-` for standard output. */
  readonly output: string;
  readonly format: WrittenFormat;
  /** The timing of frames, if the output is an animation. */
  readonly animation: Animation | undefined;
  /** The record's file, if any. */
  readonly recordFile: string | undefined;
  /** The report's file, if any. */
  readonly reportFile: string | undefined;
}

/**
 * Writes the picture, the record and the report. If the picture cannot be written, it is written to the system's
 * temporary folder; the others are written in any case.
 *
 * @param saving The results and their files.
 * @param command The command line, for the report.
 * @throws {Failure} If a file could not be written; the message says where the picture is.
 */
export async function saveOutcome(saving: SaveOptions, command: string): Promise<void> {
  const { pages, recordFile, reportFile } = saving;
  const problems: string[] = [];
  const attempt = (writing: Promise<void>) =>
    writing.then(() => true, (error: Error) => {
      problems.push(error.message);
      return false;
    });
  const isWritten = await attempt(writePicture(saving));
  const place = isWritten ? saving.output : await rescue(saving);
  if (reportFile !== undefined) await attempt(writeReport(reportFile, reportOf(saving, command)));
  if (recordFile !== undefined) {
    const records = pages.map(({ record }) => record);
    const text = `${JSON.stringify(records.length === 1 ? records[0] : records, null, 2)}\n`;
    await attempt(writeFileAtomic(recordFile, new TextEncoder().encode(text)));
  }
  if (problems.length === 0) return;
  const picture = place === undefined
    ? "the picture could not be kept in the temporary folder either"
    : `the picture is in "${place}"`;
  throw new Failure(`${problems.join("; ")}; ${picture}`);
}

/** Writes the file, or sends it to standard output. */
async function writePicture({ written, output, format, animation }: SaveOptions): Promise<void> {
  const options = { format, ...animation && { animation } };
  if (!isStandardOutput(output)) return await writePages(output, written, options);
  const bytes = await encodePicture(written, format, animation);
  try {
    for (let done = 0; done < bytes.length;) {
      done += await Deno.stdout.write(bytes.subarray(done));
    }
  } catch (error) {
    throw new Failure(`cannot write to standard output: ${reasonOf(error as Error)}`);
  }
}

/** The report of the runs. */
function reportOf({ pages, output }: SaveOptions, command: string): Report {
  const title = isStandardOutput(output) ? "a picture" : basename(output);
  const runs = pages.map(({ page, posed, image, record }) => ({
    ...pages.length > 1 ? { name: `page ${page}` } : {},
    ...reportRunOf(posed, record, image),
  }));
  return { title, runs, command };
}

/** A run in a report: before, after, and the clean picture if it is known. */
export const reportRunOf = (
  { problem, clean, given = problem.initialEstimate }: PosedProblem,
  record: RunRecord,
  after: Image,
) => ({
  record,
  before: given,
  after,
  ...clean ? { reference: clean } : {},
});

/** Writes the picture to a new folder in the temporary folder; undefined if that fails too. */
async function rescue(saving: SaveOptions): Promise<string | undefined> {
  const { output, format } = saving;
  let folder: string | undefined;
  try {
    folder = await Deno.makeTempDir({ prefix: "restored-" });
    const name = isStandardOutput(output) ? outputName("picture", "", format) : basename(output);
    const place = join(folder, name);
    await writePicture({ ...saving, output: place });
    return place;
  } catch {
    if (folder !== undefined) await Deno.remove(folder, { recursive: true }).catch(() => {});
    return undefined;
  }
}

/** A number before the restoration and after it. */
export interface BeforeAfter {
  readonly before: number;
  readonly after: number;
}

/** The result of a command, as `--json` prints it. */
export interface Outcome {
  readonly output: string;
  readonly record: string | null;
  readonly report: string | null;
  readonly seconds: number;
  /** The iterations of one tile, if there are several. */
  readonly iterations: number;
  /** The number of tiles. */
  readonly tiles: number;
  /** The iteration whose picture was written. */
  readonly best: number;
  readonly stopReason: RunRecord["stop"]["reason"];
  /** The rule that chose the picture. */
  readonly rule: string;
  /** The reports of all rules. */
  readonly rules: readonly Omit<RuleRecord, "values" | "settings">[];
  /** For a guided run: the seconds of the initial estimate, and the number of draws. */
  readonly guide: RunRecord["guide"] | null;
  /** The number of times that the run diverged and returned to an earlier state. */
  readonly divergences: number;
  /** In dB; with a reference. */
  readonly psnr: BeforeAfter | null;
  readonly ssim: BeforeAfter | null;
  /** For super-resolution: in dB, of the luminance without the border, as in papers on super-resolution. */
  readonly psnrLuminance: BeforeAfter | null;
  /** Whether the picture is unchanged. */
  readonly isUnchanged: boolean;
  /** Standard deviation of the noise that was assumed, in units of 0 to 255. */
  readonly noiseSigma: { readonly value: number; readonly from: "given" | "estimated" } | null;
  /** The noise that was assumed, if it is not white. */
  readonly noise: NoiseModel | null;
}

/** The files of a command's results. */
export type ResultFiles = Pick<SaveOptions, "output" | "recordFile" | "reportFile">;

/**
 * Collects the outcome of a restored picture.
 *
 * @param page The restored picture.
 * @param files The files of the results.
 * @returns The outcome.
 */
export function outcomeOf(
  { posed: { problem, clean, given = problem.initialEstimate }, image, record }: Omit<
    RestoredPage,
    "page"
  >,
  { output, recordFile, reportFile }: ResultFiles,
): Outcome {
  const measured = (measure: typeof psnr): BeforeAfter | null =>
    clean ? { before: measure(given, clean), after: measure(image, clean) } : null;
  const { noise = null, noiseSigma } = record.settings;
  return {
    output,
    record: recordFile ?? null,
    report: reportFile ?? null,
    seconds: record.seconds,
    iterations: record.stop.iteration,
    tiles: record.tiles?.regions.length ?? 1,
    best: record.stop.best,
    stopReason: record.stop.reason,
    rule: record.stop.rule,
    rules: record.rules.map(({ values: _, settings: __, ...rule }) => rule),
    guide: record.guide ?? null,
    divergences: record.events.filter(({ kind }) => kind === "divergence").length,
    psnr: measured(psnr),
    ssim: measured(ssim),
    psnrLuminance: problem.task === "super-resolution"
      ? measured((a, b) => luminancePsnr(a, b, problem.settings["factor"] as number))
      : null,
    isUnchanged: image.data.every((value, i) => value === given.data[i]),
    noiseSigma: noiseSigma && { value: noiseSigma.value * 255, from: noiseSigma.from },
    noise,
  };
}

/** Descriptions of stop reasons. */
export const ENDINGS: Readonly<Record<Outcome["stopReason"], string>> = {
  rule: "ended by its stopping rule",
  iterations: "as many as asked for",
  aborted: "interrupted",
  diverged: "given up, it kept diverging; try a smaller --learning-rate",
  failed: "ended by an error",
};

const LIST = new Intl.ListFormat("en");

/**
 * Describes an outcome for users.
 *
 * @param outcome The outcome.
 * @returns A few lines, without a final line break.
 */
export const describeOutcome = (outcome: Outcome): string =>
  [describeFiles(outcome), ...describeRun(outcome)].join("\n");

/**
 * Describes the outcomes of several pages of a file for users.
 *
 * @param pages The outcomes by page number.
 * @returns A line for each, without a final line break.
 */
export function describePages(pages: ReadonlyMap<number, Outcome>): string {
  const [first] = pages.values();
  const runs = [...pages].map(([page, outcome]) =>
    `page ${page}: ${describeRun(outcome).join("; ")}`
  );
  return [describeFiles(first!), ...runs].join("\n");
}

function describeFiles({ output, record, report }: Outcome): string {
  const picture = isStandardOutput(output) ? "the picture to standard output" : output;
  return `wrote ${LIST.format([picture, record, report].filter((file) => file !== null))}`;
}

function describeRun(outcome: Outcome): string[] {
  const { seconds, iterations, tiles, stopReason, divergences, rules } = outcome;
  const lines: string[] = [];
  const where = tiles > 1 ? `${tiles} tiles, up to ` : "";
  const made = outcome.guide && iterations === 0
    ? "the initial estimate"
    : `${where}${count(iterations, "iteration")}`;
  const ending = outcome.guide && iterations === 0 && stopReason === "iterations"
    ? ""
    : `, ${ENDINGS[stopReason]}`;
  lines.push(`${made} in ${duration(seconds)}${ending}`);
  if (outcome.guide && iterations > 0) {
    const { seconds, draws } = outcome.guide;
    lines.push(`initial estimate after ${duration(seconds)}, refined from ${count(draws, "draw")}`);
  }
  if (tiles === 1 && outcome.best !== iterations) {
    lines.push(`the picture is that of iteration ${outcome.best}, chosen by ${outcome.rule}`);
  }
  if (rules.length > 1) lines.push(...rules.map(describeRule));
  if (divergences > 0) {
    lines.push(`${count(divergences, "divergence")}, each undone by going back to a good state`);
  }
  if (outcome.noiseSigma) {
    const { value, from } = outcome.noiseSigma;
    const isEstimate = iterations === 0;
    if (isEstimate && outcome.isUnchanged) {
      lines.push(
        `noise ${value.toFixed(1)} of 255, ${from}: none to speak of, the picture is as it was`,
      );
    } else if (value === 0) {
      lines.push("no other noise was taken out");
    } else if (outcome.noise) {
      lines.push(`${describeNoise(outcome.noise)}; ${from}`);
      if (isEstimate) {
        lines.push("it is not white: the result is the estimate with this noise model");
      }
    } else {
      lines.push(`noise ${value < 1 ? value.toPrecision(2) : value.toFixed(1)} of 255, ${from}`);
    }
  }
  if (outcome.psnr) lines.push(`PSNR ${formatChange(outcome.psnr, 2)} dB`);
  if (outcome.psnrLuminance) {
    lines.push(
      `PSNR ${formatChange(outcome.psnrLuminance, 2)} dB in luminance, without the border`,
    );
  }
  if (outcome.ssim) lines.push(`SSIM ${formatChange(outcome.ssim, 3)}`);
  return lines;
}

function describeRule({ name, stop, best, psnr, lost }: Outcome["rules"][number]): string {
  const parts = [`${name} ${stop === null ? "did not stop" : `stopped at ${stop}`}`];
  if (best !== null && best !== stop) parts.push(`best ${best}`);
  if (psnr != null) parts.push(`${psnr.toFixed(2)} dB`);
  if (lost != null) parts.push(`${lost.toFixed(2)} below the best`);
  return `  ${parts.join(", ")}`;
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

/** A number before and after, for users. */
export const formatChange = ({ before, after }: BeforeAfter, digits: number) =>
  `${before.toFixed(digits)} -> ${after.toFixed(digits)}`;
