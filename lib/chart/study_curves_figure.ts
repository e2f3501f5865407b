// PSNR over the iterations, case by case.
import type { Data } from "plotly.js-dist-min";
import { nameOf, ranksOf, without } from "./_case_name.ts";
import type { Figure } from "./figure.ts";
import type { StudyResult } from "./study.ts";
import { axis, COLORS, curve, iterationAxis, layout, noisyLine, orderedColor } from "./style.ts";

/** Tells cases apart once the colours are used up. */
const DASHES = ["solid", "dash", "dot", "dashdot"] as const;

/** Options of {@linkcode studyCurvesFigure}. */
export interface StudyCurvesFigureOptions {
  /** @default {"PSNR over the iterations"} */
  title?: string;
  /** PSNR of what is restored, in dB, as a line. @default {none} */
  noisyPsnr?: number;
}

/**
 * PSNR of the averaged outputs over the iterations, a curve a case: what a run would return. Cases that
 * differ only in the seed look the same and are in the legend once. Where one setting varies and its values
 * are numbers, the colours go from the smallest, blue, to the largest, yellow.
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
