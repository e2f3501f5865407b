// What all restoring commands do: pose the problem, run, save, tell.
import type { Command } from "commander";
import type { Region } from "../lib/degradation/mod.ts";
import { checkFileWritable, checkWritable } from "../lib/image/mod.ts";
import {
  restoreInTiles,
  type RestoreOptions,
  type TiledRun,
  type Tiling,
} from "../lib/restoration/mod.ts";
import { commandLine, createCommand, parsed } from "./_command_line.ts";
import { catchInterrupts } from "./_interrupt.ts";
import { describeOutcome, outcomeOf, save } from "./_outcome.ts";
import { defaultOutput, refuseSameFile, requireExtension } from "./_paths.ts";
import { type Pictures, readPictures, refuseUnlike } from "./_pictures.ts";
import { startProgress } from "./_progress.ts";
import {
  addOutputOptions,
  addRestorationOptions,
  checkpointOf,
  type OutputOptions,
  type RestorationOptions,
  restoreOptions,
} from "./_restoration_options.ts";
import type { Posed, RestorationTask } from "./tasks/mod.ts";
import { watch } from "./_watch.ts";

/**
 * Gives a command the options of a task's runs.
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
 * Looks whether a task's options go together, and completes them.
 *
 * @param task The task.
 * @param options The options as they are parsed.
 * @returns What the library is told.
 * @throws {UsageError} If options do not go together.
 */
export const settled = <O extends RestorationOptions>(task: RestorationTask<O>, options: O) =>
  restoreOptions(options, { ...task.defaults, ...task.settle(options) });

/**
 * Poses a task's problem.
 *
 * @param task The task.
 * @param pictures The pictures as they were read.
 * @param options The options.
 * @returns The problem.
 * @throws {Failure} If the reference is not like the restored picture.
 */
export async function pose<O extends RestorationOptions>(
  task: RestorationTask<O>,
  pictures: Pictures,
  options: O,
): Promise<Posed> {
  const posed = await task.pose(pictures, options);
  if (posed.clean) refuseUnlike(posed.problem.start, posed.clean);
  return posed;
}

/**
 * The run that the options describe.
 *
 * @param posed The problem.
 * @param settings What the library is told.
 * @param signal What ends it.
 * @param more Whether the record holds pictures of its course, where its state is kept, its memory.
 * @returns The run.
 */
export const runOf = (
  { problem, clean, noise, noiseSigma }: Posed,
  settings: ReturnType<typeof settled>,
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
 * @param task What it restores.
 * @returns The commander command.
 */
export function commandOf<O extends RestorationOptions>(task: RestorationTask<O>): Command {
  const command = createCommand(
    task.name,
    `${task.summary}, by fitting an untrained network to it (the deep image prior). ` +
      "Reads and writes PNG, JPEG, WebP, TIFF and AVIF. Ctrl-C stops and keeps the best so far.",
    task.examples,
  ).argument("<input>", task.argument);
  return addOutputOptions(addTaskOptions(command, task), task.suffix);
}

/**
 * A restoring command.
 *
 * @param task What it restores.
 * @returns The command, from its arguments to its exit code.
 */
export const restoration =
  <O extends RestorationOptions>(task: RestorationTask<O>) =>
  async (args: readonly string[]): Promise<number> => {
    const command = commandOf(task);
    if (!parsed(command, args)) return 0;
    const [input] = command.processedArgs as [string];
    const line = commandLine(task.name, args);
    return await restored(task, input, command.opts<O & OutputOptions>(), line);
  };

/** What to tell of a picture that is cut. */
function tilesOf({ regions, overlap, rows, columns }: Tiling): string {
  const [{ height, width }] = regions as [Region];
  return `${columns.length} x ${rows.length} tiles of ${width}x${height}, ${overlap} pixels shared: ` +
    `${regions.length} times the iterations of one`;
}

/** Restores one picture. */
async function restored<O extends RestorationOptions>(
  task: RestorationTask<O>,
  input: string,
  options: O & OutputOptions,
  command: string,
): Promise<number> {
  // A mistake in the options is told before anything is read.
  const settings = settled(task, options), checkpoint = checkpointOf(options);
  const { output = defaultOutput(input, task.suffix), quiet = false } = options;
  const { record: recordFile, report: reportFile } = options;
  requireExtension("--record", recordFile, ".json");
  requireExtension("--report", reportFile, ".html");
  await refuseSameFile([
    { name: "the input", path: input, written: false },
    { name: "the reference", path: options.reference, written: false },
    { name: "the output", path: output, written: true },
    { name: "the record", path: recordFile, written: true },
    { name: "the report", path: reportFile, written: true },
    { name: "the checkpoint", path: options.checkpoint, written: true },
  ]);

  const progress = startProgress(quiet);
  const signal = catchInterrupts(() => progress.note("stopping; Ctrl-C again quits at once"));
  try {
    progress.stage("reading");
    const posed = await pose(task, await readPictures(input, options.reference), options);
    await checkWritable(output);
    for (const file of [recordFile, reportFile]) if (file) await checkFileWritable(file);
    progress.stage("preparing the network");
    // Signals that came meanwhile are heard before a few seconds without a pause.
    await new Promise((resolve) => setTimeout(resolve));
    signal.throwIfAborted();
    for (const note of posed.notes ?? []) progress.note(note);
    const snapshots = reportFile !== undefined;
    const run = runOf(posed, settings, signal, { snapshots, ...checkpoint && { checkpoint } });
    const { tiling } = run;
    if (tiling) progress.note(tilesOf(tiling));
    const { image, record } = await watch(run, run.iterations, progress, signal);
    for (const { kind, message } of record.events) {
      if (kind === "failure") progress.note(`the run failed: ${message}`);
      if (kind === "checkpoint") progress.note(`a checkpoint could not be kept: ${message}`);
    }
    const saving = { posed, image, output, record, recordFile, reportFile };
    await save(saving, command);
    const outcome = outcomeOf(saving);
    if (outcome.stopReason === "rule" || outcome.stopReason === "iterations") {
      // There is nothing to go on with.
      for (const file of run.checkpoints) await Deno.remove(file).catch(() => {});
    }
    console.log(options.json ? JSON.stringify(outcome) : describeOutcome(outcome));
    if (outcome.stopReason === "diverged" || outcome.stopReason === "failed") return 1;
    return outcome.stopReason === "aborted" ? signal.reason.exitCode : 0;
  } finally {
    progress.end();
  }
}
