// deno task batch: restores every picture of a folder.
import { basename } from "node:path";
import type { Command } from "commander";
import { availableMemory } from "../lib/engine/mod.ts";
import {
  checkFileWritable,
  checkWritable,
  type WrittenFormat,
  writtenFormatOf,
} from "../lib/image/mod.ts";
import {
  type BatchPicture,
  type BatchResult,
  type ByOption,
  companions,
  defaultFolder,
  digestsOf,
  enterBatch,
  picturesIn,
  readBatchResult,
  writeBatchResult,
} from "./_batch_folder.ts";
import { writeBatchReport } from "./_batch_report.ts";
import { type BatchProgress, startBatchProgress } from "./_batch_progress.ts";
import { batchTable, isDone, shownOf, type ShownPicture } from "./_batch_summary.ts";
import { commandLine, createCommand, parsed, wholeNumber } from "./_command_line.ts";
import { explain, Failure, runCommand, tell } from "./_failure.ts";
import { catchInterrupts } from "./_interrupt.ts";
import { change, ENDINGS, type Outcome, outcomeOf } from "./_outcome.ts";
import { placesOf, restorePages } from "./_pages.ts";
import { refuseSameFile, requireExtension } from "./_paths.ts";
import { openPictures, readPictures } from "./_pictures.ts";
import { duration, type Progress } from "./_progress.ts";
import { addTaskOptions, pose, runOf, settled } from "./_restoration.ts";
import { addFormatOption, type RestorationOptions } from "./_restoration_options.ts";
import { addListOptions, addTaskOption, taskOf } from "./_task_option.ts";
import type { Posed, RestorationTask } from "./tasks/mod.ts";
import { watchToEnd } from "./_watch.ts";

interface BatchOptions {
  jobs: number;
  output?: string;
  format?: WrittenFormat;
  report?: string;
  quiet?: boolean;
  json?: boolean;
}

/** The command line of a batch of one task. */
export const create = (task: RestorationTask) => {
  const command = createCommand(
    "batch",
    "Restores every picture of a folder, one after another or several at once. A picture that fails " +
      "does not stop the others; the same command goes on where it was interrupted, and makes again " +
      "only what has changed.",
    [
      ["writes to photos-denoised", "photos"],
      ["two at once, quickly", "photos --jobs 2 --channels 16 --iterations 200"],
      ["holes: masks/a.png is of photos/a.jpg", "photos --task inpaint --mask masks"],
      ["an experiment: adds noise and measures", "data --add-noise 25 --output restored --json"],
    ],
  )
    .argument("<folder>", "the pictures; its subfolders are left alone")
    .option(
      "--jobs <n>",
      "how many pictures at once, each with its share of the threads and of the memory",
      wholeNumber(1, 64),
      1,
    )
    .option(
      "-o, --output <folder>",
      `where pictures and records go (default: the folder's name with ${task.suffix})`,
    )
    .option("--report <file.html>", "write a page with every picture and its run there")
    .addHelpText(
      "after",
      "\nAn option that names a file may name a folder: each picture then takes the one of its name there.",
    );
  return addTaskOptions(addTaskOption(addListOptions(addFormatOption(command))), task);
};

/** The options that name a file, and what each picture takes of it. */
export async function filesNamed(command: Command) {
  const named = command.options.filter(({ flags }) => flags.endsWith("<file>")).map((option) => {
    const key = option.attributeName();
    return { key, long: option.long!, path: command.getOptionValue(key) as string | undefined };
  });
  const found: { key: string; fileFor: (name: string) => string }[] = [];
  for (const { key, long, path } of named) {
    if (path !== undefined) found.push({ key, fileFor: await companions(long, path) });
  }
  return { named, found };
}

/** What a line says of a picture that is done. */
function described({ psnr, seconds }: Outcome): string {
  return `${psnr ? `PSNR ${change(psnr, 2)} dB, ` : ""}${duration(seconds)}`;
}

/** What all pictures of a batch have in common. */
interface Common {
  readonly task: RestorationTask;
  readonly options: RestorationOptions;
  /** Each one's share, if several are restored at once. */
  readonly memoryLimit: number | undefined;
  readonly signal: AbortSignal;
}

/** Poses a picture's problem, or that of its first page, with the files that go with it. */
async function posedOf(
  { input }: BatchPicture,
  files: ByOption,
  { task, options }: Pick<Common, "task" | "options">,
): Promise<Posed> {
  const own = { ...options, ...files };
  return await pose(task, await readPictures(input, own.reference, own), own);
}

/** Restores a picture and keeps it. */
async function restored(
  picture: BatchPicture,
  files: ByOption,
  common: Common,
  shown: BatchProgress,
  first: Progress,
): Promise<BatchResult> {
  const { output, record: recordFile, name } = picture;
  let progress = first;
  const { task, options, memoryLimit, signal } = common;
  // Before they are read: should one change meanwhile, the picture is made again the next time.
  const sources = await digestsOf(picture, files);
  const own = { ...options, ...files }, settings = settled(task, own);
  const opened = await openPictures(picture.input, own.reference, own);
  const { animation } = opened, format = writtenFormatOf(output);
  const { places, note } = placesOf(opened, format, own.page);
  if (note) progress.note(note);
  await checkWritable(output);
  await checkFileWritable(recordFile);
  const { pages, written } = await restorePages(opened, places, format, {
    signal,
    begin(page) {
      if (page > 0) progress = shown.again(name);
      return progress;
    },
    pose: (pictures) => pose(task, pictures, own),
    async follow(posed) {
      // Signals that came meanwhile are heard before a few seconds without a pause.
      await new Promise((resolve) => setTimeout(resolve));
      signal.throwIfAborted();
      for (const note of posed.notes ?? []) progress.note(note);
      const memory = memoryLimit === undefined ? {} : { memoryLimit };
      const run = runOf(posed, settings, signal, memory);
      const result = await watchToEnd(run, run.iterations, progress, signal);
      if (result.record.stop.reason === "diverged") throw new Failure(ENDINGS.diverged);
      return result;
    },
  });
  signal.throwIfAborted();
  const place = { output, recordFile, reportFile: undefined };
  const results = pages.map((page) => ({ outcome: outcomeOf(page, place), record: page.record }));
  const result = { sources, ...results[0]!, ...results.length > 1 && { pages: results } };
  await writeBatchResult(picture, written, animation, result);
  return result;
}

async function batch(args: readonly string[]): Promise<number> {
  const task = taskOf(args), command = create(task);
  if (!parsed(command, args)) return 0;
  const [folder] = command.processedArgs as [string];
  const options = command.opts<BatchOptions & RestorationOptions>();
  const { jobs, output = defaultFolder(folder, task.suffix), quiet = false, json } = options;
  const { report, format } = options;
  requireExtension("--report", report, ".html");
  if (jobs > 1) options.threads ??= Math.max(1, Math.floor(navigator.hardwareConcurrency / jobs));
  // A mistake in the options is told before anything is read.
  settled(task, options);
  const { pictures, left } = await picturesIn(folder, output, format);
  const { named, found } = await filesNamed(command);
  await refuseSameFile([
    { name: "the input", path: folder, written: false },
    ...named.map(({ long, path }) => ({ name: long, path, written: false })),
    { name: "the output", path: output, written: true },
  ], "folder");
  // How a folder's pictures are shared out does not change them, nor do the paths of what they are made from.
  const free = [
    "jobs",
    "output",
    "report",
    "quiet",
    "json",
    "threads",
    ...named.map(({ key }) => key),
  ];
  const settings = Object.entries(options).filter(([key]) => !free.includes(key));
  if (report) await checkFileWritable(report);
  await enterBatch(output, pictures, Object.fromEntries(settings));

  const filesOf = ({ name }: BatchPicture): ByOption =>
    Object.fromEntries(found.map(({ key, fileFor }) => [key, fileFor(name)]));
  const shown = new Map<BatchPicture, ShownPicture>();
  for (const picture of pictures) {
    try {
      const kept = await readBatchResult(picture, filesOf(picture));
      if (kept) shown.set(picture, shownOf(picture, kept, true));
    } catch {
      // It is told when the picture's turn comes.
    }
  }

  const progress = startBatchProgress(jobs, pictures.length, shown.size, quiet);
  const signal = catchInterrupts(() => progress.note("stopping; Ctrl-C again quits at once"));
  if (left) progress.note(left);
  if (shown.size > 0) progress.note(`${shown.size} of ${pictures.length} were done before`);
  const memoryLimit = jobs > 1 ? availableMemory() / jobs : undefined;
  const common: Common = { task, options, memoryLimit, signal };
  const queue = [...pictures.entries()].filter(([, picture]) => !shown.has(picture)).values();
  /** Takes pictures until there are no more; several of these do so at once. */
  const work = async () => {
    for (const [place, picture] of queue) {
      if (signal.aborted) return;
      const { name } = picture;
      try {
        const own = progress.begin(place, name);
        const result = await restored(picture, filesOf(picture), common, progress, own);
        shown.set(picture, shownOf(picture, result, false));
        progress.end(name, described(result.outcome));
      } catch (error) {
        progress.end(name);
        if (signal.aborted) return;
        // The others may well succeed.
        tell(`batch: ${name}`, error);
        shown.set(picture, { picture: picture.input, error: explain(error).line });
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));

  const known = new Map(pictures.flatMap((picture) => {
    const one = shown.get(picture);
    return one ? [[picture.name, one]] : [];
  }));
  const all = [...known.values()];
  console.log(json ? JSON.stringify(all, null, 2) : batchTable(known));
  if (report) {
    const finished = pictures.filter((picture) => {
      const one = shown.get(picture);
      return one && isDone(one);
    });
    const posed = (picture: BatchPicture) => posedOf(picture, filesOf(picture), common);
    const line = commandLine("batch", args);
    const count = await writeBatchReport(report, basename(folder), finished, posed, line);
    if (count < finished.length) {
      console.error(`batch: the report shows ${count} of ${finished.length} pictures`);
    }
  }
  if (signal.aborted) {
    const done = all.filter(isDone).length;
    console.error(`batch: ${done} of ${pictures.length} done; the same command goes on`);
    return signal.reason.exitCode;
  }
  return all.every(isDone) ? 0 : 1;
}

if (import.meta.main) await runCommand("batch", batch);
