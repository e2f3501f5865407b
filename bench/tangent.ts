// Learning times of bands, predicted from the tangent kernel before training, and measured in training.
import {
  addGaussianNoise,
  type Architecture,
  bandCorrespondence,
  convNet,
  decoder,
  deepDecoder,
  derive,
  dip,
  fourier,
  isotropicRings,
  luminance,
  pip,
  siren,
} from "../mod.ts";
import { predictedBandsFigure, renderPng } from "../lib/chart/mod.ts";
import { writeFileAtomic } from "../lib/files/mod.ts";
import { bandTransfer } from "../lib/spectrum/mod.ts";
import {
  bandEigenvalues,
  gradientDescent,
  largestEigenvalue,
  predictedDescent,
  tangentKernel,
} from "../lib/tangent/mod.ts";
import { table } from "../scripts/_table.ts";
import { squares } from "./_pictures.ts";

/** Options of {@linkcode tangent}. */
export interface TangentOptions {
  size: number;
  channels: number;
  noiseSigma: number;
  /** The last iteration is 2 to the power of this. */
  doublings: number;
  level: number;
  only?: string;
  networks?: string;
  seed: number;
  threads: number;
  chart?: string;
  json?: boolean;
}

/** Scales of networks that have scales; the pictures are small. */
const SCALES = 3;

const networksOf = (channels: number): Readonly<Record<string, Architecture>> => ({
  dip: dip({ channels, scales: SCALES }),
  decoder: decoder({ channels, scales: SCALES }),
  "conv-net": convNet({ channels, scales: SCALES }),
  "deep-decoder": deepDecoder({ channels: 2 * channels, scales: SCALES }),
  pip: pip({ channels, scales: SCALES }),
  siren: siren({ channels: 4 * channels, layers: 2 }),
});

/** Iterations in equal ratios of √2, from 1. */
const iterationsTo = (doublings: number): number[] => [
  ...new Set(Array.from({ length: 2 * doublings + 1 }, (_, i) => Math.round(2 ** (i / 2)))),
];

/**
 * The iteration, interpolated between measurements, from which a band's gain stays at a level; null if it does not.
 */
function learned(
  gains: readonly number[],
  iterations: readonly number[],
  level: number,
): number | null {
  const last = gains.findLastIndex((gain) => gain < level);
  if (last === gains.length - 1) return null;
  if (last < 0) return iterations[0]!;
  const [below, above] = [gains[last]!, gains[last + 1]!];
  const [from, to] = [iterations[last]!, iterations[last + 1]!];
  return from * (to / from) ** ((level - below) / (above - below));
}

/** The results of one network on one picture. */
interface Predicted {
  picture: string;
  network: string;
  /** Mean eigenvalues of the kernel in each band, relative to the largest. */
  rates: number[];
  predicted: (number | null)[];
  measured: (number | null)[];
  /** Gains at the last iteration. */
  gains: { predicted: number[]; measured: number[] };
  /** H of each band at each iteration. */
  H: { predicted: number[][]; measured: number[][] };
  /** The mean of |predicted H - measured H| over bands and iterations, and the largest. */
  deviation: { mean: number; largest: number };
}

const gainOr = (iteration: number | null) => iteration === null ? "-" : iteration.toFixed(0);

function deviationOf({ predicted, measured }: Predicted["H"]): Predicted["deviation"] {
  const all = predicted.flatMap((band, i) => band.map((H, t) => Math.abs(H - measured[i]![t]!)));
  return { mean: all.reduce((a, b) => a + b) / all.length, largest: Math.max(...all) };
}

/** H of the first picture, a panel for each network. */
async function draw(
  file: string,
  cases: readonly Predicted[],
  iterations: readonly number[],
): Promise<void> {
  const [first] = cases;
  const networks = cases.filter(({ picture }) => picture === first?.picture)
    .map(({ network, H }) => [network, H] as const);
  const figure = predictedBandsFigure(
    `H of ${first?.picture}, measured; dashed, predicted`,
    Object.fromEntries(networks),
    { iterations },
  );
  await writeFileAtomic(file, await renderPng(figure, { background: "#ffffff" }));
}

/** Predicts and trains every network on every picture, and prints both. */
export async function tangent(folder: string, options: TangentOptions): Promise<void> {
  const { size, channels, noiseSigma, doublings, level, only, seed, threads } = options;
  const at = iterationsTo(doublings), rings = isotropicRings(size, size);
  const cases: Predicted[] = [];
  for (const { name, clean } of await squares(folder, size, true, only)) {
    const noisy = addGaussianNoise(
      luminance(clean),
      noiseSigma / 255,
      derive(seed, "noise"),
    );
    const target = fourier(noisy.data, size, size);
    const gainsOf = (outputs: readonly Float32Array[]) => {
      const gains = outputs.map((output) =>
        bandTransfer(fourier(output, size, size), target, rings).gain
      );
      return rings.sizes.map((_, band) => gains.map((gain) => gain[band]!));
    };
    const correspondencesOf = (outputs: readonly Float32Array[]) => {
      const all = outputs.map((output) =>
        bandCorrespondence(fourier(output, size, size), target, rings)
      );
      return rings.sizes.map((_, band) => all.map((H) => H[band]!));
    };
    for (const [kind, architecture] of Object.entries(networksOf(channels))) {
      if (options.networks !== undefined && !options.networks.split(",").includes(kind)) continue;
      const network = architecture.build({ height: size, width: size, channels: 1 }, seed);
      const kernel = await tangentKernel(network, { threads });
      const largest = largestEigenvalue(kernel);
      // The fastest direction converges in one step; twice this rate is the limit of stability.
      const shared = { target: noisy.data, rate: 1 / largest, at, threads };
      const outputs = {
        predicted: await predictedDescent(kernel, shared),
        measured: await gradientDescent(network, shared),
      };
      network.model.dispose();
      const predicted = gainsOf(outputs.predicted), measured = gainsOf(outputs.measured);
      const H = {
        predicted: correspondencesOf(outputs.predicted),
        measured: correspondencesOf(outputs.measured),
      };
      cases.push({
        picture: name,
        network: kind,
        rates: bandEigenvalues(kernel, rings).map((rate) => rate / largest),
        predicted: predicted.map((gains) => learned(gains, at, level)),
        measured: measured.map((gains) => learned(gains, at, level)),
        gains: {
          predicted: predicted.map((gains) => gains.at(-1)!),
          measured: measured.map((gains) => gains.at(-1)!),
        },
        H,
        deviation: deviationOf(H),
      });
      if (!options.json) console.error(`${name}, ${kind} done`);
    }
  }
  if (options.chart) await draw(options.chart, cases, at);
  if (options.json) return console.log(JSON.stringify(cases, null, 2));
  const listed = (values: readonly number[], digits: number) =>
    values.map((value) => value.toFixed(digits)).join(" ");
  console.log(table(
    [
      "picture, network",
      "rates",
      "predicted",
      "measured",
      "predicted / measured",
      "gains",
      "trained",
      "|dH| mean, largest",
    ],
    cases.map(({ picture, network, rates, predicted, measured, gains, deviation }) => [
      `${picture}, ${network}`,
      rates.map((rate) => rate.toExponential(1)).join(" "),
      predicted.map(gainOr).join(" "),
      measured.map(gainOr).join(" "),
      predicted.map((iteration, band) => {
        const other = measured[band] ?? null;
        return iteration === null || other === null ? "-" : (iteration / other).toFixed(2);
      }).join(" "),
      listed(gains.predicted, 2),
      listed(gains.measured, 2),
      `${deviation.mean.toFixed(3)} ${deviation.largest.toFixed(2)}`,
    ]),
  ));
}
