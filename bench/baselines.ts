// PSNR, SSIM and time of the baselines of denoising, for a folder of clean pictures with added noise.
import { addGaussianNoise, derive, type Image, psnr, ssim } from "../mod.ts";
import { DENOISING_BASELINES } from "../lib/baseline/mod.ts";
import { table } from "../scripts/_table.ts";
import { squares, wholePictures } from "./_pictures.ts";

/** Options of {@linkcode baselines}. */
export interface BaselinesOptions {
  noiseSigma: number;
  /** The side of squares of the pictures; undefined for whole pictures. */
  size?: number;
  seed: number;
  json?: boolean;
}

interface Row {
  picture: string;
  /** The name; "none" for the noisy picture itself. */
  baseline: string;
  psnr: number;
  ssim: number;
  seconds: number;
}

/** Denoises every picture of a folder by every baseline and prints the results. */
export async function baselines(folder: string, options: BaselinesOptions): Promise<void> {
  const { noiseSigma, size, seed, json } = options;
  const sigma = noiseSigma / 255;
  const pictures = size === undefined ? await wholePictures(folder) : await squares(folder, size);
  const methods: { name: string; run: (noisy: Image) => Promise<Image> }[] = [
    { name: "none", run: (noisy) => Promise.resolve(noisy) },
    ...DENOISING_BASELINES.map(({ name, run }) => ({
      name,
      run: (noisy: Image) => run(noisy, sigma, { seed }),
    })),
  ];
  const rows: Row[] = [];
  for (const { name, clean } of pictures) {
    const noisy = addGaussianNoise(clean, sigma, derive(seed, "noise"));
    for (const { name: baseline, run } of methods) {
      const start = performance.now();
      const image = await run(noisy);
      const seconds = (performance.now() - start) / 1000;
      const quality = { psnr: psnr(image, clean), ssim: ssim(image, clean) };
      rows.push({ picture: name, baseline, ...quality, seconds });
      if (!json) console.error(`${name}, ${baseline}: ${quality.psnr.toFixed(2)} dB`);
    }
  }
  if (json) return console.log(JSON.stringify(rows, null, 2));
  const means = methods.map(({ name }) => meanOf(rows.filter(({ baseline }) => baseline === name)));
  console.log(table(
    ["picture", "baseline", "dB", "SSIM", "seconds"],
    [...rows, ...means].map(({ picture, baseline, psnr, ssim, seconds }) => [
      picture,
      baseline,
      psnr.toFixed(2),
      ssim.toFixed(3),
      seconds.toFixed(1),
    ]),
  ));
}

function meanOf(rows: readonly Row[]): Row {
  const mean = (key: "psnr" | "ssim" | "seconds") =>
    rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
  return {
    picture: "mean",
    baseline: rows[0]!.baseline,
    psnr: mean("psnr"),
    ssim: mean("ssim"),
    seconds: mean("seconds"),
  };
}
