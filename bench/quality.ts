// PSNR, SSIM and time of the defaults over a folder of clean pictures, noise added.
import { join } from "node:path";
import {
  addGaussianNoise,
  denoising,
  derive,
  type ObjectiveName,
  psnr,
  restore,
  ssim,
  writeFileAtomic,
  writeImage,
} from "../mod.ts";
import { table } from "../scripts/_table.ts";
import { squares, wholePictures } from "./_pictures.ts";

/** Options of {@linkcode quality}. */
export interface QualityOptions {
  noiseSigma: number;
  objective: string;
  /** Noise levels assumed, as parts of the true one. */
  assume: number[];
  /** Side of the squares taken from the pictures; whole pictures if it is left out. */
  size?: number;
  iterations?: number;
  seed: number;
  threads: number;
  output?: string;
  json?: boolean;
}

interface Row {
  picture: string;
  objective: ObjectiveName;
  /** The noise level assumed, as a part of the true one. */
  assumed: number;
  iterations: number;
  psnrBefore: number;
  psnr: number;
  ssimBefore: number;
  ssim: number;
  seconds: number;
}

/** The mean of each number over some rows. */
function meanOf(rows: readonly Row[]): Row {
  const mean = { ...rows[0]!, picture: "mean" };
  for (const [key, value] of Object.entries(mean)) {
    if (typeof value !== "number") continue;
    const values = rows.map((row) => row[key as "psnr"]);
    mean[key as "psnr"] = values.reduce((a, b) => a + b) / rows.length;
  }
  return mean;
}

/** Restores every picture of a folder and prints how well. */
export async function quality(folder: string, options: QualityOptions): Promise<void> {
  const { noiseSigma, assume, size, seed, threads, output, json } = options;
  const sigma = noiseSigma / 255;
  const pictures = size === undefined ? await wholePictures(folder) : await squares(folder, size);
  if (output) Deno.mkdirSync(output, { recursive: true });
  const objectives = options.objective.split(",") as ObjectiveName[];
  const kinds = objectives.flatMap((objective) =>
    assume.map((assumed) => ({ objective, assumed }))
  );
  const shown: Row[] = [], rows: Row[] = [];
  for (const { objective, assumed } of kinds) {
    const own: Row[] = [];
    for (const { name, clean } of pictures) {
      const noisy = addGaussianNoise(clean, sigma, derive(seed, "noise"));
      const run = restore(denoising(noisy), {
        objective,
        noiseSigma: sigma * assumed,
        seed,
        threads,
        reference: clean,
        ...options.iterations ? { iterations: options.iterations } : {},
      });
      const { image, record } = await run.result;
      const row: Row = {
        picture: name,
        objective,
        assumed,
        iterations: record.stop.iteration,
        psnrBefore: psnr(noisy, clean),
        psnr: psnr(image, clean),
        ssimBefore: ssim(noisy, clean),
        ssim: ssim(image, clean),
        seconds: record.seconds,
      };
      own.push(row);
      if (!json) console.error(`${name}: ${row.psnr.toFixed(2)} dB in ${row.seconds.toFixed(0)} s`);
      if (!output) continue;
      const stem = join(output, `${name}-${objective}${assumed === 1 ? "" : `-${assumed}`}`);
      await writeImage(`${stem}.png`, image);
      await writeImage(`${stem}-noisy.png`, noisy);
      await writeFileAtomic(`${stem}.json`, new TextEncoder().encode(JSON.stringify(record)));
    }
    rows.push(...own);
    shown.push(...own, meanOf(own));
  }
  if (json) return console.log(JSON.stringify(rows, null, 2));
  console.log(table(
    [
      "picture",
      "objective",
      "sigma assumed",
      "iterations",
      "noisy dB",
      "dB",
      "noisy SSIM",
      "SSIM",
      "seconds",
    ],
    shown.map((row) => [
      row.picture,
      row.objective,
      `${row.assumed} x ${noiseSigma}`,
      Math.round(row.iterations),
      row.psnrBefore.toFixed(2),
      row.psnr.toFixed(2),
      row.ssimBefore.toFixed(3),
      row.ssim.toFixed(3),
      row.seconds.toFixed(0),
    ]),
  ));
}
