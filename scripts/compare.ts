// deno task compare: restores one picture with different settings and shows what they change.
import { basename, dirname, extname, join } from "node:path";
import type { Command } from "commander";
import { psnr, readImage, ssim, writeFileAtomic, writeImage } from "../lib/image/mod.ts";
import { RECORD_VERSION } from "../lib/restoration/mod.ts";
import { createCommand, parsed, wholeNumber } from "./_command_line.ts";
import {
  addDenoisingOptions,
  type DenoisingOptions,
  denoisingRun,
  readPictures,
} from "./_denoising.ts";
import { Failure, runCommand, UsageError } from "./_failure.ts";
import { catchInterrupts } from "./_interrupt.ts";
import { startProgress } from "./_progress.ts";
import { restoreOptions } from "./_restoration_options.ts";
import {
  type Case,
  type CaseResult,
  casesOf,
  fileOf,
  nameOf,
  readVaried,
  spreadOf,
  withoutSeed,
} from "./_study.ts";
import { table } from "./_table.ts";
import { watch } from "./_watch.ts";

interface CompareOptions {
  vary: string[];
  seeds?: number;
  output?: string;
  quiet?: boolean;
  json?: boolean;
}

const create = () => {
  const command = createCommand(
    "compare",
    "Denoises one picture with different settings, and prints what each does to it.\n" +
      "Every run's record and picture are kept in a folder; the same command goes on where it was\n" +
      "interrupted.",
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
    ],
  )
    .argument("<input>", "the noisy picture")
    .option(
      "--vary <setting=values>",
      "a setting and its values with commas; more than once for all combinations. A setting is any " +
        "option below without its dashes, sigma (gaussian-sigma) or noise (add-noise); " +
        "a list within a value is written with colons",
      (text: string, before: string[]) => [...before, text],
      [] as string[],
    )
    .option(
      "--seeds <n>",
      "how many seeds, from 0: mean and spread are shown",
      wholeNumber(1, 1000),
    )
    .option("-o, --output <folder>", "where records and pictures go (default: input-compare)")
    .option("-q, --quiet", "show no progress")
    .option("--json", "print the results as JSON");
  return addDenoisingOptions(command);
};

/** The options of one case: the command line's with the case's in their place. */
function optionsOf(args: readonly string[], { settings }: Case): DenoisingOptions {
  const command: Command = create();
  const own = Object.entries(settings).flatMap(([option, value]) => [`--${option}`, value]);
  if ("gaussian-sigma" in settings && !args.includes("--upsampling") && !settings["upsampling"]) {
    own.unshift("--upsampling", "gaussian");
  }
  parsed(command, [...args, ...own]);
  const options = command.opts<DenoisingOptions>();
  restoreOptions(options);
  return options;
}

/** What a folder is about: results of another picture or other settings must not be mixed in. */
async function identity(input: string, settings: Record<string, unknown>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(input));
  const picture = new Uint8Array(digest).toHex();
  return `${JSON.stringify({ picture, settings, record: RECORD_VERSION })}\n`;
}

/** Prepares the folder, or sees that it belongs to this study. */
async function enter(folder: string, study: string): Promise<void> {
  const file = join(folder, "study.json");
  try {
    await Deno.mkdir(folder, { recursive: true });
    const there = await Deno.readTextFile(file).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
    if (there === study) return;
    if (there !== undefined) {
      throw new Failure(
        `"${folder}" holds a study of another picture or other settings; choose another --output`,
      );
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`cannot use the folder "${folder}": ${(error as Error).message}`);
  }
  await writeFileAtomic(file, new TextEncoder().encode(study));
}

/** The result of a case that an earlier run finished. */
async function finished(file: string): Promise<CaseResult | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${file}.json`));
  } catch {
    return undefined;
  }
}

async function compare(args: readonly string[]): Promise<number> {
  const command = create();
  if (!parsed(command, args)) return 0;
  const [input] = command.processedArgs as [string];
  const { vary, seeds, output, quiet = false, json, threads: _, ...settings } = command.opts<
    CompareOptions & DenoisingOptions
  >();
  const varied = vary.map(readVaried);
  if (seeds !== undefined) {
    varied.push({ option: "seed", values: Array.from({ length: seeds }, (_, i) => `${i}`) });
  }
  if (varied.length === 0) throw new UsageError("nothing to compare: say --vary setting=values");
  const own = new Set(["vary", "seeds", "output", "quiet", "json", "help", "version"]);
  const unknown = varied.find(({ option }) =>
    own.has(option) || !command.options.some(({ long }) => long === `--${option}`)
  );
  if (unknown) throw new UsageError(`--vary ${unknown.option}: there is no such setting`);
  // A mistake in any of them is told before the first run.
  const cases = casesOf(varied).map((one) => ({ ...one, options: optionsOf(args, one) }));
  await readImage(input);
  const folder = output ?? join(dirname(input), `${basename(input, extname(input))}-compare`);
  await enter(folder, await identity(input, settings));

  const progress = startProgress(quiet);
  const signal = catchInterrupts(() => progress.note("stopping; Ctrl-C again quits at once"));
  const results: CaseResult[] = [];
  for (const [i, { options, ...one }] of cases.entries()) {
    if (signal.aborted) break;
    const file = fileOf(folder, one);
    const before = await finished(file);
    if (before) {
      results.push(before);
      continue;
    }
    const shown = startProgress(quiet);
    shown.note(`${i + 1} of ${cases.length}: ${one.name}`);
    const result = await runCase(one, input, options, file, shown, signal);
    if (result) results.push(result);
  }
  progress.end();
  console.log(json ? JSON.stringify(results.map(summary), null, 2) : tableOf(results));
  if (!signal.aborted) return 0;
  console.error(`compare: ${results.length} of ${cases.length} done; the same command goes on`);
  return signal.reason.exitCode;
}

/** Runs a case and keeps its result; nothing if it was interrupted. */
async function runCase(
  { settings }: Case,
  input: string,
  options: DenoisingOptions,
  file: string,
  progress: ReturnType<typeof startProgress>,
  signal: AbortSignal,
): Promise<CaseResult | undefined> {
  const pictures = await readPictures(input, options);
  const { run, iterations } = denoisingRun(pictures, options, signal);
  const { image, record } = await watch(run, iterations, progress, signal);
  if (record.stop.reason === "aborted") return undefined;
  const { clean } = pictures;
  const result: CaseResult = {
    settings,
    psnr: clean ? psnr(image, clean) : null,
    ssim: clean ? ssim(image, clean) : null,
    record,
  };
  await writeImage(`${file}.png`, image);
  // The record last: a case counts as done when it is there.
  await writeFileAtomic(`${file}.json`, new TextEncoder().encode(`${JSON.stringify(result)}\n`));
  return result;
}

const last = <T>(list: readonly T[] | undefined): T | undefined => list?.at(-1);

/** The numbers of a case that the table shows. */
function summary({ settings, psnr, ssim, record }: CaseResult) {
  const { series, stop, seconds } = record;
  const highest = series.averagePsnr?.reduce<number>(
    (a, b) => Math.max(a, b ?? -Infinity),
    -Infinity,
  );
  return {
    settings,
    psnr,
    ssim,
    peak: highest ?? null,
    peakIteration: highest === undefined ? null : series.averagePsnr!.indexOf(highest) + 1,
    misfit: last(series.misfit) ?? null,
    lowestBand: last(series.bands?.[0]) ?? null,
    highestBand: last(series.bands?.at(-1)) ?? null,
    iterations: stop.iteration,
    best: stop.best,
    seconds,
  };
}

/** One line a combination, over its seeds. */
function tableOf(results: readonly CaseResult[]): string {
  const groups = withoutSeed(results);
  if (groups.length === 0) return "nothing is done yet";
  const measured = groups.every(({ results }) => results.every(({ psnr }) => psnr !== null));
  const several = groups.some(({ results }) => results.length > 1);
  const header = [
    "setting",
    ...measured ? ["dB", "SSIM", "peak dB", "at"] : [],
    "misfit",
    "H lowest",
    "H highest",
    "iterations",
    "picture of",
    "seconds",
    ...several ? ["runs"] : [],
  ];
  const rows = groups.map(({ settings, results }) => {
    const numbers = results.map(summary);
    const cell = (of: (one: ReturnType<typeof summary>) => number | null, digits: number) => {
      const values = numbers.map(of).filter((value) => value !== null);
      if (values.length === 0) return "-";
      const { mean, deviation, count } = spreadOf(values);
      return `${mean.toFixed(digits)}${count > 1 ? ` ± ${deviation.toFixed(digits)}` : ""}`;
    };
    return [
      nameOf(settings) || "all",
      ...measured
        ? [
          cell(({ psnr }) => psnr, 2),
          cell(({ ssim }) => ssim, 3),
          cell(({ peak }) => peak, 2),
          cell(({ peakIteration }) => peakIteration, 0),
        ]
        : [],
      cell(({ misfit }) => misfit, 5),
      cell(({ lowestBand }) => lowestBand, 3),
      cell(({ highestBand }) => highestBand, 3),
      cell(({ iterations }) => iterations, 0),
      cell(({ best }) => best, 0),
      cell(({ seconds }) => seconds, 0),
      ...several ? [results.length] : [],
    ];
  });
  return table(header, rows);
}

await runCommand("compare", compare);
