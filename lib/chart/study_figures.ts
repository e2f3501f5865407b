// The charts of a study: the PSNR of its cases, their PSNR over the iterations, and their frequency bands.
import type { Data, ScatterData } from "plotly.js-dist-min";
import { check } from "../check.ts";
import type { RunRecord } from "../restoration/mod.ts";
import type { Figure } from "./figure.ts";
import {
  axis,
  bandName,
  COLORS,
  curve,
  iterationAxis,
  layout,
  noisyLine,
  orderedColor,
} from "./style.ts";

/** The result of one case of a study. */
export interface StudyResult {
  /** The value of every setting that varies; `seed` distinguishes repetitions. */
  readonly settings: Readonly<Record<string, string>>;
  /** PSNR of the returned picture, in dB; null without a reference. */
  readonly psnr: number | null;
  readonly record: Pick<RunRecord, "series">;
}

/** Options of {@linkcode studyFigure}. */
export interface StudyFigureOptions {
  /** The setting on the x axis. @default {the first one that is not the seed} */
  x?: string;
  /** PSNR of the picture before the restoration, in dB, as a line. @default {none} */
  noisyPsnr?: number;
}

/**
 * PSNR over a varied setting: the mean over the seeds and, for several, their standard deviation as error bars. Every
 * combination of further settings is a line.
 *
 * @param results The cases.
 * @param options The setting on the x axis.
 * @returns The figure.
 * @throws {RangeError} If no case has a PSNR, or `x` is not a setting.
 *
 * @example Two seeds
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const series = { loss: [], misfit: [], milliseconds: [], averagePsnr: [20, 30] };
 * const results = ["1", "2"].map((seed) => (
 *   { settings: { lipschitz: "1.4", seed }, psnr: 28 + Number(seed), record: { series } }
 * ));
 * const [line] = studyFigure(results).data;
 * assert.deepEqual(line, { ...line, x: [1.4], y: [29.5] });
 * ```
 */
export function studyFigure(
  results: readonly StudyResult[],
  options: StudyFigureOptions = {},
): Figure {
  const measured = results.filter(({ psnr }) => psnr !== null);
  if (measured.length === 0) {
    throw new RangeError("`results` must have a PSNR: restore with a reference");
  }
  const names = Object.keys(measured[0]!.settings);
  const x = options.x ?? names.find((name) => name !== "seed") ?? "seed";
  check(names.includes(x), "x", x, `one of ${names.join(", ")}`);
  const isNumeric = measured.every(({ settings }) => Number.isFinite(Number(settings[x])));
  const values = new Set(measured.map(({ settings }) => settings[x]!));
  const lines = Map.groupBy(measured, ({ settings }) => nameOf(without(settings, x, "seed")));
  const data = [...lines].map(([name, cases], i): Data => {
    const points = [...Map.groupBy(cases, ({ settings }) => settings[x]!)];
    if (isNumeric) points.sort(([a], [b]) => Number(a) - Number(b));
    const spreads = points.map(([, repeated]) =>
      meanAndDeviation(repeated.map(({ psnr }) => psnr!))
    );
    return {
      type: "scatter",
      mode: isNumeric ? "lines+markers" : "markers",
      name: name || "PSNR",
      x: points.map(([value]) => isNumeric ? Number(value) : value),
      y: spreads.map(({ mean }) => mean),
      ...errorBars(points.map(([, repeated]) => repeated.length), spreads),
      line: { width: 2, color: COLORS[i % COLORS.length]! },
      marker: { size: 8, color: COLORS[i % COLORS.length]! },
      hovertemplate: "%{y:.2f} dB",
    };
  });
  return {
    data,
    layout: {
      ...layout(`PSNR by ${x}`, 300),
      ...noisyLine(options.noisyPsnr),
      showlegend: lines.size > 1,
      xaxis: axis(x, {
        zeroline: false,
        ...isNumeric ? {} : { type: "category", range: [-0.5, values.size - 0.5] },
      }),
      yaxis: axis("PSNR (dB)"),
    },
  };
}

/** Dashes distinguish cases when all colours are used. */
const DASHES = ["solid", "dash", "dot", "dashdot"] as const;

/** Options of {@linkcode studyCurvesFigure}. */
export interface StudyCurvesFigureOptions {
  /** @default {"PSNR over the iterations"} */
  title?: string;
  /** PSNR of the picture before the restoration, in dB, as a line. @default {none} */
  noisyPsnr?: number;
}

/**
 * PSNR of the averaged outputs over the iterations, a curve for each case. Cases that differ only in the seed have
 * the same style and one entry in the legend. If a single setting varies and its values are numbers, the colours go
 * from the smallest, blue, to the largest, yellow.
 *
 * @param results The cases.
 * @param options The title.
 * @returns The figure.
 * @throws {RangeError} If no case has a PSNR.
 *
 * @example Two seeds
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const series = { loss: [], misfit: [], milliseconds: [], averagePsnr: [20, 30] };
 * const results = ["1", "2"].map((seed) => (
 *   { settings: { lipschitz: "1.4", seed }, psnr: 28 + Number(seed), record: { series } }
 * ));
 * const { data } = studyCurvesFigure(results);
 * assert.deepEqual(data.map(({ name }) => name), ["lipschitz 1.4", "lipschitz 1.4"]);
 * ```
 */
export function studyCurvesFigure(
  results: readonly StudyResult[],
  { title = "PSNR over the iterations", noisyPsnr }: StudyCurvesFigureOptions = {},
): Figure {
  const measured = results.filter(({ record }) => record.series.averagePsnr !== undefined);
  if (measured.length === 0) {
    throw new RangeError("`results` must have a PSNR: restore with a reference");
  }
  const groups = [...Map.groupBy(measured, ({ settings }) => nameOf(without(settings, "seed")))];
  const ranks = ranksOf(groups.map(([, [first]]) => without(first!.settings, "seed")));
  const data = groups.flatMap(([name, cases], i): Data[] =>
    cases.map(({ record }, k) =>
      curve(
        name || "PSNR",
        record.series.averagePsnr!,
        {
          color: ranks ? orderedColor(ranks[i]!, groups.length) : COLORS[i % COLORS.length]!,
          width: 1.5,
          dash: ranks ? "solid" : DASHES[Math.floor(i / COLORS.length) % DASHES.length]!,
        },
        { legendgroup: name, showlegend: k === 0, hovertemplate: "%{y:.2f} dB" },
      )
    )
  );
  const iterations = Math.max(...measured.map(({ record }) => record.series.averagePsnr!.length));
  return {
    data,
    layout: {
      ...layout(title, 320, { below: 52 }),
      ...noisyLine(noisyPsnr),
      xaxis: iterationAxis(iterations),
      yaxis: axis("PSNR (dB)"),
    },
  };
}

/**
 * The band correspondence H at the end of every run, a line for each band over the combinations of settings: the mean
 * over the seeds and, for several, their standard deviation as error bars.
 *
 * @param results The cases.
 * @returns The figure.
 * @throws {RangeError} If no case has `series.bands`.
 *
 * @example Two seeds
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const results = [0.5, 0.75].map((H, seed) => ({
 *   settings: { lipschitz: "1.4", seed: `${seed}` },
 *   psnr: null,
 *   record: { series: { loss: [], misfit: [], milliseconds: [], bands: [[0, H]] } },
 * }));
 * const [line] = studyBandsFigure(results).data;
 * assert.deepEqual(line, { ...line, x: ["lipschitz 1.4"], y: [0.625] });
 * ```
 */
export function studyBandsFigure(results: readonly StudyResult[]): Figure {
  const measured = results.flatMap(({ settings, record: { series: { bands } } }) =>
    bands ? [{ settings, last: bands.map((values) => values.at(-1) ?? null) }] : []
  );
  if (measured.length === 0) {
    throw new RangeError("`results` must have series.bands: restore with `measure`");
  }
  const groups = [...Map.groupBy(measured, ({ settings }) => nameOf(without(settings, "seed")))];
  const count = measured[0]!.last.length;
  const data = Array.from({ length: count }, (_, band): Data => {
    const spreads = groups.map(([, cases]) =>
      meanAndDeviation(cases.flatMap(({ last }) => last[band] ?? []))
    );
    return {
      type: "scatter",
      mode: "lines+markers",
      name: bandName(band, count),
      x: groups.map(([name]) => name || "all"),
      y: spreads.map(({ mean }) => mean),
      ...errorBars(groups.map(([, cases]) => cases.length), spreads),
      line: { width: 2, color: orderedColor(band, count) },
      marker: { size: 8 },
      hovertemplate: "%{y:.3f}",
    };
  });
  return {
    data,
    layout: {
      ...layout("Bands by setting", 300, { below: 52 }),
      xaxis: axis("", {
        type: "category",
        zeroline: false,
        range: [-0.5, groups.length - 0.5],
      }),
      yaxis: axis("H, output / observed", { range: [0, 1.02] }),
    },
  };
}

/** Values that need the name of their setting: numbers, and words for whether something is present. */
const BARE = /^[\d.,\s×x-]+$|^(?:none|auto|all|true|false|\d.*)$/;

/** Settings and values in one line; a value that is a word stands alone. */
const nameOf = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([setting, value]) => BARE.test(value) ? `${setting} ${value}` : value).join(", ");

/** Settings without some of them. */
const without = (
  settings: Readonly<Record<string, string>>,
  ...names: readonly string[]
): Record<string, string> =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));

/**
 * The rank of each case by the one setting that varies, if its values are numbers.
 *
 * @param cases Each case's settings without the seed.
 * @returns The ranks; undefined if there is no order.
 */
function ranksOf(cases: readonly Readonly<Record<string, string>>[]): number[] | undefined {
  const names = Object.keys(cases[0] ?? {}).filter((name) =>
    new Set(cases.map((settings) => settings[name])).size > 1
  );
  const [name] = names;
  if (name === undefined || names.length > 1) return undefined;
  const values = cases.map((settings) => settings[name]!);
  // A missing bound counts as the largest.
  const numbers = values.map((value) =>
    value === "none" ? Infinity : Number(value.match(/-?[\d.]+/)?.[0])
  );
  const stems = new Set(
    values.filter((value) => value !== "none").map((value) => value.replace(/-?[\d.]+/, "")),
  );
  if (numbers.some(Number.isNaN) || stems.size > 1) return undefined;
  const sorted = [...numbers].sort((a, b) => a - b);
  return numbers.map((value) => sorted.indexOf(value));
}

/** The mean and standard deviation of numbers. */
export interface MeanAndDeviation {
  readonly mean: number;
  /** The standard deviation of the sample; 0 for a single number. */
  readonly deviation: number;
  readonly count: number;
}

/**
 * Computes the mean and standard deviation of a sample.
 *
 * @param values The numbers.
 * @returns Both; the mean of no numbers is NaN.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(meanAndDeviation([1, 3]), { mean: 2, deviation: Math.SQRT2, count: 2 });
 * ```
 */
export function meanAndDeviation(values: readonly number[]): MeanAndDeviation {
  const count = values.length, mean = values.reduce((a, b) => a + b, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, count };
}

/** Deviations as error bars; undefined if there were no repetitions. */
const errorBars = (
  counts: readonly number[],
  spreads: readonly MeanAndDeviation[],
): Pick<Partial<ScatterData>, "error_y"> =>
  counts.every((count) => count < 2) ? {} : {
    error_y: {
      type: "data",
      array: spreads.map(({ deviation }) => deviation),
      thickness: 1.5,
      width: 5,
    },
  };
