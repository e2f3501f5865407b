// What a setting does to PSNR.
import type { Data } from "plotly.js-dist-min";
import { nameOf, without } from "./_case_name.ts";
import { errorBars, spreadOf } from "./_spread.ts";
import type { Figure } from "./figure.ts";
import type { StudyResult } from "./study.ts";
import { axis, COLORS, layout, noisyLine } from "./style.ts";

/** Options of {@linkcode studyFigure}. */
export interface StudyFigureOptions {
  /** The setting on the x axis. @default {the first one that is not the seed} */
  x?: string;
  /** PSNR of what is restored, in dB, as a line. @default {none} */
  noisyPsnr?: number;
}

/**
 * PSNR against a varied setting: the mean over the seeds and, of several, their standard deviation as error bars.
 * Further settings that vary make a line each.
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
  if (!names.includes(x)) {
    throw new RangeError(`\`x\` must be one of ${names.join(", ")}: got ${x}`);
  }
  const isNumeric = measured.every(({ settings }) => Number.isFinite(Number(settings[x])));
  const values = new Set(measured.map(({ settings }) => settings[x]!));
  const lines = Map.groupBy(measured, ({ settings }) => nameOf(without(settings, x, "seed")));
  const data = [...lines].map(([name, cases], i): Data => {
    const points = [...Map.groupBy(cases, ({ settings }) => settings[x]!)];
    if (isNumeric) points.sort(([a], [b]) => Number(a) - Number(b));
    const spreads = points.map(([, repeated]) => spreadOf(repeated.map(({ psnr }) => psnr!)));
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
