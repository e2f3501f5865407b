// Evidence for `--lipschitz auto`: the adapted bound compared with fixed ones, on small pictures at several noise
// levels.
import { addGaussianNoise, decoder, denoising, derive, fixedBudget, restore } from "../mod.ts";
import { table } from "../scripts/_table.ts";
import { squares } from "./_pictures.ts";
import { recordOf } from "./_runs.ts";

/** Options of {@linkcode lipschitz}. */
export interface LipschitzBenchOptions {
  size: number;
  noiseSigma: number[];
  iterations: number;
  seed: number;
  threads: number;
  records?: string;
  json?: boolean;
}

/** Fixed bounds, none, and the adapted one. */
const BOUNDS = ["1", "1.4", "none", "auto"] as const;

/** The initial value of the adapted bound: the paper's for bilinear upsampling. */
const START = 1.4;

/** The last PSNR is averaged over this number of iterations, to reduce its fluctuations. */
const SMOOTH = 20;

interface Row {
  picture: string;
  noise: number;
  bound: string;
  /** PSNR of the outputs, in dB: the highest, and the last. */
  peak: number;
  end: number;
  /** λ at the end. */
  lambda: number | null;
}

/** Fits a decoder with each bound to every picture at every noise level and prints the PSNRs. */
export async function lipschitz(folder: string, options: LipschitzBenchOptions): Promise<void> {
  const { size, noiseSigma, iterations, seed, threads, records, json } = options;
  const rows: Row[] = [];
  for (const { name, clean } of await squares(folder, size)) {
    for (const noise of noiseSigma) {
      const noisy = addGaussianNoise(clean, noise / 255, derive(seed, "noise"));
      for (const bound of BOUNDS) {
        const lambda = { auto: START, none: 0 }[bound as string] ?? Number(bound);
        const { series } = await recordOf(
          records,
          `${name} ${noise} ${bound}`,
          async () =>
            (await restore(denoising(noisy), {
              // Three times the published step size, for a tenth of the iterations.
              network: decoder({ channels: 32, lipschitz: lambda }),
              learningRate: 0.003,
              iterations,
              averaging: 0,
              stop: [fixedBudget()],
              seed,
              threads,
              noiseSigma: noise / 255,
              reference: clean,
              measure: false,
              ...bound === "auto" ? { steerFrom: lambda } : {},
            }).result).record,
        );
        const psnr = series.psnr as number[], last = psnr.slice(-SMOOTH);
        rows.push({
          picture: name,
          noise,
          bound,
          peak: Math.max(...psnr),
          end: last.reduce((a, b) => a + b) / last.length,
          lambda: series.lambda?.at(-1) ?? null,
        });
      }
      if (!json) console.error(`${name} ${noise} done`);
    }
  }
  if (json) return console.log(JSON.stringify(rows, null, 2));
  const of = (bound: string) => rows.filter((row) => row.bound === bound);
  const highest = of("auto").map((_, i) => Math.max(...BOUNDS.map((bound) => of(bound)[i]!.peak)));
  console.log(table(
    ["picture", "noise", "best of all", ...BOUNDS.map((bound) => `end, ${bound}`), "lambda"],
    of("auto").map(({ picture, noise, lambda }, i) => [
      picture,
      noise,
      highest[i]!.toFixed(2),
      ...BOUNDS.map((bound) => of(bound)[i]!.end.toFixed(2)),
      lambda!.toFixed(2),
    ]),
  ));
  console.log();
  console.log(table(
    ["lambda", "mean dB below the best of all", "worst", "mean fall from its own peak"],
    BOUNDS.map((bound) => {
      const below = of(bound).map(({ end }, i) => highest[i]! - end);
      const fall = of(bound).map(({ peak, end }) => peak - end);
      const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
      return [
        bound,
        mean(below).toFixed(2),
        Math.max(...below).toFixed(2),
        mean(fall).toFixed(2),
      ];
    }),
  ));
}
