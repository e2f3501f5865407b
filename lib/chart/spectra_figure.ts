// Spectra as they fill up, from the low frequencies to the high ones.
import type { Annotation, Data } from "plotly.js-dist-min";
import type { RunRecord } from "../restoration/mod.ts";
import { need } from "./_need.ts";
import { type PanelOptions, panels } from "./_panels.ts";
import type { Extent } from "./_picture.ts";
import { STEPPING, stepping } from "./_stepping.ts";
import type { Figure } from "./figure.ts";

/** Pixels of the colour bar above the panels. */
const COLOR_BAR = 56;

/** What the rows and columns of a spectrum are, frequency zero in the middle of a coefficient. */
function frequencies({ height, width }: { height: number; width: number }): Extent {
  const [left, top] = [width, height].map((side) => (-Math.floor(side / 2) - 0.5) / side);
  return { left: left!, right: left! + 1, top: top!, bottom: top! + 1 };
}

/**
 * Log power spectra at the iterations of the snapshots: of the output, of what was observed, which the
 * network fits, and, with a reference, of the output's error. One grey scale holds for all.
 *
 * @param record A run's record.
 * @param options How the spectra are arranged.
 * @returns The figure, with frames.
 * @throws {RangeError} If the record has no snapshots.
 *
 * @example Three spectra and their grey scale
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { data } = spectraFigure(record);
 * assert.deepEqual(data.map(({ name }) => name), ["output", "target", "error", "grey scale"]);
 * ```
 */
export function spectraFigure(record: RunRecord, options: PanelOptions = {}): Figure {
  const snapshots = need(record.snapshots, "snapshots", "restore with `snapshots`");
  const steps = need(snapshots.steps, "snapshots.steps", "let the run make an iteration");
  const { spectrum, errorSpectrum } = steps.at(-1)!;
  const { low, high } = snapshots.spectrumRange;
  const { data, layout } = panels({
    ...options,
    title: "Spectra",
    pictures: [
      ["output", spectrum],
      ["target", snapshots.observedSpectrum],
      ...errorSpectrum ? [["error", errorSpectrum] as const] : [],
    ],
    extent: frequencies(record.picture),
    xUnit: "cycles/pixel",
    yUnit: "cycles/pixel",
    ticks: { tickvals: [-0.4, -0.2, 0, 0.2, 0.4] },
    above: COLOR_BAR,
    below: STEPPING,
  });
  return {
    data: [...data, scale(low, high)],
    frames: steps.map(({ iteration, spectrum, errorSpectrum }) => ({
      name: String(iteration),
      traces: errorSpectrum ? [0, 2] : [0],
      data: [spectrum, ...errorSpectrum ? [errorSpectrum] : []].map((source) => ({ source })),
    })),
    layout: {
      ...layout,
      ...stepping(steps.map(({ iteration }) => iteration)),
      showlegend: false,
      annotations: [SCALE_TITLE],
    },
  };
}

/** The colour bar's title; with one of its own, Plotly moves the figure's out of sight. */
const SCALE_TITLE: Partial<Annotation> = {
  text: "log₁₀ of power, |F|² / pixels",
  xref: "paper",
  x: 0,
  xanchor: "left",
  yref: "paper",
  y: 1,
  yanchor: "bottom",
  yshift: 38,
  showarrow: false,
  font: { size: 12 },
};

/** A trace of nothing but its colour bar: traces that are pictures have none. */
const scale = (low: number, high: number): Data => ({
  type: "scatter",
  mode: "markers",
  name: "grey scale",
  x: [null],
  y: [null],
  hoverinfo: "skip",
  marker: {
    color: [low],
    cmin: low,
    cmax: high,
    colorscale: [[0, "#000000"], [1, "#ffffff"]],
    showscale: true,
    colorbar: {
      orientation: "h",
      title: { text: "" },
      thickness: 10,
      len: 1,
      x: 0.5,
      y: 1,
      yanchor: "bottom",
      ypad: 6,
      tickfont: { size: 11 },
      outlinewidth: 0,
    },
  },
});
