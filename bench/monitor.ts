// The cost of measuring: iterations of the paper's decoder with all measures, and with none.
import {
  addGaussianNoise,
  bandPlateau,
  blurSharpness,
  decoder,
  denoising,
  discrepancy,
  type Image,
  movingVariance,
  restore,
  type RestoreOptions,
  windowedVariance,
} from "../mod.ts";
import { table } from "../scripts/_table.ts";
import { squares } from "./_pictures.ts";

/** Options of {@linkcode monitor}. */
export interface MonitorOptions {
  size: number;
  channels: number;
  steps: number;
  rounds: number;
  threads: number;
  json?: boolean;
}

/** Iterations before the measurement. */
const WARM_UP = 3;

/** Wall milliseconds from one iteration to the next. */
async function times(noisy: Image, options: RestoreOptions, steps: number): Promise<number[]> {
  const walls: number[] = [];
  let before = performance.now();
  for await (const { iteration } of restore(denoising(noisy), options)) {
    const now = performance.now();
    if (iteration > WARM_UP) walls.push(now - before);
    before = now;
    if (iteration === WARM_UP + steps) break;
  }
  return walls;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Measures with and without, alternately, and prints. */
export async function monitor(folder: string, options: MonitorOptions): Promise<void> {
  const { size, channels, steps, rounds, threads, json } = options;
  const [picture] = await squares(folder, size);
  if (!picture) throw new Error(`no picture of ${2 * size}x${2 * size} or more in ${folder}`);
  const { clean } = picture;
  const noisy = addGaussianNoise(clean, 25 / 255, 1);
  const common: RestoreOptions = {
    network: decoder({ channels }),
    iterations: 10_000,
    threads,
  };
  const kinds: Record<string, RestoreOptions> = {
    nothing: { ...common, measure: false },
    everything: {
      ...common,
      reference: clean,
      stop: [
        blurSharpness(),
        windowedVariance(),
        movingVariance(),
        discrepancy(),
        bandPlateau(),
      ],
    },
  };
  const walls: Record<string, number[]> = { nothing: [], everything: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [kind, settings] of Object.entries(kinds)) {
      walls[kind]!.push(...await times(noisy, settings, steps));
    }
  }
  const rows = Object.entries(walls).map(([measured, all]) => ({
    measured,
    median: median(all),
    fastest: Math.min(...all),
  }));
  if (json) return console.log(JSON.stringify(rows, null, 2));
  const [without] = rows;
  console.log(table(
    ["measured", "ms an iteration", "fastest", "ratio of medians", "of fastest"],
    rows.map(({ measured, median, fastest }) => [
      measured,
      median.toFixed(1),
      fastest.toFixed(1),
      (median / without!.median).toFixed(3),
      (fastest / without!.fastest).toFixed(3),
    ]),
  ));
}
