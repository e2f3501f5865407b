// PSNR, SSIM and time of the defaults over a folder of clean pictures, noise added.
import { basename, extname, join } from "node:path";
import {
  addGaussianNoise,
  denoising,
  derive,
  type ObjectiveName,
  psnr,
  readImage,
  restore,
  ssim,
  writeFileAtomic,
  writeImage,
} from "../mod.ts";
import { table } from "../scripts/_table.ts";

/** Options of {@linkcode quality}. */
export interface QualityOptions {
  noiseSigma: number;
  objective: string;
  iterations?: number;
  seed: number;
  threads: number;
  output?: string;
  json?: boolean;
}

interface Row {
  picture: string;
  objective: string;
  iterations: number;
  psnrBefore: number;
  psnr: number;
  ssimBefore: number;
  ssim: number;
  seconds: number;
}

const PICTURES = new Set([".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".avif"]);

/** Restores every picture of a folder and prints how well. */
export async function quality(folder: string, options: QualityOptions): Promise<void> {
  const { noiseSigma, seed, threads, output, json } = options;
  const sigma = noiseSigma / 255;
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => PICTURES.has(extname(name).toLowerCase())).sort();
  if (output) Deno.mkdirSync(output, { recursive: true });
  const rows: Row[] = [];
  for (const objective of options.objective.split(",") as ObjectiveName[]) {
    for (const name of names) {
      const clean = await readImage(join(folder, name));
      const noisy = addGaussianNoise(clean, sigma, derive(seed, "noise"));
      const run = restore(denoising(noisy), {
        objective,
        noiseSigma: sigma,
        seed,
        threads,
        reference: clean,
        ...options.iterations ? { iterations: options.iterations } : {},
      });
      const { image, record } = await run.result;
      const row: Row = {
        picture: name,
        objective,
        iterations: record.stop.iteration,
        psnrBefore: psnr(noisy, clean),
        psnr: psnr(image, clean),
        ssimBefore: ssim(noisy, clean),
        ssim: ssim(image, clean),
        seconds: record.seconds,
      };
      rows.push(row);
      if (!json) console.error(`${name}: ${row.psnr.toFixed(2)} dB in ${row.seconds.toFixed(0)} s`);
      if (!output) continue;
      const stem = join(output, `${basename(name, extname(name))}-${objective}`);
      await writeImage(`${stem}.png`, image);
      await writeImage(`${stem}-noisy.png`, noisy);
      await writeFileAtomic(`${stem}.json`, new TextEncoder().encode(JSON.stringify(record)));
    }
  }
  if (json) return console.log(JSON.stringify(rows, null, 2));
  const mean = (of: (row: Row) => number, objective: string) => {
    const values = rows.filter((row) => row.objective === objective).map(of);
    return values.reduce((a, b) => a + b, 0) / values.length;
  };
  const columns = (row: Omit<Row, "picture">, picture: string) => [
    picture,
    row.objective,
    row.iterations,
    row.psnrBefore.toFixed(2),
    row.psnr.toFixed(2),
    row.ssimBefore.toFixed(3),
    row.ssim.toFixed(3),
    row.seconds.toFixed(0),
  ];
  const means = options.objective.split(",").map((objective) =>
    columns({
      objective,
      iterations: Math.round(mean((row) => row.iterations, objective)),
      psnrBefore: mean((row) => row.psnrBefore, objective),
      psnr: mean((row) => row.psnr, objective),
      ssimBefore: mean((row) => row.ssimBefore, objective),
      ssim: mean((row) => row.ssim, objective),
      seconds: mean((row) => row.seconds, objective),
    }, "mean")
  );
  console.log(table(
    ["picture", "objective", "iterations", "noisy dB", "dB", "noisy SSIM", "SSIM", "seconds"],
    [...rows.map((row) => columns(row, row.picture)), ...means],
  ));
}
