// The paper's findings on small noisy pictures, each with its numbers.
import {
  addGaussianNoise,
  type Architecture,
  convNet,
  decoder,
  denoising,
  derive,
  dip,
  fixedBudget,
  gaussian,
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
  seed: number;
  threads: number;
  records?: string;
  json?: boolean;
}

const channels = 32;
const blurred = (sigma: number) => gaussian({ sigma, gain: "unit" });

/** What is run on every picture; the decoder's step size is three times the published one, for a third of the iterations. */
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

/** conv-net has reached every band long before, and its steps are dear. */
const CONV_NET_ITERATIONS = 200;

/** A band has been learned to this part of the noisy picture's. */
const LEVEL = 0.5;

/** PSNR is averaged over so many iterations, against its jitter. */
const SMOOTH = 20;

interface Course {
  /** Highest PSNR of the output, in dB, and its iteration. */
  peak: number;
  at: number;
  /** PSNR of the last outputs. */
  end: number;
  /** The iteration at which each band reaches LEVEL; Infinity if it does not. */
  reached: number[];
  /** H of the highest band at the peak, and at the end. */
  highest: [peak: number, end: number];
}

function courseOf({ series }: RunRecord): Course {
  const psnr = (series.psnr as number[]).map((_, i, all) => {
    const some = all.slice(Math.max(0, i - SMOOTH + 1), i + 1);
    return some.reduce((a, b) => a + b) / some.length;
  });
  const peak = Math.max(...psnr), at = psnr.indexOf(peak) + 1;
  const bands = series.bands as number[][];
  // The first output is random and may have anything: a band counts once it stays.
  const reached = bands.map((band) => {
    const i = band.findIndex((_, i) => band.slice(i, i + SMOOTH).every((value) => value >= LEVEL));
    return i < 0 ? Infinity : i + 1;
  });
  const top = bands.at(-1)!;
  return { peak, at, end: psnr.at(-1)!, reached, highest: [top[at - 1]!, top.at(-1)!] };
}

type Courses = Readonly<Record<string, Course>>;

const fall = ({ peak, end }: Course) => peak - end;

const rises = (values: readonly number[]) =>
  values.every((value, i) => i === 0 || value >= values[i - 1]!);

/** Each finding, and whether a picture shows it. */
const FINDINGS: readonly [finding: string, shown: (of: Courses) => boolean][] = [
  [
    "lower bands reach their level first (dip, decoder)",
    (of) => rises(of["dip"]!.reached) && rises(of["decoder"]!.reached),
  ],
  [
    "dip's PSNR peaks and falls by 1 dB or more while its highest band rises",
    ({ dip }) => fall(dip!) >= 1 && dip!.highest[1] > dip!.highest[0],
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
    "conv-net learns the highest band faster than decoder, and peaks lower",
    (of) =>
      of["conv-net"]!.reached.at(-1)! < of["decoder"]!.reached.at(-1)! &&
      of["conv-net"]!.peak < of["decoder"]!.peak,
  ],
  [
    "a larger sigma of Gaussian upsampling learns the highest band later",
    (of) => rises([0.3, 0.5, 1].map((sigma) => of[`decoder, sigma ${sigma}`]!.reached.at(-1)!)),
  ],
];

/** Runs everything on every picture and prints the courses and the findings. */
export async function findings(folder: string, options: FindingsOptions): Promise<void> {
  const { size, noiseSigma, iterations, seed, threads, records, json } = options;
  const pictures: { name: string; courses: Courses }[] = [];
  for (const { name, clean } of await squares(folder, size)) {
    const noisy = addGaussianNoise(clean, noiseSigma / 255, derive(seed, "noise"));
    const courses: Record<string, Course> = {};
    for (const [kind, { network, learningRate }] of Object.entries(RUNS)) {
      const record = await recordOf(
        records,
        `${name} ${kind}`,
        async () =>
          (await restore(denoising(noisy), {
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
    pictures.push({ name, courses });
    if (!json) console.error(`${name} done`);
  }
  const shown = FINDINGS.map(([finding, isShown]) => ({
    finding,
    by: pictures.filter(({ courses }) => isShown(courses)).map(({ name }) => name),
  }));
  if (json) return console.log(JSON.stringify({ pictures, findings: shown }, null, 2));
  console.log(table(
    [
      "picture, network",
      "peak dB",
      "at",
      "end dB",
      "H >= 0.5 at, band by band",
      "H5 peak",
      "H5 end",
    ],
    pictures.flatMap(({ name, courses }) =>
      Object.entries(courses).map(([kind, { peak, at, end, reached, highest }]) => [
        `${name}, ${kind}`,
        peak.toFixed(2),
        at,
        end.toFixed(2),
        reached.map((iteration) => Number.isFinite(iteration) ? iteration : "-").join(" "),
        highest[0].toFixed(2),
        highest[1].toFixed(2),
      ])
    ),
  ));
  console.log();
  for (const { finding, by } of shown) {
    const missing = pictures.map(({ name }) => name).filter((name) => !by.includes(name));
    console.log(
      `${by.length} of ${pictures.length}  ${finding}` +
        (missing.length > 0 ? ` (not ${missing.join(", ")})` : ""),
    );
  }
}
