// The loss by each stopping rule: where it stops on small noisy pictures, and how far below the best PSNR.
import {
  addGaussianNoise,
  bandPlateau,
  blurSharpness,
  denoising,
  derive,
  dip,
  discrepancy,
  fixedBudget,
  heldOutPixels,
  movingVariance,
  restore,
  type StoppingRule,
  windowedVariance,
} from "../mod.ts";
import { type RuleRecord } from "../lib/restoration/mod.ts";
import { table } from "../scripts/_table.ts";
import { squares } from "./_pictures.ts";
import { recordOf } from "./_runs.ts";

/** Options of {@linkcode stopping}. */
export interface StoppingOptions {
  size: number;
  noiseSigma: number[];
  /** Names separated by commas. @default {all rules} */
  rules?: string;
  iterations: number;
  seed: number;
  threads: number;
  records?: string;
  json?: boolean;
}

/** All rules are applied to the same run, whose loss lacks the pixels that one of them holds out. */
const rules = (): StoppingRule[] => [
  fixedBudget(),
  heldOutPixels(),
  blurSharpness(),
  blurSharpness({ form: "paper" }),
  windowedVariance(),
  movingVariance(),
  discrepancy(),
  bandPlateau(),
];

interface Row {
  picture: string;
  noise: number;
  best: { iteration: number; psnr: number };
  rules: Pick<RuleRecord, "name" | "stop" | "best" | "psnr" | "lost">[];
}

const highest = (series: readonly (number | null)[]) => {
  const psnr = Math.max(...series.map((value) => value ?? -Infinity));
  return { iteration: series.indexOf(psnr) + 1, psnr };
};

/** Runs the deep image prior on every picture at every noise level with all rules, and prints the results. */
export async function stopping(folder: string, options: StoppingOptions): Promise<void> {
  const { size, noiseSigma, iterations, seed, threads, records, json } = options;
  const chosen = options.rules?.split(",");
  const watching = rules().filter(({ name }) =>
    name === "budget" || (chosen?.includes(name) ?? true)
  );
  const rows: Row[] = [];
  for (const { name, clean } of await squares(folder, size)) {
    for (const noise of noiseSigma) {
      const noisy = addGaussianNoise(clean, noise / 255, derive(seed, "noise"));
      const record = await recordOf(
        records,
        [name, noise, ...chosen ?? []].join(" "),
        async () =>
          (await restore(denoising(noisy), {
            objective: "mse",
            network: dip({ channels: 32 }),
            iterations,
            seed,
            threads,
            reference: clean,
            stop: watching,
          }).result).record,
      );
      const best = highest(record.series.averagePsnr!);
      rows.push({ picture: name, noise, best, rules: record.rules });
      if (!json) console.error(`${name} ${noise}: best ${best.psnr.toFixed(2)} dB`);
    }
  }
  if (json) return console.log(JSON.stringify(rows, null, 2));
  const names = rows[0]!.rules.map(({ name }) => name === "budget" ? "no stop" : name);
  const cell = ({ stop, best, lost }: Row["rules"][number]) =>
    `${stop ?? "-"}/${best ?? "-"} ${lost!.toFixed(2)}`;
  console.log(table(
    ["picture", "noise", "best dB", "at", ...names],
    rows.map(({ picture, noise, best, rules }) => [
      picture,
      noise,
      best.psnr.toFixed(2),
      best.iteration,
      ...rules.map(cell),
    ]),
  ));
  console.log("\nstopped at/picture of, dB below the best\n");
  const lost = (i: number) => rows.map(({ rules }) => rules[i]!.lost!);
  console.log(table(
    ["rule", "mean dB lost", "worst", "mean iterations", "did not stop"],
    names.map((name, i) => [
      name,
      (lost(i).reduce((a, b) => a + b) / rows.length).toFixed(2),
      Math.max(...lost(i)).toFixed(2),
      Math.round(
        rows.reduce((sum, { rules }) => sum + (rules[i]!.stop ?? iterations), 0) / rows.length,
      ),
      rows.filter(({ rules }) => rules[i]!.stop === null).length,
    ]),
  ));
}
