// How far the network has learned each frequency band, beside what that does to the picture.
import type { Data, LayoutAxis } from "plotly.js-dist-min";
import type { Finite, RunRecord } from "../restoration/mod.ts";
import { need } from "./_need.ts";
import { stopLines } from "./_stop_lines.ts";
import type { Figure } from "./figure.ts";
import {
  axis,
  bandName,
  curve,
  extremes,
  iterationAxis,
  layout,
  orderedColor,
  rangeFrom,
  TEXT_COLOR,
} from "./style.ts";

/**
 * The band correspondence H of every band over the iterations (Shi et al. 2022, section 3): the order in
 * which the bands rise is the spectral bias. With a reference, PSNR is on a second axis, the highest of
 * the averaged outputs marked. Dashed lines are where stopping rules stopped.
 *
 * @param record A run's record.
 * @returns The figure.
 * @throws {RangeError} If the record has no `series.bands`.
 *
 * @example A record that a command has written
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { data, layout } = bandCorrespondenceFigure(record);
 * assert.deepEqual(data.slice(0, 5).map(({ name }) => name), ["lowest", "low", "medium", "high", "highest"]);
 * assert.equal(layout.yaxis2?.title?.text, "PSNR (dB)");
 * ```
 */
export function bandCorrespondenceFigure(record: RunRecord): Figure {
  const bands = need(record.series.bands, "series.bands", "restore with `measure`");
  const { psnr, averagePsnr } = record.series;
  const iterations = record.stop.iteration;
  const { shapes, annotations, above } = stopLines(record.rules, iterations);
  const right = { yaxis: "y2", hovertemplate: "%{y:.2f} dB" } as const;
  const data: Data[] = bands.map((band, i) =>
    curve(bandName(i, bands.length), band, { color: orderedColor(i, bands.length) }, {
      hovertemplate: "%{y:.3f}",
    })
  );
  if (psnr) data.push(curve("PSNR", psnr, { color: TEXT_COLOR, width: 1 }, right));
  if (averagePsnr) {
    data.push(curve("PSNR, averaged", averagePsnr, { color: TEXT_COLOR, width: 3 }, right));
    data.push(...peakOf(averagePsnr));
  }
  return {
    data,
    layout: {
      ...layout("Band correspondence", 320, { above, below: 52, right: psnr !== undefined }),
      xaxis: iterationAxis(iterations),
      yaxis: axis("H, output / observed", { range: [0, 1.02] }),
      ...psnr ? { yaxis2: psnrAxis(psnr) } : {},
      shapes,
      annotations,
    },
  };
}

/** The axis on the right, with room above the highest for its label. */
function psnrAxis(psnr: readonly Finite[]): LayoutAxis {
  const { least, greatest } = extremes(psnr);
  return axis("PSNR (dB)", {
    overlaying: "y",
    side: "right",
    showgrid: false,
    tickmode: "auto",
    ...rangeFrom(least, greatest + (greatest - least) / 8),
  });
}

/** A point at the highest value, with the value; nothing if there is none. */
function peakOf(values: readonly Finite[]): Data[] {
  const { greatest: highest } = extremes(values);
  const iteration = values.indexOf(highest) + 1;
  if (iteration === 0) return [];
  return [{
    type: "scatter",
    mode: "markers+text",
    name: "highest PSNR, averaged",
    showlegend: false,
    x: [iteration],
    y: [highest],
    yaxis: "y2",
    marker: { symbol: "circle-open", size: 11, color: TEXT_COLOR, line: { width: 2 } },
    text: `${highest.toFixed(2)} dB`,
    textposition: iteration < values.length / 2 ? "top right" : "top left",
    cliponaxis: false,
    hoverinfo: "skip",
  }];
}
