// deno task compare: restores one picture with different settings and shows what they change.
import { basename, dirname, extname, join } from "node:path";
import type { Command } from "commander";
import { checkFileWritable, type Image, psnr, ssim } from "../lib/image/mod.ts";
import { runBaselines } from "./_baselines.ts";
import { commandLine, createCommand, parsed, wholeNumber } from "./_command_line.ts";
import { LEGEND, type ShownCase, summaryOf, tableOf } from "./_comparison.ts";
import { explain, runCommand, tell, UsageError } from "./_failure.ts";
import { catchInterrupts } from "./_interrupt.ts";
import { refuseSameFile, requireExtension } from "./_paths.ts";
import { readPictures } from "./_pictures.ts";
import { type Progress, startProgress } from "./_progress.ts";
import { addTaskOptions, pose, runOf, settled } from "./_restoration.ts";
import type { RestorationOptions } from "./_restoration_options.ts";
import { type Case, casesOf, readVaried, type Varied } from "./_study.ts";
import {
  type CaseResult,
  checkResult,
  enter,
  filesOf,
  readResult,
  writeResult,
} from "./_study_folder.ts";
import { writeStudyReport } from "./_study_report.ts";
import { addListOptions, addTaskOption, taskOf } from "./_task_option.ts";
import type { Posed, RestorationTask } from "./tasks/mod.ts";
import { watchToEnd } from "./_watch.ts";

interface CompareOptions {
  baselines?: boolean;
  vary?: Varied[];
  seeds?: number;
  output?: string;
  report?: string;
  quiet?: boolean;
  json?: boolean;
}

/** The command line of a comparison for one task. */
export const create = (task: RestorationTask) => {
  const command = createCommand(
    "compare",
    "Restores one picture with different settings, and prints what each does to it. Every run's " +
      "record and picture are kept in a folder; the same command goes on where it was interrupted.",
    [
      [
        "four bounds on the spectral norm, noise added",
        "data/camera.png --add-noise 25 --network decoder --vary lipschitz=1,1.4,2,none",
      ],
      [
        "two settings, three seeds each",
        "photo.png --vary network=dip,decoder --vary upsampling=bilinear,nearest --seeds 3",
      ],
      ["sigma of Gaussian upsampling, all options of denoise", "photo.png --vary sigma=0.1,0.5,1"],
      ["beside other ways of denoising", "data/camera.png --add-noise 25 --baselines"],
      [
        "another task, with its own options",
        "data/camera.png --task inpaint --remove 50 --vary network=dip,decoder",
      ],
    ],
  )
    .argument("<input>", "the picture")
    .optionsGroup("The study:")
    .option(
      "--vary <setting=values>",
      "a setting and its values with commas; more than once for all combinations. A setting is any " +
        "option of a run without its dashes, sigma (gaussian-sigma) or noise (add-noise); " +
        "a list within a value is written with colons",
      (text: string, before: Varied[] = []) => [...before, readVaried(text)],
    )
    .option(
      "--seeds <n>",
      "how many seeds, from 0: mean and spread are shown",
      wholeNumber(1, 1000),
    )
    .option(
      "--baselines",
      "show what would be used instead of the prior too, such as non-local means; with it nothing need vary",
    )
    .option("-o, --output <folder>", "where records and pictures go (default: input-compare)")
    .option("--report <file.html>", "write a page with charts and pictures of the study there")
    .addHelpText("after", `\n${LEGEND}`);
  return addTaskOptions(addTaskOption(addListOptions(command)), task);
};

/** Options that a case cannot have a value of its own for. */
const FIXED = [
  "baselines",
  "task",
  "vary",
  "seeds",
  "output",
  "report",
  "quiet",
  "json",
  "reference",
  "version",
  "help",
];

/** All that varies, after a look whether it can. */
export function variedBy(task: RestorationTask, command: Command): Varied[] {
  const { vary = [], seeds, baselines } = command.opts<CompareOptions>();
  if (seeds !== undefined && vary.some(({ option }) => option === "seed")) {
    throw new UsageError("--seeds and --vary seed do not go together");
  }
  const varied = seeds === undefined
    ? vary
    : [...vary, { option: "seed", values: Array.from({ length: seeds }, (_, i) => `${i}`) }];
  if (varied.length === 0) {
    if (!baselines) {
      throw new UsageError("nothing to compare: say --vary setting=values, or --baselines");
    }
    const { network } = command.opts<RestorationOptions>();
    return [{ option: "network", values: [network] }];
  }
  const own = longNames(task.addOptions(createCommand(task.name, "", [])));
  for (const { option } of varied) {
    if (baselines && own.includes(option)) {
      throw new UsageError(`--baselines are of one picture: --vary ${option} makes several`);
    }
    const known = command.options.find(({ long }) => long === `--${option}`);
    if (!known || FIXED.includes(option)) {
      throw new UsageError(`--vary ${option}: there is no such setting`);
    }
    if (command.getOptionValueSource(known.attributeName()) === "cli") {
      throw new UsageError(`${option} cannot be both given and varied`);
    }
  }
  return varied;
}

const longNames = (command: Command): string[] =>
  command.options.map(({ long }) => long!.replace(/^--/, ""));

/** The options of one case: the command line's and the case's own. */
export function optionsOf(
  task: RestorationTask,
  args: readonly string[],
  { settings }: Case,
): RestorationOptions {
  const command = create(task);
  const own = Object.entries(settings).map(([option, value]) => `--${option}=${value}`);
  parsed(command, [...own, ...args]);
  const options = command.opts<RestorationOptions>();
  // Whoever varies sigma need not say what it is the sigma of.
  if ("gaussian-sigma" in settings) options.upsampling ??= "gaussian";
  settled(task, options);
  return options;
}

async function compare(args: readonly string[]): Promise<number> {
  const task = taskOf(args), command = create(task);
  if (!parsed(command, args)) return 0;
  const [input] = command.processedArgs as [string];
  const {
    vary: _,
    baselines: isCompared = false,
    seeds: __,
    output,
    report,
    quiet = false,
    json,
    reference,
    threads: ___,
    ...settings
  } = command.opts<CompareOptions & RestorationOptions>();
  requireExtension("--report", report, ".html");
  await refuseSameFile([
    { name: "the input", path: input, written: false },
    { name: "the reference", path: reference, written: false },
    { name: "the report", path: report, written: true },
  ]);
  const folder = output ?? join(dirname(input), `${basename(input, extname(input))}-compare`);
  // A mistake in any of them is told before the first run.
  const cases = casesOf(variedBy(task, command)).map((one) => ({
    one,
    options: optionsOf(task, args, one),
    files: filesOf(folder, one),
  }));
  const pictures = await readPictures(input, reference, settings);
  // A problem that cannot be posed is told before anything is written.
  const [{ one: { settings: columns }, options: firstOptions }] = cases as [typeof cases[number]];
  const first = await pose(task, pictures, firstOptions);
  if (report) await checkFileWritable(report);
  await enter(folder, pictures, settings);

  const shown: (ShownCase | undefined)[] = [];
  for (const { files } of cases) {
    const result = await readResult(files);
    if (!result) await checkResult(files);
    shown.push(result && summaryOf(result, files));
  }

  let progress = startProgress(quiet);
  const signal = catchInterrupts(() => progress.note("stopping; Ctrl-C again quits at once"));
  for (const note of pictures.notes ?? []) progress.note(note);
  for (const [i, { one, options, files }] of cases.entries()) {
    if (shown[i]) continue;
    if (signal.aborted) break;
    progress = startProgress(quiet);
    progress.note(`${i + 1} of ${cases.length}: ${one.name}`);
    let run: Awaited<ReturnType<typeof runCase>>;
    try {
      const posed = await pose(task, pictures, options);
      run = await runCase(one, posed, settled(task, options), progress, signal);
    } catch (error) {
      if (signal.aborted) break;
      // The others may well succeed.
      tell(`compare: ${one.name}`, error);
      shown[i] = { settings: one.settings, error: explain(error).line };
      continue;
    }
    await writeResult(files, run.image, pictures, run.result);
    shown[i] = summaryOf(run.result, files);
  }
  const baselines = isCompared && !signal.aborted
    ? await runBaselines(
      task,
      first,
      pictures,
      firstOptions,
      folder,
      Object.keys(columns),
      startProgress(quiet),
      signal,
    )
    : [];
  const known = [...baselines, ...shown.filter((one) => one !== undefined)];
  console.log(json ? JSON.stringify(known, null, 2) : tableOf(known));
  if (report) {
    const { shown, done } = await writeStudyReport(report, {
      title: basename(input),
      posed: first,
      cases,
      shown: known,
      command: commandLine("compare", args),
    });
    if (shown < done) console.error(`compare: the report has pictures of ${shown} of ${done} runs`);
  }
  const failed = known.filter((one) => "error" in one).length;
  if (signal.aborted) {
    const done = shown.filter((one) => one !== undefined).length - failed;
    console.error(`compare: ${done} of ${cases.length} done; the same command goes on`);
    return signal.reason.exitCode;
  }
  return failed > 0 ? 1 : 0;
}

/** Runs a case to its end. */
async function runCase(
  { settings }: Case,
  posed: Posed,
  options: ReturnType<typeof settled>,
  progress: Progress,
  signal: AbortSignal,
): Promise<{ image: Image; result: CaseResult }> {
  try {
    const run = runOf(posed, options, signal);
    const { image, record } = await watchToEnd(run, run.iterations, progress, signal);
    const { clean } = posed;
    const [quality, similarity] = clean ? [psnr(image, clean), ssim(image, clean)] : [null, null];
    return { image, result: { settings, psnr: quality, ssim: similarity, record } };
  } finally {
    progress.end();
  }
}

if (import.meta.main) await runCommand("compare", compare);
