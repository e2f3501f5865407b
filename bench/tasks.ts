// Every restoring command on a folder of clean pictures: degraded as its own option says, then restored by its defaults.
import { type Image, psnr, restoreInTiles, type RunRecord, ssim, writeImage } from "../mod.ts";
import { join } from "node:path";
import { createCommand, parsed } from "../scripts/_command_line.ts";
import { addTaskOptions, libraryOptions, pose } from "../scripts/_restoration.ts";
import { table } from "../scripts/_table.ts";
import type { RestorationOptions } from "../scripts/_restoration_options.ts";
import { TASKS } from "../scripts/tasks/mod.ts";
import { squares } from "./_pictures.ts";
import { recordOf } from "./_runs.ts";

/** What is measured: a command, and how its picture is degraded. */
const CASES = [
  "denoise --add-noise 25",
  "denoise --add-noise 25 --noise poisson",
  "denoise --add-noise 10 --noise salt-and-pepper",
  "inpaint --remove 50",
  "inpaint --remove 90",
  "inpaint --remove-text Deep_image_prior",
  "upscale --factor 2 --shrink",
  "upscale --factor 4 --shrink",
  "deblock --compress 10",
  "deblock --compress 30",
  "deblur --gaussian 1.6 --blur --add-noise 2",
  "deblur --motion 9,30 --blur --add-noise 2",
] as const;

/** Options of {@linkcode tasks}. */
export interface TasksOptions {
  /** Only cases that contain this. */
  only?: string;
  size: number;
  iterations?: number;
  seed: number;
  threads: number;
  records?: string;
  output?: string;
  json?: boolean;
}

interface Row {
  readonly command: string;
  readonly picture: string;
  readonly psnrBefore: number;
  readonly psnr: number;
  readonly ssimBefore: number;
  readonly ssim: number;
  readonly iterations: number;
  readonly seconds: number;
}

/** Measures one command on one picture. */
async function measured(
  line: string,
  name: string,
  picture: Image,
  { iterations, seed, threads, records, output }: TasksOptions,
): Promise<Row> {
  const [command, ...args] = line.split(" ") as [string, ...string[]];
  const task = TASKS.find(({ name }) => name === command)!;
  const parser = addTaskOptions(createCommand(task.name, task.summary, []), task);
  parsed(parser, [
    ...args.map((arg) => arg.replaceAll("_", " ")),
    ...["--seed", `${seed}`, "--threads", `${threads}`],
    ...iterations === undefined ? [] : ["--iterations", `${iterations}`],
  ]);
  const options = parser.opts<RestorationOptions>();
  const settings = libraryOptions(task, options);
  const posed = await pose(task, { file: name, picture, reference: undefined }, options);
  const { problem, noiseSigma } = posed, clean = posed.clean!;
  const { height, width } = picture;
  let image: Image | undefined;
  const run = async (): Promise<RunRecord> => {
    const { result } = restoreInTiles(problem, {
      ...settings,
      ...noiseSigma === undefined ? {} : { noiseSigma },
      reference: clean,
    });
    const ended = await result;
    image = ended.image;
    const quality = { psnr: psnr(image, clean), ssim: ssim(image, clean) };
    return { ...ended.record, ...quality };
  };
  const record = await recordOf(records, `${line} ${name} ${width}x${height} ${seed}`, run);
  const after = record as RunRecord & { psnr: number; ssim: number };
  if (output && image) {
    await Deno.mkdir(output, { recursive: true });
    const stem = join(output, `${line.replaceAll(/[^\w.]+/g, "_")}-${name}`);
    for (
      const [part, shown] of [["before", problem.start], ["after", image], [
        "clean",
        clean,
      ]] as const
    ) {
      await writeImage(`${stem}-${part}.png`, shown);
    }
  }
  return {
    command: line,
    picture: name,
    psnrBefore: psnr(problem.start, clean),
    psnr: after.psnr,
    ssimBefore: ssim(problem.start, clean),
    ssim: after.ssim,
    iterations: record.stop.iteration,
    seconds: record.seconds,
  };
}

/** The mean of each number over some rows. */
function meanOf(rows: readonly Row[]): Row {
  const mean = (of: (row: Row) => number) =>
    rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  return {
    command: rows[0]!.command,
    picture: "mean",
    psnrBefore: mean(({ psnrBefore }) => psnrBefore),
    psnr: mean(({ psnr }) => psnr),
    ssimBefore: mean(({ ssimBefore }) => ssimBefore),
    ssim: mean(({ ssim }) => ssim),
    iterations: Math.round(mean(({ iterations }) => iterations)),
    seconds: mean(({ seconds }) => seconds),
  };
}

/** Restores every picture by every command and prints how well; "before" is what the run starts with. */
export async function tasks(folder: string, options: TasksOptions): Promise<void> {
  const pictures = await squares(folder, options.size);
  const shown: Row[] = [];
  for (const line of CASES) {
    if (options.only && !line.includes(options.only)) continue;
    const own: Row[] = [];
    for (const { name, clean } of pictures) {
      const row = await measured(line, name, clean, options);
      own.push(row);
      console.error(
        `${line}, ${name}: ${row.psnrBefore.toFixed(2)} -> ${row.psnr.toFixed(2)} dB, ` +
          `${row.seconds.toFixed(0)} s`,
      );
    }
    shown.push(...own, meanOf(own));
  }
  if (options.json) return console.log(JSON.stringify(shown, null, 2));
  console.log(table(
    ["command", "picture", "before", "dB", "SSIM before", "SSIM", "iterations", "seconds"],
    shown.map((row) => [
      row.command,
      row.picture,
      row.psnrBefore.toFixed(2),
      row.psnr.toFixed(2),
      row.ssimBefore.toFixed(3),
      row.ssim.toFixed(3),
      row.iterations,
      row.seconds.toFixed(0),
    ]),
  ));
}
