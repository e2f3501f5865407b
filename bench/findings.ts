// The paper's findings on small noisy pictures, with their numbers.
import {
  addGaussianNoise,
  type Architecture,
  convNet,
  decoder,
  denoising,
  derive,
  dip,
  fixedBudget,
  gaussianUpsampling,
  learnedAt,
  restore,
  type RunRecord,
} from "../mod.ts";
import { table } from "../scripts/_table.ts";
import { squares } from "./_pictures.ts";
import { recordOf } from "./_runs.ts";

/** Options of {@linkcode findings}. */
export interface FindingsOptions {
  size: number;
  noiseSigma: number;
  iterations: number;
  only?: string;
  /** The number of runs of each network on each picture, with seeds from 0. */
  seeds: number;
  threads: number;
  records?: string;
  json?: boolean;
}

const channels = 32;
const blurred = (sigma: number) => gaussianUpsampling({ sigma, kernelSum: "unit" });

/**
 * The runs on every picture. The decoder's step size is three times the published one, for a third of the iterations.
 */
const RUNS: Readonly<Record<string, { network: Architecture; learningRate: number }>> = {
  dip: { network: dip({ channels }), learningRate: 0.01 },
  decoder: { network: decoder({ channels }), learningRate: 0.003 },
  "decoder, lambda 0.7": {
    network: decoder({ channels, lipschitz: 0.7 }),
    learningRate: 0.003,
  },
  "decoder, lambda 1": { network: decoder({ channels, lipschitz: 1 }), learningRate: 0.003 },
  "decoder, sigma 0.3": {
    network: decoder({ channels, upsampling: blurred(0.3) }),
    learningRate: 0.003,
  },
  "decoder, sigma 0.5": {
    network: decoder({ channels, upsampling: blurred(0.5) }),
    learningRate: 0.003,
  },
  "decoder, sigma 1": {
    network: decoder({ channels, upsampling: blurred(1) }),
    learningRate: 0.003,
  },
  "conv-net": { network: convNet({ channels: 16 }), learningRate: 0.003 },
};

/** conv-net has learned all bands much earlier, and its steps take long. */
const CONV_NET_ITERATIONS = 200;

/** A band counts as learned at this fraction of the noisy picture's. */
const LEVEL = 0.5;

/** PSNR is averaged over this number of iterations, to reduce its fluctuations. */
const SMOOTH = 20;

interface Course {
  /** Highest PSNR of the output, in dB, and its iteration. */
  peak: number;
  at: number;
  /** PSNR of the last outputs. */
  end: number;
  /** The iteration from which each band's gain stays at LEVEL or above; null if it does not. */
  gain: (number | null)[];
  /** The same for H, which is positive even before anything is learned. */
  correspondence: (number | null)[];
  /** Gain of the lowest band at the peak. */
  lowestAtPeak: number;
  /** Gain of the highest band at the peak, and at the end. */
  highest: [peak: number, end: number];
}

/** An iteration as JSON: null for never. */
function reached(band: readonly number[]): number | null {
  const iteration = learnedAt(band, { level: LEVEL, stays: SMOOTH });
  return Number.isFinite(iteration) ? iteration : null;
}

const averaged = (values: readonly number[]) =>
  values.map((_, i) => {
    const some = values.slice(Math.max(0, i - SMOOTH + 1), i + 1);
    return some.reduce((a, b) => a + b) / some.length;
  });

function courseOf({ series }: RunRecord): Course {
  const psnr = averaged(series.psnr as number[]);
  const peak = Math.max(...psnr), at = psnr.indexOf(peak) + 1;
  const gains = series.bandGain as number[][], top = averaged(gains.at(-1)!);
  return {
    peak,
    at,
    end: psnr.at(-1)!,
    gain: gains.map(reached),
    correspondence: (series.bands as number[][]).map(reached),
    lowestAtPeak: averaged(gains[0]!)[at - 1]!,
    highest: [top[at - 1]!, top.at(-1)!],
  };
}

type Courses = Readonly<Record<string, Course>>;

const fall = ({ peak, end }: Course) => peak - end;

/** The iteration for comparisons; a band that was never learned comes last. */
const when = (iteration: number | null) => iteration ?? Infinity;

const rises = (values: readonly (number | null)[]) =>
  values.every((value, i) => i === 0 || when(value) >= when(values[i - 1]!));

const SIGMAS = [0.3, 0.5, 1].map((sigma) => `decoder, sigma ${sigma}`);

/** Each finding, and a test for it on the runs of one picture and seed. */
const FINDINGS: readonly [finding: string, shown: (of: Courses) => boolean][] = [
  [
    "lower bands are learned first, by their gain (dip, decoder)",
    (of) => rises(of["dip"]!.gain) && rises(of["decoder"]!.gain),
  ],
  [
    "the same by H",
    (of) => rises(of["dip"]!.correspondence) && rises(of["decoder"]!.correspondence),
  ],
  [
    "conv-net too learns the three lower bands in order, by their gain",
    (of) => rises(of["conv-net"]!.gain.slice(0, 3)),
  ],
  [
    "and the highest band after the lowest",
    (of) => when(of["conv-net"]!.gain.at(-1)!) > when(of["conv-net"]!.gain[0]!),
  ],
  [
    "by H it does not: the highest band is there before the lowest",
    (of) =>
      when(of["conv-net"]!.correspondence.at(-1)!) <= when(of["conv-net"]!.correspondence[0]!),
  ],
  [
    "conv-net learns the highest band sooner than decoder, and peaks lower",
    (of) =>
      when(of["conv-net"]!.gain.at(-1)!) < when(of["decoder"]!.gain.at(-1)!) &&
      of["conv-net"]!.peak < of["decoder"]!.peak,
  ],
  [
    "dip's PSNR peaks and falls by 1 dB or more while its highest band rises",
    ({ dip }) => fall(dip!) >= 1 && dip!.highest[1] > dip!.highest[0],
  ],
  [
    "at dip's peak the lowest band's gain is 0.9 or more",
    ({ dip }) => dip!.lowestAtPeak >= 0.9,
  ],
  ["without lambda PSNR falls by 1 dB or more", ({ decoder }) => fall(decoder!) >= 1],
  [
    "with lambda 1 it falls by less than half as much",
    (of) => fall(of["decoder, lambda 1"]!) < fall(of["decoder"]!) / 2,
  ],
  ["with lambda 1 it does not fall (0.3 dB)", (of) => fall(of["decoder, lambda 1"]!) < 0.3],
  [
    "lambda 0.7 blurs: less of the highest band and a lower PSNR than lambda 1",
    (of) => {
      const small = of["decoder, lambda 0.7"]!, right = of["decoder, lambda 1"]!;
      return small.highest[1] < right.highest[1] && small.end < right.end;
    },
  ],
  [
    "sigma 0.3 learns the highest band sooner than sigma 0.5 and sigma 1",
    (of) => {
      const [sharp, ...wide] = SIGMAS.map((name) => when(of[name]!.gain.at(-1)!));
      return wide.every((iteration) => iteration > sharp!);
    },
  ],
  [
    "a larger sigma of Gaussian upsampling learns the highest band later",
    (of) => rises(SIGMAS.map((name) => of[name]!.gain.at(-1)!)),
  ],
  [
    "a smaller sigma peaks sooner",
    (of) => rises(SIGMAS.map((name) => of[name]!.at)),
  ],
  [
    "sigma 0.3 peaks lower than sigma 0.5 and sigma 1",
    (of) => {
      const [sharp, ...wide] = SIGMAS.map((name) => of[name]!.peak);
      return wide.every((peak) => peak > sharp!);
    },
  ],
];

/** Prints the learning times of every run, and the number of pictures and seeds that show each finding. */
export async function findings(folder: string, options: FindingsOptions): Promise<void> {
  const { size, noiseSigma, iterations, only, seeds, threads, records, json } = options;
  const cases: { name: string; seed: number; courses: Courses }[] = [];
  for (const { name, clean } of await squares(folder, size, true, only)) {
    for (let seed = 0; seed < seeds; seed++) {
      const noisy = addGaussianNoise(clean, noiseSigma / 255, derive(seed, "noise"));
      const courses: Record<string, Course> = {};
      for (const [kind, { network, learningRate }] of Object.entries(RUNS)) {
        const record = await recordOf(
          records,
          `${name} ${kind} ${seed}`,
          async () =>
            (await restore(denoising(noisy), {
              objective: "mse",
              input: "random",
              network,
              learningRate,
              inputNoise: 0,
              averaging: 0,
              stop: [fixedBudget()],
              iterations: kind === "conv-net"
                ? Math.min(iterations, CONV_NET_ITERATIONS)
                : iterations,
              seed,
              threads,
              reference: clean,
            }).result).record,
        );
        courses[kind] = courseOf(record);
      }
      cases.push({ name, seed, courses });
      if (!json) console.error(`${name}, seed ${seed} done`);
    }
  }
  const shown = FINDINGS.map(([finding, isShown]) => ({
    finding,
    by: cases.filter(({ courses }) => isShown(courses)).map(({ name, seed }) => ({ name, seed })),
  }));
  if (json) return console.log(JSON.stringify({ cases, findings: shown }, null, 2));
  const listed = (iterations: readonly (number | null)[]) =>
    iterations.map((iteration) => iteration ?? "-").join(" ");
  console.log(table(
    ["picture, seed, network", "peak dB", "at", "end dB", "gain >= 0.5 at", "H >= 0.5 at", "gain5"],
    cases.flatMap(({ name, seed, courses }) =>
      Object.entries(courses).map(([kind, course]) => [
        `${name}, ${seed}, ${kind}`,
        course.peak.toFixed(2),
        course.at,
        course.end.toFixed(2),
        listed(course.gain),
        listed(course.correspondence),
        course.highest[1].toFixed(2),
      ])
    ),
  ));
  console.log();
  for (const { finding, by } of shown) {
    const missing = Map.groupBy(
      cases.filter(({ name, seed }) => !by.some((one) => one.name === name && one.seed === seed)),
      ({ name }) => name,
    );
    const names = [...missing].map(([name, all]) => seeds > 1 ? `${name} ${all.length}` : name);
    console.log(
      `${by.length} of ${cases.length}  ${finding}` +
        (names.length > 0 ? ` (not ${names.join(", ")})` : ""),
    );
  }
}
