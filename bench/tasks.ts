// Measures every restoring command on clean pictures that are degraded by the command's own option, beside a simple
// method and the published deep image prior.
import {
  type Image,
  psnr,
  restoreInTiles,
  type RestoreOptions,
  type RunRecord,
  ssim,
  writeImage,
} from "../mod.ts";
import { join } from "node:path";
import { luminancePsnr } from "../lib/image/mod.ts";
import { createCommand, parseArguments } from "../scripts/_command_line.ts";
import { addTaskOptions, libraryOptions, pose } from "../scripts/_restoration.ts";
import { table } from "../scripts/_table.ts";
import type { RestorationOptions } from "../scripts/_restoration_options.ts";
import { TASKS } from "../scripts/tasks/mod.ts";
import { squares } from "./_pictures.ts";
import { publishedSettings } from "./_published.ts";
import { recordOf } from "./_runs.ts";

/** The cases: a command, and the options that degrade its picture. */
const CASES = [
  "denoise --add-noise 25",
  "denoise --add-noise 25 --noise poisson",
  "denoise --add-noise 10 --noise salt-and-pepper",
  "inpaint --remove 50",
  "inpaint --remove 90",
  "inpaint --remove-text Deep_image_prior",
  "upscale --factor 2 --shrink",
  "upscale --factor 4 --shrink",
  "upscale --factor 2 --shrink --compress 75",
  "upscale --factor 2 --shrink --add-noise 10",
  "upscale --factor 2 --shrink --add-noise 800 --noise camera",
  "deblock --compress 10",
  "deblock --compress 30",
  "deblur --gaussian 1.6 --blur --add-noise 2",
  "deblur --motion 9,30 --blur --add-noise 2",
] as const;

/**
 * The methods: the initial estimate of the run (`start`), the best simple method, the published deep image prior, and
 * the command at each of its qualities.
 */
export const METHODS = ["start", "simple", "published", "fast", "balanced", "best"] as const;

type Method = typeof METHODS[number];

/** Options of {@linkcode tasks}. */
export interface TasksOptions {
  /** Only cases whose command line contains this. */
  only?: string;
  size: number;
  /** Whether squares keep their size, rather than being halved. */
  whole?: boolean;
  methods: string;
  /** Iterations of the published deep image prior. @default {those of its notebook} */
  iterations?: number;
  seed: number;
  threads: number;
  records?: string;
  output?: string;
  json?: boolean;
}

interface Row {
  readonly line: string;
  readonly picture: string;
  readonly method: Method;
  readonly psnr: number;
  /**
   * With a super-resolution factor, the PSNR of luminance without a border as wide as the factor, as in papers on
   * super-resolution; otherwise the PSNR.
   */
  readonly psnrLuminance: number;
  readonly ssim: number;
  readonly seconds: number;
}

/** Restores one picture by each method. */
async function measured(
  line: string,
  name: string,
  picture: Image,
  { methods, iterations, seed, threads, records, output }: TasksOptions,
): Promise<Row[]> {
  const [command, ...args] = line.split(" ") as [string, ...string[]];
  const task = TASKS.find(({ name }) => name === command)!;
  const parser = addTaskOptions(createCommand(task.name, task.summary, []), task);
  parseArguments(parser, [
    ...args.map((arg) => arg.replaceAll("_", " ")),
    ...["--seed", `${seed}`, "--threads", `${threads}`],
  ]);
  const options = parser.opts<RestorationOptions>();
  const pictures = { file: name, picture, reference: undefined };
  const posed = await pose(task, pictures, options), clean = posed.clean!;
  const start = posed.given ?? posed.problem.initialEstimate;
  const factor = posed.problem.settings["factor"] as number | undefined;
  const rowOf = (method: Method, image: Image, seconds: number): Row => {
    const inAll = psnr(image, clean);
    const psnrLuminance = factor ? luminancePsnr(image, clean, factor) : inAll;
    return {
      ...{ line, picture: name, method, psnr: inAll, psnrLuminance },
      ...{ ssim: ssim(image, clean), seconds },
    };
  };
  const keep = async (part: string, image: Image) => {
    if (!output) return;
    await Deno.mkdir(output, { recursive: true });
    const stem = join(output, `${line.replaceAll(/[^\w.]+/g, "_")}-${name}`);
    await writeImage(`${stem}-${part}.png`, image);
  };
  const run = async (
    method: Method,
    settings: RestoreOptions,
    posing: RestorationOptions,
  ): Promise<Row> => {
    const record = await recordOf(
      records,
      `${line} ${name} ${picture.width}x${picture.height} ${seed} ${method} ${iterations ?? ""}`,
      async () => {
        const begun = performance.now();
        const { problem, given, noise, noiseSigma } = await pose(task, pictures, posing);
        // `denoise` fills impulses and removes stripes first, `upscale` removes noise or blocks.
        const prepared = given ? (performance.now() - begun) / 1000 : 0;
        const { image, record } = await restoreInTiles(problem, {
          ...settings,
          ...noise ? { noise } : noiseSigma === undefined ? {} : { noiseSigma },
          reference: clean,
        }).result;
        await keep(method, image);
        return { ...record, row: rowOf(method, image, prepared + record.seconds) };
      },
    );
    return (record as RunRecord & { row: Row }).row;
  };
  const rows: Row[] = [];
  for (const method of methods.split(",") as Method[]) {
    switch (method) {
      case "start":
        rows.push(rowOf("start", start, 0));
        await keep("start", start);
        break;
      case "simple": {
        const tried = [rowOf(method, start, 0)];
        for (const { run } of task.baselines?.(posed, options) ?? []) {
          const begun = performance.now(), image = await run(new AbortController().signal);
          tried.push(rowOf(method, image, (performance.now() - begun) / 1000));
        }
        rows.push(tried.reduce((best, row) => row.psnr > best.psnr ? row : best));
        break;
      }
      case "published":
        rows.push(
          await run(method, { ...publishedSettings(line, iterations), seed, threads }, {
            ...options,
            objective: "mse",
          }),
        );
        break;
      default: {
        const chosen = { ...options, quality: method };
        rows.push(await run(method, libraryOptions(task, chosen), chosen));
      }
    }
    const { psnr, seconds } = rows.at(-1)!;
    console.error(`${line}, ${name}, ${method}: ${psnr.toFixed(2)} dB, ${seconds.toFixed(0)} s`);
  }
  return rows;
}

/** The mean of each number over some rows. */
function meanOf(rows: readonly Row[]): Row {
  const mean = (of: (row: Row) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  return {
    ...rows[0]!,
    picture: "mean",
    psnr: mean(({ psnr }) => psnr),
    psnrLuminance: mean(({ psnrLuminance }) => psnrLuminance),
    ssim: mean(({ ssim }) => ssim),
    seconds: mean(({ seconds }) => seconds),
  };
}

/** The PSNR of a method less that of another, on the picture where this is lowest, in dB. */
const worst = (rows: readonly Row[], others: readonly Row[]): string =>
  others.length === 0
    ? ""
    : Math.min(...rows.map(({ psnr }, i) => psnr - others[i]!.psnr)).toFixed(2);

/** Restores every picture by every command and method, and prints tables of the results. */
export async function tasks(folders: readonly string[], options: TasksOptions): Promise<void> {
  const unknown = options.methods.split(",").find((name) => !METHODS.includes(name as Method));
  if (unknown !== undefined) throw new RangeError(`no such method: ${unknown}`);
  const pictures = (await Promise.all(
    folders.map((folder) => squares(folder, options.size, !options.whole)),
  )).flat();
  const rows: Row[] = [];
  for (const line of CASES) {
    if (options.only && !line.includes(options.only)) continue;
    for (const { name, clean } of pictures) {
      rows.push(...await measured(line, name, clean, options));
    }
  }
  if (options.json) return console.log(JSON.stringify(rows, null, 2));
  const methods = METHODS.filter((method) => rows.some((row) => row.method === method));
  const cases = CASES.filter((line) => rows.some((row) => row.line === line));
  const rowsOf = (line: string, method: Method) =>
    rows.filter((row) => row.line === line && row.method === method);
  const dB = ({ psnr }: Row) => psnr.toFixed(2);
  console.log(table(
    ["PSNR, dB", "picture", ...methods],
    cases.flatMap((line) => [
      ...pictures.map(({ name }) => [
        ...[line, name],
        ...methods.map((method) =>
          dB(rowsOf(line, method).find(({ picture }) => picture === name)!)
        ),
      ]),
      [line, "mean", ...methods.map((method) => dB(meanOf(rowsOf(line, method))))],
    ]),
  ));
  console.log(table(
    ["means", "", "PSNR", "luminance", "SSIM", "seconds", "least - start", "least - published"],
    cases.flatMap((line) =>
      methods.map((method) => {
        const own = rowsOf(line, method), mean = meanOf(own);
        return [
          ...[line, method, dB(mean), mean.psnrLuminance.toFixed(2), mean.ssim.toFixed(3)],
          ...[mean.seconds.toFixed(1), worst(own, rowsOf(line, "start"))],
          worst(own, rowsOf(line, "published")),
        ];
      })
    ),
  ));
}
