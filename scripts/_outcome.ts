// Saves what a run ends with, whatever the disk says, and tells of it.
import { describeNoise, type NoiseModel } from "../lib/noise/mod.ts";
import { basename, join } from "node:path";
import { type Image, psnr, ssim, writeFileAtomic, writeImage } from "../lib/image/mod.ts";
import type { RuleRecord, RunRecord } from "../lib/restoration/mod.ts";
import type { Posed } from "./tasks/mod.ts";
import { type Report, writeReport } from "../lib/chart/mod.ts";
import { Failure } from "./_failure.ts";
import { duration } from "./_progress.ts";

/** What is saved and where. */
export interface Saving {
  readonly posed: Posed;
  readonly image: Image;
  readonly output: string;
  readonly record: RunRecord;
  /** The record's file, if it is wanted. */
  readonly recordFile: string | undefined;
  /** The report's file, if it is wanted. */
  readonly reportFile: string | undefined;
}

/**
 * Writes the picture, the record and the report. Where the picture cannot be written, the system's
 * temporary folder is tried; the others are written in any case.
 *
 * @param saving What is saved and where.
 * @param command The command line, as the report shows it.
 * @throws {Failure} If a file could not be written where it was wanted; it says where the picture is.
 */
export async function save(saving: Saving, command: string): Promise<void> {
  const { image, output, record, recordFile, reportFile } = saving;
  const problems: string[] = [];
  const attempt = (writing: Promise<void>) =>
    writing.then(() => true, (error: Error) => {
      problems.push(error.message);
      return false;
    });
  const place = await attempt(writeImage(output, image)) ? output : await rescue(image, output);
  if (reportFile !== undefined) await attempt(writeReport(reportFile, reportOf(saving, command)));
  if (recordFile !== undefined) {
    const text = `${JSON.stringify(record, null, 2)}\n`;
    await attempt(writeFileAtomic(recordFile, new TextEncoder().encode(text)));
  }
  if (problems.length === 0) return;
  const picture = place === undefined
    ? "the picture could not be kept in the temporary folder either"
    : `the picture is in "${place}"`;
  throw new Failure(`${problems.join("; ")}; ${picture}`);
}

/** The page about a run. */
function reportOf({ posed, image, output, record }: Saving, command: string): Report {
  return { title: basename(output), runs: [shownRun(posed, record, image)], command };
}

/** A run as a report shows it: before, after, and the clean picture if it is known. */
export const shownRun = ({ problem, clean }: Posed, record: RunRecord, after: Image) => ({
  record,
  before: problem.start,
  after,
  ...clean ? { reference: clean } : {},
});

/** Writes the picture to a folder of its own in the temporary folder; undefined if that fails too. */
async function rescue(image: Image, output: string): Promise<string | undefined> {
  let folder: string | undefined;
  try {
    folder = await Deno.makeTempDir({ prefix: "restored-" });
    const place = join(folder, basename(output));
    await writeImage(place, image);
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

/** A finished command, as `--json` prints it. */
export interface Outcome {
  readonly output: string;
  readonly record: string | null;
  readonly report: string | null;
  readonly seconds: number;
  /** Of one tile, if there are several. */
  readonly iterations: number;
  /** How many tiles the picture was cut into. */
  readonly tiles: number;
  /** The iteration whose picture was written. */
  readonly best: number;
  readonly stopReason: RunRecord["stop"]["reason"];
  /** The rule that chose the picture. */
  readonly rule: string;
  /** What every rule made of the run. */
  readonly rules: readonly Omit<RuleRecord, "values" | "settings">[];
  /** Of a guided run: the seconds of the initial estimate, and the draws that the network learned from. */
  readonly guide: RunRecord["guide"] | null;
  /** Times that the run diverged and went back. */
  readonly divergences: number;
  /** In dB; with a reference. */
  readonly psnr: BeforeAfter | null;
  readonly ssim: BeforeAfter | null;
  /** Whether the picture is as it was. */
  readonly isUnchanged: boolean;
  /** Standard deviation of the noise that was assumed, in units of 0 to 255. */
  readonly noiseSigma: { readonly value: number; readonly from: "given" | "estimated" } | null;
  /** The noise that was assumed, if it is not white. */
  readonly noise: NoiseModel | null;
}

/**
 * Puts together what a finished command tells.
 *
 * @param saving What was saved and where.
 * @returns The outcome.
 */
export function outcomeOf(
  { posed: { problem, clean }, image, output, record, recordFile, reportFile }: Saving,
): Outcome {
  const measured = (measure: typeof psnr): BeforeAfter | null =>
    clean ? { before: measure(problem.start, clean), after: measure(image, clean) } : null;
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
    isUnchanged: image.data.every((value, i) => value === problem.start.data[i]),
    noiseSigma: noiseSigma && { value: noiseSigma.value * 255, from: noiseSigma.from },
    noise,
  };
}

/** What ended a run, in words. */
export const ENDINGS: Readonly<Record<Outcome["stopReason"], string>> = {
  rule: "ended by its stopping rule",
  iterations: "as many as asked for",
  aborted: "interrupted",
  diverged: "given up, it kept diverging; try a smaller --learning-rate",
  failed: "ended by an error",
};

const LIST = new Intl.ListFormat("en");

/**
 * The outcome for people.
 *
 * @param outcome The outcome.
 * @returns A few lines, without a line break at the end.
 */
export function describeOutcome(outcome: Outcome): string {
  const { output, record, report, seconds, iterations, tiles, stopReason } = outcome;
  const { divergences, rules } = outcome;
  const files = [output, record, report].filter((file) => file !== null);
  const lines = [`wrote ${LIST.format(files)}`];
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
    const isEstimate = outcome.guide && iterations === 0;
    if (isEstimate && outcome.isUnchanged) {
      lines.push(
        `noise ${value.toFixed(1)} of 255, ${from}: none to speak of, the picture is as it was`,
      );
    } else if (outcome.noise) {
      lines.push(`${describeNoise(outcome.noise)}; ${from}`);
      if (isEstimate) lines.push("it is not white: the estimate that knows it is the result");
    } else {
      lines.push(`noise ${value.toFixed(1)} of 255, ${from}`);
    }
  }
  if (outcome.psnr) lines.push(`PSNR ${change(outcome.psnr, 2)} dB`);
  if (outcome.ssim) lines.push(`SSIM ${change(outcome.ssim, 3)}`);
  return lines.join("\n");
}

function describeRule({ name, stop, best, psnr, lost }: Outcome["rules"][number]): string {
  const parts = [`${name} ${stop === null ? "did not stop" : `stopped at ${stop}`}`];
  if (best !== null && best !== stop) parts.push(`best ${best}`);
  if (psnr != null) parts.push(`${psnr.toFixed(2)} dB`);
  if (lost != null) parts.push(`${lost.toFixed(2)} below the best`);
  return `  ${parts.join(", ")}`;
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

/** A number before and after, for people. */
export const change = ({ before, after }: BeforeAfter, digits: number) =>
  `${before.toFixed(digits)} -> ${after.toFixed(digits)}`;
