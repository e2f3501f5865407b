// PSNR, SSIM and time of denoising for a folder of clean pictures with added noise: qualities, objectives, other
// methods.
import { join } from "node:path";
import {
  addGaussianNoise,
  denoising,
  derive,
  dip,
  type Image,
  linesFigure,
  psnr,
  restore,
  type RestoreOptions,
  type RunRecord,
  ssim,
  writeImage,
} from "../mod.ts";
import { DENOISING_BASELINES } from "../lib/baseline/mod.ts";
import { renderPng } from "../lib/chart/mod.ts";
import { writeFileAtomic } from "../lib/files/mod.ts";
import { type ObjectiveName, type Quality } from "../lib/restoration/mod.ts";
import { table } from "../scripts/_table.ts";
import { bm3d } from "./_peer_bm3d.ts";
import { squares, wholePictures } from "./_pictures.ts";

/** Options of {@linkcode quality}. */
export interface QualityOptions {
  noiseSigma: number[];
  quality: string;
  objective?: string;
  /** Noise levels that the runs assume, relative to the true one. */
  assume: number[];
  /** Whether the baselines are included. */
  baselines?: boolean;
  /** A Python with BM3D. */
  peer?: string;
  /** The side of squares of the pictures; undefined for whole pictures. */
  size?: number;
  iterations?: number;
  seed: number;
  threads: number;
  output?: string;
  /** The file for a chart of PSNR over seconds. */
  chart?: string;
  json?: boolean;
}

interface Row {
  picture: string;
  noiseSigma: number;
  method: string;
  psnrBefore: number;
  psnr: number;
  ssimBefore: number;
  ssim: number;
  seconds: number;
}

/** A method of denoising. */
interface Method {
  readonly name: string;
  run(
    noisy: Image,
    noiseSigma: number,
  ): Promise<{ image: Image; seconds: number; record?: RunRecord }>;
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

/** A run of this project with some settings. */
function ours(name: string, assumed: number, options: QualityOptions, own: RestoreOptions): Method {
  const { seed, threads, iterations } = options;
  return {
    name: assumed === 1 ? name : `${name}, sigma times ${assumed}`,
    async run(noisy, noiseSigma) {
      const { image, record } = await restore(denoising(noisy), {
        noiseSigma: noiseSigma / 255 * assumed,
        seed,
        threads,
        ...iterations === undefined || own.quality === "fast" ? {} : { iterations },
        ...own,
      }).result;
      return { image, record, seconds: record.seconds };
    },
  };
}

const listed = (text: string | undefined) => text ? text.split(",") : [];

/** All methods that the options name. */
function methodsOf(options: QualityOptions): Method[] {
  const { quality, objective, assume, baselines, peer, seed } = options;
  // Some methods compute before they return a promise.
  const timed = async (run: () => Promise<Image>) => {
    const start = performance.now(), image = await run();
    return { image, seconds: (performance.now() - start) / 1000 };
  };
  return [
    ...(baselines ? DENOISING_BASELINES : []).map(({ name, run }): Method => ({
      name,
      run: (noisy, noiseSigma) => timed(() => run(noisy, noiseSigma / 255, { seed })),
    })),
    ...peer
      ? [{ name: "bm3d", run: (noisy: Image, sigma: number) => bm3d(peer, noisy, sigma) }]
      : [],
    ...assume.flatMap((assumed) => [
      ...listed(quality).map((name) =>
        ours(name, assumed, options, { objective: "guided", quality: name as Quality })
      ),
      ...listed(objective).map((name) =>
        ours(name, assumed, options, {
          objective: name as ObjectiveName,
          // The published deep image prior.
          ...name === "mse" ? { network: dip() } : {},
        })
      ),
    ]),
  ];
}

/** Denoises every picture of a folder and prints the results. */
export async function quality(folder: string, options: QualityOptions): Promise<void> {
  const { size, seed, output, chart, json } = options;
  const pictures = size === undefined ? await wholePictures(folder) : await squares(folder, size);
  if (output) Deno.mkdirSync(output, { recursive: true });
  const methods = methodsOf(options), rows: Row[] = [], means: Row[] = [];
  for (const noiseSigma of options.noiseSigma) {
    for (const { name: method, run } of methods) {
      const own: Row[] = [];
      for (const { name, clean } of pictures) {
        const noisy = addGaussianNoise(clean, noiseSigma / 255, derive(seed, "noise"));
        const { image, seconds, record } = await run(noisy, noiseSigma);
        const row: Row = {
          picture: name,
          noiseSigma,
          method,
          psnrBefore: psnr(noisy, clean),
          psnr: psnr(image, clean),
          ssimBefore: ssim(noisy, clean),
          ssim: ssim(image, clean),
          seconds,
        };
        own.push(row);
        if (!json) {
          console.error(
            `${noiseSigma} ${method}, ${name}: ${row.psnr.toFixed(2)} dB in ${
              seconds.toFixed(1)
            } s`,
          );
        }
        if (!output) continue;
        const stem = join(output, `${name}-${noiseSigma}-${method.replaceAll(/\W+/g, "-")}`);
        await writeImage(`${stem}.png`, image);
        if (record) {
          await writeFileAtomic(`${stem}.json`, new TextEncoder().encode(JSON.stringify(record)));
        }
      }
      rows.push(...own);
      means.push(meanOf(own));
    }
  }
  if (chart) await writeFileAtomic(chart, await renderPng(timesFigure(means)));
  if (json) return console.log(JSON.stringify(rows, null, 2));
  console.log(table(
    ["picture", "sigma", "method", "noisy dB", "dB", "noisy SSIM", "SSIM", "seconds"],
    [...rows, ...means].map((row) => [
      row.picture,
      row.noiseSigma,
      row.method,
      row.psnrBefore.toFixed(2),
      row.psnr.toFixed(2),
      row.ssimBefore.toFixed(3),
      row.ssim.toFixed(3),
      row.seconds.toFixed(1),
    ]),
  ));
}

/** PSNR over seconds, a point for each method and noise level. */
const timesFigure = (means: readonly Row[]) =>
  linesFigure(
    "PSNR and time, means over the pictures",
    means.map(({ method, noiseSigma, seconds, psnr }) => ({
      name: new Set(means.map((row) => row.noiseSigma)).size > 1
        ? `${method}, ${noiseSigma}`
        : method,
      x: [seconds],
      y: [psnr],
      mode: "markers" as const,
    })),
    {
      ordered: true,
      x: { title: "seconds", scale: "log" },
      y: { title: "PSNR (dB)" },
    },
  );
