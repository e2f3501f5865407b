// The restoring commands: pose the problem, run, save, report.
import type { Command } from "commander";
import type { Region } from "../lib/degradation/mod.ts";
import { checkFileWritable } from "../lib/files/mod.ts";
import { checkImageWritable, type Image } from "../lib/image/mod.ts";
import {
  restoreInTiles,
  type RestoreOptions,
  type TiledRun,
  type Tiling,
} from "../lib/restoration/mod.ts";
import { commandLine, createCommand, parseArguments } from "./_command_line.ts";
import { Failure, UsageError } from "./_failure.ts";
import { catchInterrupts } from "./_interrupt.ts";
import {
  describeOutcome,
  describePages,
  type Outcome,
  outcomeOf,
  saveOutcome,
} from "./_outcome.ts";
import { placesOf, restorePages } from "./_pages.ts";
import {
  formatFor,
  isStandardOutput,
  outputFor,
  refuseSameFile,
  requireExtension,
} from "./_paths.ts";
import { openPictures, type Pictures, requireSameShape } from "./_pictures.ts";
import { startProgress } from "./_progress.ts";
import {
  addOutputOptions,
  addRestorationOptions,
  checkpointOf,
  type OutputOptions,
  type RestorationOptions,
  restoreOptions,
} from "./_restoration_options.ts";
import type { PosedProblem, PrepareOptions, RestorationTask } from "./tasks/mod.ts";
import { followRun } from "./_follow_run.ts";

/**
 * Adds the options of a task's runs to a command.
 *
 * @param command The command.
 * @param task The task.
 * @returns The command.
 */
export const addTaskOptions = <O extends RestorationOptions>(
  command: Command,
  task: RestorationTask<O>,
): Command =>
  addRestorationOptions(task.addOptions(command.optionsGroup("Picture and noise:")), task.defaults);

/**
 * Checks that a task's options go together, and completes them.
 *
 * @param task The task.
 * @param options The parsed options.
 * @returns The options for the library.
 * @throws {UsageError} If options do not go together.
 */
export const libraryOptions = <O extends RestorationOptions>(
  task: RestorationTask<O>,
  options: O,
) => restoreOptions(options, { ...task.defaults, ...task.defaultsFor(options) });

/**
 * Poses a task's problem.
 *
 * @param task The task.
 * @param pictures The pictures.
 * @param options The options.
 * @param preparing Signal and progress of work before the run.
 * @returns The problem.
 * @throws {Failure} If the reference does not match the restored picture.
 */
export async function pose<O extends RestorationOptions>(
  task: RestorationTask<O>,
  pictures: Pictures,
  options: O,
  preparing?: PrepareOptions,
): Promise<PosedProblem> {
  refuseTiny(pictures.picture, task.enlarges?.(options) ?? 1);
  const posed = await task.pose(pictures, options, preparing);
  if (posed.clean) requireSameShape(posed.problem.initialEstimate, posed.clean);
  return posed;
}

/**
 * Makes the run of the options.
 *
 * @param posed The problem.
 * @param settings The options for the library.
 * @param signal The signal that ends it.
 * @param more Snapshots, checkpoints and the memory limit.
 * @returns The run.
 */
export const runOf = (
  { problem, clean, noise, noiseSigma }: PosedProblem,
  settings: ReturnType<typeof libraryOptions>,
  signal: AbortSignal,
  more: Pick<RestoreOptions, "snapshots" | "checkpoint" | "memoryLimit"> = {},
): TiledRun =>
  restoreInTiles(problem, {
    ...settings,
    ...noise ? { noise } : noiseSigma === undefined ? {} : { noiseSigma },
    ...clean ? { reference: clean } : {},
    ...more,
    signal,
  });

/**
 * The command line of a restoring command.
 *
 * @param task The task.
 * @returns The commander command.
 */
export function commandOf<O extends RestorationOptions>(task: RestorationTask<O>): Command {
  const command = createCommand(
    task.name,
    `${task.summary}, by fitting an untrained network to it (the deep image prior). ` +
      "Reads and writes PNG, JPEG, WebP, TIFF, AVIF and GIF, reads HEIC and BMP too. " +
      "Ctrl-C stops and keeps the best so far.",
    task.examples,
  ).argument("<input>", `${task.argument}; - for standard input`);
  return addOutputOptions(addTaskOptions(command, task), task.suffix);
}

/**
 * Makes a restoring command.
 *
 * @param task The task.
 * @returns The command, from its arguments to its exit code.
 */
export const restoration =
  <O extends RestorationOptions>(task: RestorationTask<O>) =>
  async (args: readonly string[]): Promise<number> => {
    const command = commandOf(task);
    if (!parseArguments(command, args)) return 0;
    const [input] = command.processedArgs as [string];
    const line = commandLine(task.name, args);
    return await restored(task, input, command.opts<O & OutputOptions>(), line);
  };

/** A note on a picture that is cut into tiles. */
function tilesOf({ regions, overlap, rows, columns }: Tiling): string {
  const [{ height, width }] = regions as [Region];
  return `${columns.length} x ${rows.length} tiles of ${width}x${height}, ${overlap} pixels shared: ` +
    `${regions.length} times the iterations of one`;
}

/** The least side of a restored picture: smaller ones vanish in the five halvings of the networks. */
const SMALLEST_SIDE = 16;

/** Refuses a picture that is too small, before anything is computed. */
function refuseTiny({ width, height }: Image, factor: number): void {
  if (Math.min(width, height) * factor >= SMALLEST_SIDE) return;
  const larger = factor > 1 ? `${factor} times larger ` : "";
  throw new Failure(
    `the picture is ${width}x${height}; ${larger}it must be at least ${SMALLEST_SIDE}x${SMALLEST_SIDE}`,
  );
}

/** Restores the pictures of a file. */
async function restored<O extends RestorationOptions>(
  task: RestorationTask<O>,
  input: string,
  options: O & OutputOptions,
  command: string,
): Promise<number> {
  // Report mistakes in the options before anything is read.
  const settings = libraryOptions(task, options), checkpoint = checkpointOf(options);
  const { record: recordFile, report: reportFile, quiet = false } = options;
  requireExtension("--record", recordFile, ".json");
  requireExtension("--report", reportFile, ".html");
  const output = await outputFor(input, task.suffix, options);
  await refuseSameFile([
    { name: "the input", path: input, written: false },
    { name: "the reference", path: options.reference, written: false },
    { name: "the output", path: output, written: true },
    { name: "the record", path: recordFile, written: true },
    { name: "the report", path: reportFile, written: true },
    { name: "the checkpoint", path: options.checkpoint, written: true },
  ]);
  const isPiped = isStandardOutput(output);
  if (isPiped && Deno.stdout.isTerminal()) {
    throw new UsageError("standard output is a terminal: say where the picture goes with --output");
  }

  let progress = startProgress(quiet);
  const signal = catchInterrupts(() => progress.note("stopping; Ctrl-C again quits at once"));
  try {
    progress.stage("reading");
    const opened = await openPictures(input, options.reference, options);
    const format = formatFor(output, options.format, opened.format);
    const { places, note } = placesOf(opened, format, options.page);
    const isSeveral = places.length > 1;
    if (isSeveral && checkpoint) {
      throw new UsageError("--checkpoint keeps the state of one picture: say which with --page");
    }
    const snapshots = reportFile !== undefined, checkpoints: string[] = [];
    const restoredFile = await restorePages(opened, places, format, {
      signal,
      pose: (pictures) =>
        pose(task, pictures, options, { signal, tell: (note) => progress.note(note) }),
      begin(page) {
        if (page > 0) progress = startProgress(quiet);
        else if (note) progress.note(note);
        return progress;
      },
      async follow(posed) {
        if (!isPiped) await checkImageWritable(output, format);
        for (const file of [recordFile, reportFile]) if (file) await checkFileWritable(file);
        progress.stage("preparing the network");
        // Let pending signals be handled before a few seconds of uninterrupted work.
        await new Promise((resolve) => setTimeout(resolve));
        // Keep a picture that is already better than the input.
        if (!posed.given) signal.throwIfAborted();
        for (const note of posed.notes ?? []) progress.note(note);
        const run = runOf(posed, settings, signal, { snapshots, ...checkpoint && { checkpoint } });
        const { tiling } = run;
        if (tiling) progress.note(tilesOf(tiling));
        const result = await followRun(run, run.iterations, progress, signal);
        for (const { kind, message } of result.record.events) {
          if (kind === "failure") progress.note(`the run failed: ${message}`);
          if (kind === "checkpoint") progress.note(`a checkpoint could not be kept: ${message}`);
        }
        checkpoints.push(...run.checkpoints);
        return result;
      },
    });
    const { pages, isWhole } = restoredFile, place = { output, recordFile, reportFile };
    const { animation } = opened;
    await saveOutcome({ ...restoredFile, ...place, format: format!, animation }, command);
    const outcomes = new Map(pages.map((page) => [page.page, outcomeOf(page, place)]));
    const reasons = [...outcomes.values()].map(({ stopReason }) => stopReason);
    if (reasons.every((reason) => reason === "rule" || reason === "iterations")) {
      // Without an output there is nothing to resume.
      for (const file of checkpoints) await Deno.remove(file).catch(() => {});
    }
    const text = told(outcomes, isSeveral, options.json ?? false);
    // Standard output may be used for the picture.
    if (!isPiped) console.log(text);
    else if (!quiet) console.error(text);
    if (signal.aborted && (isSeveral || reasons[0] === "aborted")) return signal.reason.exitCode;
    const isBad = reasons.some((reason) => reason === "diverged" || reason === "failed");
    return isBad || !isWhole ? 1 : 0;
  } finally {
    progress.end();
  }
}

/** The printed description of the restored pages. */
function told(outcomes: ReadonlyMap<number, Outcome>, isSeveral: boolean, json: boolean): string {
  const [outcome] = outcomes.values() as Iterable<Outcome> as [Outcome];
  if (!isSeveral) return json ? JSON.stringify(outcome) : describeOutcome(outcome);
  if (!json) return describePages(outcomes);
  const { output, record, report } = outcome;
  const pages = [...outcomes].map(([page, outcome]) => ({ page, ...outcome }));
  return JSON.stringify({ output, record, report, pages });
}
