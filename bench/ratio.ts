// The paper's stopping rule on long runs of the paper's own network: where it stops, and why.
import { addGaussianNoise, decoder, denoising, fixedBudget, restore } from "../mod.ts";
import type { RunRecord } from "../mod.ts";
import { table } from "../scripts/_table.ts";
import { squares } from "./_pictures.ts";
import { recordOf } from "./_runs.ts";

/** Options of {@linkcode ratio}. */
export interface RatioOptions {
  size: number;
  channels: number;
  noiseSigma: number;
  lambda: number[];
  learningRate: number;
  iterations: number;
  only?: string;
  /** The number of runs of each bound on each picture, with seeds from 0. */
  seeds: number;
  threads: number;
  records?: string;
  json?: boolean;
}

/** The windows and the threshold of the paper's code. */
const WINDOW = 100, THRESHOLD = 0.01;

/** PSNR is averaged over this number of iterations, to reduce its fluctuations. */
const SMOOTH = 20;

/** The measures of a run for the rule. */
interface Seen {
  /** PSNR in dB: the highest and its iteration, where the rule stops, and the last. */
  peak: number;
  at: number;
  stopped: number | null;
  there: number | null;
  end: number;
  /** Where the relative form of the rule stops, and PSNR there. */
  relative: number | null;
  thereRelative: number | null;
  /** The least change between the windows in the run; the threshold is 0.01. */
  least: number;
  /** The fraction of the iterations at which the ratio has risen from one window to the next. */
  risen: number;
  /** b of `r = a - b ln t`, fitted to the second half, and the fraction of r's variance that it explains. */
  slope: number;
  explained: number;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Fits `r = a - b ln t` to the second half of a run. */
function logarithm(r: readonly number[]): { slope: number; explained: number } {
  const from = r.length >> 1;
  const y = r.slice(from), x = y.map((_, i) => Math.log(from + i + 1));
  const [mx, my] = [mean(x), mean(y)];
  const xy = mean(x.map((value, i) => (value - mx) * (y[i]! - my)));
  const xx = mean(x.map((value) => (value - mx) ** 2)),
    yy = mean(y.map((value) => (value - my) ** 2));
  return { slope: -xy / xx, explained: xy ** 2 / (xx * yy) };
}

function seen({ series }: RunRecord): Seen {
  const psnr = (series.psnr as number[]).map((_, i, all) =>
    mean(all.slice(Math.max(0, i - SMOOTH + 1), i + 1))
  );
  const sharpness = series.sharpness as number[];
  const r = (series.blurriness as number[]).map((value, i) => value / sharpness[i]!);
  // As in blurSharpness({ form: "paper" }): at index i the windows are [i - 200, i - 100) and [i - 99, i).
  const changes = r.flatMap((_, i) =>
    i <= 2 * WINDOW ? [] : [{
      iteration: i + 1,
      change: mean(r.slice(i - 2 * WINDOW, i - WINDOW)) - mean(r.slice(i - WINDOW + 1, i)),
    }]
  );
  // As in blurSharpness(), whose windows are of 100 each and include the current ratio.
  const relative = r.findIndex((_, i) => {
    if (i < 2 * WINDOW - 1) return false;
    const [before, recent] = [
      mean(r.slice(i - 2 * WINDOW + 1, i - WINDOW + 1)),
      mean(r.slice(i - WINDOW + 1, i + 1)),
    ];
    return Math.abs(before - recent) / recent < THRESHOLD;
  });
  const stopped = changes.find(({ change }) => Math.abs(change) < THRESHOLD)?.iteration ?? null;
  const peak = Math.max(...psnr);
  return {
    peak,
    at: psnr.indexOf(peak) + 1,
    stopped,
    there: stopped === null ? null : psnr[stopped - 1]!,
    end: psnr.at(-1)!,
    relative: relative < 0 ? null : relative + 1,
    thereRelative: psnr[relative] ?? null,
    least: Math.min(...changes.map(({ change }) => Math.abs(change))),
    risen: changes.filter(({ change }) => change < 0).length / changes.length,
    ...logarithm(r),
  };
}

/** Runs every bound on every picture, and prints the results of the rule. */
export async function ratio(folder: string, options: RatioOptions): Promise<void> {
  const { size, channels, noiseSigma, lambda, learningRate, iterations, only, seeds } = options;
  const cases: (Seen & { picture: string; lambda: number; seed: number })[] = [];
  for (const { name, clean } of await squares(folder, size, true, only)) {
    for (const lipschitz of lambda) {
      for (let seed = 0; seed < seeds; seed++) {
        const noisy = addGaussianNoise(clean, noiseSigma / 255, seed + 1);
        const record = await recordOf(
          options.records,
          `${name} ${size} ${channels} ${learningRate} ${lipschitz} ${iterations} ${seed}`,
          async () =>
            (await restore(denoising(noisy), {
              objective: "mse",
              input: "random",
              network: decoder({ channels, lipschitz }),
              learningRate,
              iterations,
              inputNoise: 0,
              averaging: 0,
              stop: [fixedBudget()],
              seed,
              threads: options.threads,
              reference: clean,
            }).result).record,
        );
        cases.push({ picture: name, lambda: lipschitz, seed, ...seen(record) });
        if (!options.json) console.error(`${name}, lambda ${lipschitz}, seed ${seed} done`);
      }
    }
  }
  if (options.json) return console.log(JSON.stringify(cases, null, 2));
  console.log(table(
    [
      "picture, lambda, seed",
      "peak dB",
      "at",
      "stops",
      "dB there",
      "relative",
      "dB there",
      "end dB",
      "least",
      "risen",
      "b",
      "R2",
    ],
    cases.map((one) => [
      `${one.picture}, ${one.lambda}, ${one.seed}`,
      one.peak.toFixed(2),
      one.at,
      one.stopped ?? "-",
      one.there?.toFixed(2) ?? "-",
      one.relative ?? "-",
      one.thereRelative?.toFixed(2) ?? "-",
      one.end.toFixed(2),
      one.least.toFixed(4),
      `${(100 * one.risen).toFixed(0)} %`,
      one.slope.toFixed(2),
      one.explained.toFixed(2),
    ]),
  ));
}
