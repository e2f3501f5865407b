// deno task compare: restores a picture with different settings and compares the results.
import { basename, dirname, extname, join } from "node:path";
import type { Command } from "commander";
import { checkFileWritable } from "../lib/files/mod.ts";
import { runBaselines } from "./_baselines.ts";
import { commandLine, createCommand, parseArguments, wholeNumber } from "./_command_line.ts";
import { LEGEND, type ShownCase, summaryOf, tableOf } from "./_comparison.ts";
import { explain, Failure, reportFailure, UsageError } from "./_failure.ts";
import { catchInterrupts } from "./_interrupt.ts";
import {
  addJobsOptions,
  argsGiven,
  checkJobsOptions,
  digestsOf,
  type FilesByOption,
  type Handlers,
  isAtOnce,
  type Job,
  JOBS_KEYS,
  JOBS_OPTIONS,
  type JobsOptions,
  namesFile,
  runnerOf,
  startJobsProgress,
  withoutPassword,
  withThreads,
} from "./jobs/mod.ts";
import { refuseSameFile, requireExtension } from "./_paths.ts";
import { isStandardInput, readPictures } from "./_pictures.ts";
import { duration, startProgress } from "./_progress.ts";
import { addTaskOptions, libraryOptions, pose } from "./_restoration.ts";
import type { RestorationOptions } from "./_restoration_options.ts";
import { type Case, casesOf, readVaried, type VariedOption } from "./_study.ts";
import { checkResult, filesOf, openStudyFolder, readResult, writeResult } from "./_study_folder.ts";
import { writeStudyReport } from "./_study_report.ts";
import { addListOptions, addTaskOption, taskOf } from "./_task_option.ts";
import type { RestorationTask } from "./tasks/mod.ts";

interface CompareOptions extends JobsOptions {
  baselines?: boolean;
  vary?: VariedOption[];
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
        "three bounds on the spectral norm, noise added; the last picture of each run",
        "photo.png --add-noise 25 --network decoder --vary lipschitz=1,1.4,none --averaging 0 --stop budget --output study",
      ],
      [
        "two settings, three seeds each",
        "photo.png --vary network=dip,decoder --vary upsampling=bilinear,nearest --seeds 3",
      ],
      ["sigma of Gaussian upsampling, all options of denoise", "photo.png --vary sigma=0.1,0.5,1"],
      ["beside other ways of denoising", "photo.png --add-noise 25 --baselines"],
      [
        "another task, with its own options",
        "photo.png --task inpaint --remove 50 --vary network=dip,decoder",
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
      (text: string, before: VariedOption[] = []) => [...before, readVaried(text)],
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
  return addTaskOptions(addJobsOptions(addTaskOption(addListOptions(command))), task);
};

/** Options of the study as a whole, and of its pictures. */
const OF_STUDY = ["baselines", "vary", "seeds", "output", "report", "quiet", "json", "reference"];

/** Options that cannot vary between cases. */
const FIXED: readonly string[] = [...JOBS_OPTIONS, ...OF_STUDY, "task", "version", "help"];

/** The settings that vary; checks that they can. */
export function variedBy(task: RestorationTask, command: Command): VariedOption[] {
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

/** The options of one case: those of the command line and its own. */
export function optionsOf(
  task: RestorationTask,
  args: readonly string[],
  { settings }: Case,
): RestorationOptions {
  const command = create(task);
  const own = Object.entries(settings).map(([option, value]) => `--${option}=${value}`);
  parseArguments(command, [...own, ...args]);
  const options = command.opts<RestorationOptions>();
  // A varied Gaussian sigma implies Gaussian upsampling.
  if ("gaussian-sigma" in settings) options.upsampling ??= "gaussian";
  libraryOptions(task, options);
  return options;
}

/** Options that do not change a result, or that are part of the cases or the pictures. */
const FREE: readonly string[] = [...JOBS_KEYS, ...OF_STUDY, "threads"];

/** The files that a case's options name, and the picture. */
function filesNamed(command: Command, input: string, options: RestorationOptions): FilesByOption {
  const values: Readonly<Record<string, unknown>> = { ...options };
  const given = command.options.filter(namesFile).map((option) => option.attributeName())
    .filter((key) => values[key] !== undefined)
    .map((key) => [key, `${values[key]}`]);
  return { ...Object.fromEntries(given), picture: input };
}

/** The options of one case as arguments of a job. */
function argsOf(given: readonly string[], { settings }: Case, options: RestorationOptions) {
  const own = Object.entries(settings).map(([option, value]) => `--${option}=${value}`);
  // Add the options that a setting implies.
  const implied = "gaussian-sigma" in settings ? [`--upsampling=${options.upsampling}`] : [];
  // Cases are compared by pictures, so of several pages the first is taken.
  const page = options.page === undefined ? ["--page=1"] : [];
  return [...given, ...page, ...own, ...implied];
}

export async function compare(args: readonly string[]): Promise<number> {
  const task = taskOf(args), command = create(task), given = argsGiven(command, task);
  if (!parseArguments(command, args)) return 0;
  const [input] = command.processedArgs as [string];
  const options = command.opts<CompareOptions & RestorationOptions>();
  const { baselines: isCompared = false, output, report, quiet = false, json, reference } = options;
  checkJobsOptions(options);
  if (isStandardInput(input)) throw new UsageError("every run reads the picture: name a file");
  requireExtension("--report", report, ".html");
  await refuseSameFile([
    { name: "the input", path: input, written: false },
    { name: "the reference", path: reference, written: false },
    { name: "the report", path: report, written: true },
  ]);
  const folder = output ?? join(dirname(input), `${basename(input, extname(input))}-compare`);
  // Report mistakes in the settings before the first run.
  const cases = casesOf(variedBy(task, command)).map((one) => ({
    one,
    options: optionsOf(task, args, one),
    files: filesOf(folder, one),
  }));
  const pictures = await readPictures(input, reference, options);
  // Report a problem that cannot be posed before anything is written.
  const [{ one: { settings: columns }, options: firstOptions }] = cases as [typeof cases[number]];
  const first = await pose(task, pictures, firstOptions);
  if (report) await checkFileWritable(report);
  const settings = Object.entries(options).filter(([key]) => !FREE.includes(key));
  await openStudyFolder(folder, pictures, Object.fromEntries(settings));

  const shown: (ShownCase | undefined)[] = [];
  for (const { files } of cases) {
    const result = await readResult(files);
    if (!result) await checkResult(files);
    shown.push(result && summaryOf(result, files));
  }

  const runner = await runnerOf(options);
  const done = shown.filter((one) => one !== undefined).length;
  const progress = startJobsProgress({
    atOnce: isAtOnce(options),
    total: cases.length,
    done,
    quiet,
  });
  const signal = catchInterrupts(() => progress.note("stopping; Ctrl-C again quits at once"));
  const sources = await digestsOf({
    picture: input,
    ...reference === undefined ? {} : { reference },
  });
  const handlers: Handlers = {
    check: ({ place }) => checkResult(cases[place]!.files),
    async keep({ place }, done) {
      const { one, files } = cases[place]!;
      if (Object.entries(sources).some(([option, digest]) => done.sources[option] !== digest)) {
        throw new Failure(`"${input}" has changed since the study began`);
      }
      const result = await writeResult(one, files, done);
      shown[place] = summaryOf(result, files);
      return duration(done.pages[0].outcome.seconds);
    },
    fail({ name, place }, error) {
      reportFailure(`compare: ${name}`, error);
      shown[place] = { settings: cases[place]!.one.settings, error: explain(error).line };
    },
  };
  const jobs = cases.map(({ one, options: own, files }, place): Job => ({
    place,
    name: one.name,
    task: task.name,
    args: withThreads(argsOf(given(), one, own), options),
    files: filesNamed(command, input, own),
    extension: extname(files.output),
  }));
  await runner.run(jobs.filter(({ place }) => !shown[place]), handlers, progress, signal);
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
      command: commandLine("compare", withoutPassword(args)),
    });
    if (shown < done) console.error(`compare: the report has pictures of ${shown} of ${done} runs`);
  }
  const failed = known.filter((one) => "error" in one).length;
  if (signal.aborted) {
    const done = shown.filter((one) => one !== undefined).length - failed;
    console.error(`compare: ${done} of ${cases.length} done; ${runner.interrupted}`);
    return signal.reason.exitCode;
  }
  return failed > 0 ? 1 : 0;
}
