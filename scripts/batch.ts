// deno task batch: restores every picture of a folder.
import { basename, extname } from "node:path";
import type { Command } from "commander";
import { checkFileWritable } from "../lib/files/mod.ts";
import { checkImageWritable, type WrittenFormat } from "../lib/image/mod.ts";
import {
  type BatchPicture,
  companionFiles,
  defaultFolder,
  openBatchFolder,
  picturesIn,
  readBatchResult,
  sourcesOf,
  writeBatchResult,
} from "./_batch_folder.ts";
import {
  batchTable,
  isDone,
  pictureSummary,
  type ShownPicture,
  writeBatchReport,
} from "./_batch_summary.ts";
import { commandLine, createCommand, parseArguments } from "./_command_line.ts";
import { explain, Failure, reportFailure } from "./_failure.ts";
import { catchInterrupts } from "./_interrupt.ts";
import {
  addJobsOptions,
  argsGiven,
  checkJobsOptions,
  type FilesByOption,
  type Handlers,
  isAtOnce,
  type Job,
  JOBS_KEYS,
  type JobsOptions,
  namesFile,
  runnerOf,
  startJobsProgress,
  withoutPassword,
  withThreads,
} from "./jobs/mod.ts";
import { ENDINGS, formatChange, type Outcome } from "./_outcome.ts";
import { refuseSameFile, requireExtension } from "./_paths.ts";
import { readPictures } from "./_pictures.ts";
import { duration } from "./_progress.ts";
import { addTaskOptions, libraryOptions, pose } from "./_restoration.ts";
import { addFormatOption, type RestorationOptions } from "./_restoration_options.ts";
import { addListOptions, addTaskOption, taskOf } from "./_task_option.ts";
import type { PosedProblem, RestorationTask } from "./tasks/mod.ts";

interface BatchOptions extends JobsOptions {
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
      ["on the workers of a queue", "photos --queue redis://queue.example:6379"],
    ],
  )
    .argument("<folder>", "the pictures; its subfolders are left alone")
    .option(
      "-o, --output <folder>",
      `where pictures and records go (default: the folder's name with ${task.suffix})`,
    )
    .option("--report <file.html>", "write a page with every picture and its run there")
    .addHelpText(
      "after",
      "\nAn option that names a file may name a folder: each picture then takes the one of its name there.",
    );
  return addTaskOptions(
    addJobsOptions(addTaskOption(addListOptions(addFormatOption(command)))),
    task,
  );
};

/** The options that name a file, with the file of each picture. */
export async function filesNamed(command: Command) {
  const named = command.options.filter(namesFile).map((option) => {
    const key = option.attributeName();
    return { key, long: option.long!, path: command.getOptionValue(key) as string | undefined };
  });
  const found: { key: string; fileFor: (name: string) => string }[] = [];
  for (const { key, long, path } of named) {
    if (path !== undefined) found.push({ key, fileFor: await companionFiles(long, path) });
  }
  return { named, found };
}

/** The line of a finished picture. */
function described({ psnr, seconds }: Outcome): string {
  return `${psnr ? `PSNR ${formatChange(psnr, 2)} dB, ` : ""}${duration(seconds)}`;
}

/** Poses the problem of a picture, or of its first page, with the files that belong to it. */
async function posedOf(
  { input }: BatchPicture,
  files: FilesByOption,
  task: RestorationTask,
  options: RestorationOptions,
): Promise<PosedProblem> {
  const own = { ...options, ...files };
  return await pose(task, await readPictures(input, own.reference, own), own);
}

export async function batch(args: readonly string[]): Promise<number> {
  const task = taskOf(args), command = create(task), given = argsGiven(command, task);
  if (!parseArguments(command, args)) return 0;
  const [folder] = command.processedArgs as [string];
  const options = command.opts<BatchOptions & RestorationOptions>();
  const { output = defaultFolder(folder, task.suffix), quiet = false, json } = options;
  const { report, format } = options;
  requireExtension("--report", report, ".html");
  // Report mistakes in the options before anything is read.
  checkJobsOptions(options);
  libraryOptions(task, options);
  const { pictures, left } = await picturesIn(folder, output, format);
  const { named, found } = await filesNamed(command);
  await refuseSameFile([
    { name: "the input", path: folder, written: false },
    ...named.map(({ long, path }) => ({ name: long, path, written: false })),
    { name: "the output", path: output, written: true },
  ], "folder");
  // These options do not change a picture: how the work is distributed, and the paths of source files.
  const free: readonly string[] = [
    ...JOBS_KEYS,
    "output",
    "report",
    "quiet",
    "json",
    "threads",
    ...named.map(({ key }) => key),
  ];
  const settings = Object.entries(options).filter(([key]) => !free.includes(key));
  if (report) await checkFileWritable(report);
  await openBatchFolder(output, pictures, Object.fromEntries(settings));

  const filesOf = ({ name }: BatchPicture): FilesByOption =>
    Object.fromEntries(found.map(({ key, fileFor }) => [key, fileFor(name)]));
  const shown = new Map<BatchPicture, ShownPicture>();
  for (const picture of pictures) {
    try {
      const kept = await readBatchResult(picture, filesOf(picture));
      if (kept) shown.set(picture, pictureSummary(picture, kept, true));
    } catch {
      // The error is reported when the picture is processed.
    }
  }

  const runner = await runnerOf(options);
  const done = shown.size, total = pictures.length;
  const progress = startJobsProgress({ atOnce: isAtOnce(options), total, done, quiet });
  const signal = catchInterrupts(() => progress.note("stopping; Ctrl-C again quits at once"));
  if (left) progress.note(left);
  if (done > 0) progress.note(`${done} of ${total} were done before`);
  const pictureOf = ({ place }: Pick<Job, "place">) => pictures[place]!;
  const handlers: Handlers = {
    async check(job) {
      const { output, record } = pictureOf(job);
      await checkImageWritable(output);
      await checkFileWritable(record);
    },
    async keep(job, done) {
      const isDiverged = done.pages.some(({ record }) => record.stop.reason === "diverged");
      if (isDiverged) throw new Failure(ENDINGS.diverged);
      const picture = pictureOf(job), result = await writeBatchResult(picture, done);
      shown.set(picture, pictureSummary(picture, result, false));
      return described(result.outcome);
    },
    fail(job, error) {
      reportFailure(`batch: ${job.name}`, error);
      const picture = pictureOf(job);
      shown.set(picture, { picture: picture.input, error: explain(error).line });
    },
  };
  const jobArgs = withThreads(given(), options), jobs: Job[] = [];
  for (const [place, picture] of pictures.entries()) {
    if (shown.has(picture)) continue;
    const { name, output } = picture, extension = extname(output);
    const job = { place, name, task: task.name, args: jobArgs, extension };
    try {
      jobs.push({ ...job, files: sourcesOf(picture, filesOf(picture)) });
    } catch (error) {
      handlers.fail({ ...job, files: {} }, error);
    }
  }
  await runner.run(jobs, handlers, progress, signal);

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
    const posed = (picture: BatchPicture) => posedOf(picture, filesOf(picture), task, options);
    const line = commandLine("batch", withoutPassword(args));
    const count = await writeBatchReport(report, basename(folder), finished, posed, line);
    if (count < finished.length) {
      console.error(`batch: the report shows ${count} of ${finished.length} pictures`);
    }
  }
  if (signal.aborted) {
    const done = all.filter(isDone).length;
    console.error(`batch: ${done} of ${total} done; ${runner.interrupted}`);
    return signal.reason.exitCode;
  }
  return all.every(isDone) ? 0 : 1;
}
