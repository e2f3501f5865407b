// Seconds, processor seconds and memory of NL-Ridge by size, for white noise and for a camera's.
import process from "node:process";
import {
  addGaussianNoise,
  derive,
  type Image,
  nlRidge,
  type NoiseModel,
  psnr,
  readImage,
  whiteNoise,
} from "../mod.ts";
import { padReflect } from "../lib/image/mod.ts";
import { table } from "../scripts/_table.ts";

/** Options of {@linkcode nonlocal}. */
export interface NonlocalOptions {
  size: string;
  noiseSigma: number;
  workers: number;
  rounds: number;
  json?: boolean;
}

interface Row {
  size: string;
  noise: string;
  psnr: number;
  seconds: number;
  /** Of all threads. */
  processorSeconds: number;
  /** Resident in the process after the run, 10^6 bytes. */
  memory: number;
}

/** The same noise as a model that may be correlated, so that the whole Gram matrix is computed. */
function asCamera(white: NoiseModel): NoiseModel {
  const autocorrelation = white.autocorrelation.map(() => [1, 0.01, 0.01, 0.0001]);
  return { ...white, autocorrelation };
}

/** Measures NL-Ridge on a picture that is tiled to each size. */
export async function nonlocal(file: string, options: NonlocalOptions): Promise<void> {
  const { noiseSigma, workers, rounds, json } = options;
  const picture = await readImage(file), sigma = noiseSigma / 255;
  const white = whiteNoise(sigma, picture.channels);
  const rows: Row[] = [];
  for (const size of options.size.split(",")) {
    const [height, width] = size.split("x").map(Number) as [number, number];
    const clean = padReflect(picture, height, width);
    const noisy = addGaussianNoise(clean, sigma, derive(0, "noise"));
    for (const [noise, model] of [["white", white], ["camera", asCamera(white)]] as const) {
      let best: Row | undefined;
      for (let round = 0; round < rounds; round++) {
        const row = { size, noise, ...await measure(noisy, clean, model, workers) };
        if (!best || row.seconds < best.seconds) best = row;
      }
      rows.push(best!);
    }
  }
  if (json) return console.log(JSON.stringify(rows, null, 2));
  console.log(table(
    ["size", "noise", "dB", "seconds", "processor s", "MB"],
    rows.map((row) => [
      row.size,
      row.noise,
      row.psnr.toFixed(2),
      row.seconds.toFixed(1),
      row.processorSeconds.toFixed(1),
      row.memory.toFixed(0),
    ]),
  ));
}

async function measure(
  noisy: Image,
  clean: Image,
  model: NoiseModel,
  workers: number,
): Promise<Omit<Row, "size" | "noise">> {
  const start = performance.now(), before = process.cpuUsage();
  const image = await nlRidge(noisy, model, { workers });
  const seconds = (performance.now() - start) / 1000, { user, system } = process.cpuUsage(before);
  return {
    psnr: psnr(image, clean),
    seconds,
    processorSeconds: (user + system) / 1e6,
    memory: Deno.memoryUsage().rss / 1e6,
  };
}
