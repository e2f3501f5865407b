// The quality of each architecture by number of parameters, the last question of the notebooks.
import {
  addGaussianNoise,
  type Architecture,
  convNet,
  decoder,
  deepDecoder,
  denoising,
  derive,
  dip,
  fixedBudget,
  linesFigure,
  pip,
  restore,
  type RunRecord,
  siren,
} from "../mod.ts";
import { renderPng } from "../lib/chart/mod.ts";
import { writeFileAtomic } from "../lib/files/mod.ts";
import { table } from "../scripts/_table.ts";
import { squares } from "./_pictures.ts";
import { recordOf } from "./_runs.ts";

/** Options of {@linkcode parameters}. */
export interface ParametersOptions {
  size: number;
  noiseSigma: number;
  iterations: number;
  only?: string;
  networks?: string;
  seeds: number;
  threads: number;
  records?: string;
  chart?: string;
  json?: boolean;
}

/** One kind of network at several widths, with its step size. */
interface Kind {
  make(channels: number): Architecture;
  widths: readonly number[];
  learningRate: number;
  /** The most iterations: conv-net has learned everything much earlier, and its steps take long. */
  most?: number;
}

const KINDS: Readonly<Record<string, Kind>> = {
  dip: { make: (channels) => dip({ channels }), widths: [8, 16, 32], learningRate: 0.01 },
  decoder: { make: (channels) => decoder({ channels }), widths: [8, 16, 32], learningRate: 0.003 },
  "conv-net": {
    make: (channels) => convNet({ channels }),
    widths: [8, 16],
    learningRate: 0.003,
    most: 200,
  },
  "deep-decoder": {
    make: (channels) => deepDecoder({ channels }),
    widths: [16, 32, 64],
    learningRate: 0.01,
  },
  pip: { make: (channels) => pip({ channels }), widths: [8, 16, 32, 64], learningRate: 0.01 },
  siren: { make: (channels) => siren({ channels }), widths: [32, 64, 128], learningRate: 0.001 },
};

/** PSNR is averaged over this number of iterations, to reduce its fluctuations. */
const SMOOTH = 20;

interface Quality {
  network: string;
  channels: number;
  parameters: number;
  /** Means over pictures and seeds, in dB: the highest, and the last. */
  peak: number;
  end: number;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function courseOf({ series }: RunRecord): { peak: number; end: number } {
  const psnr = series.psnr as number[];
  const averaged = psnr.slice(SMOOTH - 1).map((_, i) => mean(psnr.slice(i, i + SMOOTH)));
  return { peak: Math.max(...averaged), end: averaged.at(-1)! };
}

/** Runs every width of every network on every picture, and prints the results. */
export async function parameters(folder: string, options: ParametersOptions): Promise<void> {
  const { size, noiseSigma, iterations, only, networks, seeds, threads, records } = options;
  const pictures = await squares(folder, size, true, only);
  const all: Quality[] = [];
  // Build all networks before the first run, so that an unsuitable size is reported at once.
  const candidates = Object.entries(KINDS)
    .filter(([network]) => networks === undefined || networks.split(",").includes(network))
    .flatMap(([network, kind]) => kind.widths.map((channels) => ({ network, kind, channels })))
    .map(({ network, kind, channels }) => {
      const architecture = kind.make(channels);
      const { model } = architecture.build({ height: size, width: size, channels: 3 }, 0);
      const count = model.countParams();
      model.dispose();
      return { network, kind, channels, architecture, count };
    });
  for (const { network, kind, channels, architecture, count } of candidates) {
    const courses: ReturnType<typeof courseOf>[] = [];
    for (const { name, clean } of pictures) {
      for (let seed = 0; seed < seeds; seed++) {
        const noisy = addGaussianNoise(clean, noiseSigma / 255, derive(seed, "noise"));
        courses.push(courseOf(
          await recordOf(
            records,
            `${name} ${network} ${channels} ${seed}`,
            async () =>
              (await restore(denoising(noisy), {
                objective: "mse",
                input: "random",
                network: architecture,
                learningRate: kind.learningRate,
                iterations: Math.min(iterations, kind.most ?? iterations),
                inputNoise: 0,
                averaging: 0,
                stop: [fixedBudget()],
                seed,
                threads,
                reference: clean,
              }).result).record,
          ),
        ));
      }
    }
    all.push({
      network,
      channels,
      parameters: count,
      peak: mean(courses.map(({ peak }) => peak)),
      end: mean(courses.map(({ end }) => end)),
    });
    if (!options.json) console.error(`${network}, ${channels} channels done`);
  }
  if (options.chart) await draw(options.chart, all);
  if (options.json) return console.log(JSON.stringify(all, null, 2));
  console.log(table(
    ["network", "channels", "parameters", "peak dB", "end dB"],
    all.map(({ network, channels, parameters, peak, end }) => [
      network,
      channels,
      parameters,
      peak.toFixed(2),
      end.toFixed(2),
    ]),
  ));
}

/** The peak over the number of parameters, a curve for each network. */
async function draw(file: string, all: readonly Quality[]): Promise<void> {
  const lines = [...Map.groupBy(all, ({ network }) => network)].map(([name, points]) => ({
    name,
    x: points.map(({ parameters }) => parameters),
    y: points.map(({ peak }) => peak),
    mode: "lines+markers" as const,
  }));
  const figure = linesFigure("Quality by number of parameters", lines, {
    x: { title: "parameters", scale: "log" },
    y: { title: "best PSNR on the way (dB)" },
  });
  await writeFileAtomic(file, await renderPng(figure, { background: "#ffffff" }));
}
