// Band correspondence by frequency, as finely as the picture allows.
import type { Data, Layout } from "plotly.js-dist-min";
import type { RunRecord } from "../restoration/mod.ts";
import { momentsOf } from "./_moments.ts";
import { need } from "./_need.ts";
import { STEPPING, stepping } from "./_stepping.ts";
import type { Figure } from "./figure.ts";
import { axis, bandName, COLORS, faded, layout, orderedColor } from "./style.ts";

/** The bands of `series.bands` where a record has none. */
const BANDS = 5;

/**
 * H by frequency, averaged over rings, at the iterations of the snapshots. The coloured stretches are the
 * bands of {@linkcode bandCorrespondenceFigure}, along the picture's width.
 *
 * @param record A run's record.
 * @returns The figure, with frames.
 * @throws {RangeError} If the record has no snapshots.
 *
 * @example A frame a snapshot
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { frames } = ringFigure(record);
 * assert.deepEqual(frames?.map(({ name }) => name), ["1", "4"]);
 * ```
 */
export function ringFigure(record: RunRecord): Figure {
  const snapshots = need(record.snapshots, "snapshots", "restore with `snapshots`");
  const steps = need(snapshots.steps, "snapshots.steps", "let the run make an iteration");
  const count = record.series.bands?.length ?? BANDS;
  const { width } = record.picture;
  // The paper's rings are parts of half the width, in whole coefficients.
  const limits = Array.from(
    { length: count + 1 },
    (_, i) => Math.floor(width / 2) * i / count / width,
  );
  const traceOf = ({ correspondence }: typeof steps[number]) => ({ y: correspondence });
  const lineOf = (name: string, step: typeof steps[number], color: string): Data => ({
    type: "scatter",
    mode: "lines+markers",
    name,
    x: snapshots.frequencies,
    line: { color, width: 2 },
    marker: { size: 4 },
    hovertemplate: "%{y:.3f}",
    ...traceOf(step),
  });
  const title = "Band correspondence by frequency", moments = momentsOf(record, steps);
  const shared: Partial<Layout> = {
    xaxis: axis("frequency (cycles/pixel)", { range: [0, 0.5], zeroline: false }),
    yaxis: axis("H, output / observed", { range: [0, 1.02] }),
    shapes: limits.slice(1).map((limit, i) => ({
      type: "rect",
      layer: "below",
      xref: "x",
      x0: limits[i]!,
      x1: limit,
      yref: "paper",
      y0: 0,
      y1: 1,
      fillcolor: faded(orderedColor(i, count), 0.14),
      line: { width: 0 },
    })),
    annotations: limits.slice(1).map((limit, i) => ({
      text: bandName(i, count),
      xref: "x",
      x: (limits[i]! + limit) / 2,
      yref: "paper",
      y: 1,
      yanchor: "bottom",
      showarrow: false,
      font: { size: 11 },
    })),
  };
  return {
    data: [lineOf("H", steps.at(-1)!, COLORS[0])],
    frames: steps.map((step) => ({ name: String(step.iteration), data: [traceOf(step)] })),
    layout: {
      ...layout(title, 280, { above: 16, below: STEPPING }),
      ...stepping(steps.map(({ iteration }) => iteration)),
      ...shared,
    },
    still: {
      data: moments.map(({ name, step }, i) => lineOf(name, step, orderedColor(i, moments.length))),
      layout: { ...layout(title, 280, { above: 16 }), ...shared },
    },
  };
}
