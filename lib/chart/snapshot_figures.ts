// The charts of a record's snapshots, with a slider: outputs, spectra, and rings.
import type { Data, Layout, UpdateMenu } from "plotly.js-dist-min";
import type { RunRecord } from "../restoration/mod.ts";
import { type PanelOptions, panels, pictureTrace, spectrumPanels } from "./_panels.ts";
import { momentsOf, STEPPING, stepping } from "./_stepping.ts";
import { type Figure, need } from "./figure.ts";
import {
  axis,
  bandName,
  COLORS,
  faded,
  FAINT_COLOR,
  layout,
  orderedColor,
  TEXT_COLOR,
} from "./style.ts";

/** The height of the buttons that switch between before and after, in pixels. */
const TOGGLE = 36;

/**
 * The network's output at the iterations of the snapshots, beside the observed picture and the reference if there is
 * one, with common zoom. Two buttons switch the output's panel between observed picture and output, because
 * differences are best visible in the same place.
 *
 * @param record A run's record.
 * @param options The arrangement of the pictures.
 * @returns The figure, with frames.
 * @throws {RangeError} If the record has no snapshots.
 *
 * @example Pictures below each other, for a narrow page
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { data } = outputsFigure(record, { arrange: "column" });
 * assert.deepEqual(data.map(({ name }) => name), ["observed", "output", "reference", "before"]);
 * ```
 */
export function outputsFigure(record: RunRecord, options: PanelOptions = {}): Figure {
  const snapshots = need(record.snapshots, "snapshots", "restore with `snapshots`");
  const steps = need(snapshots.steps, "snapshots.steps", "let the run make an iteration");
  const { height, width } = record.picture;
  const { observed, reference } = snapshots;
  const extent = { left: 0, right: width, top: 0, bottom: height };
  const shared = { title: "Outputs", extent, xUnit: "pixels", yUnit: "pixels" } as const;
  const last: readonly (readonly [string, string])[] = reference ? [["reference", reference]] : [];
  const { data, layout } = panels({
    ...options,
    ...shared,
    pictures: [
      ["observed", observed],
      ["output", steps.at(-1)!.output],
      ...last,
    ],
    above: TOGGLE,
    below: STEPPING,
  });
  // Over the output, and hidden at first.
  const before: Data = {
    ...pictureTrace(observed, extent),
    name: "before",
    xaxis: "x2",
    yaxis: "y2",
    visible: false,
  };
  const moments = momentsOf(record, steps).map(({ name, step }) => [name, step.output] as const);
  const steppers = stepping(steps.map(({ iteration }) => iteration));
  return {
    data: [...data, before],
    frames: steps.map(({ iteration, output }) => ({
      name: String(iteration),
      traces: [1],
      data: [{ source: output }],
    })),
    layout: {
      ...layout,
      ...steppers,
      updatemenus: [...steppers.updatemenus!, toggle(data.length)],
    },
    still: panels({ ...shared, pictures: [...moments, ...last], below: 0 }),
  };
}

/** Two buttons above the pictures that show and hide a trace. */
const toggle = (trace: number): Partial<UpdateMenu> => ({
  type: "buttons",
  direction: "left",
  // Plotly paints an active button nearly white, on which text for dark pages is not readable.
  showactive: false,
  x: 1,
  xanchor: "right",
  y: 1,
  yanchor: "bottom",
  pad: { b: 6 },
  bgcolor: "rgba(0, 0, 0, 0)",
  bordercolor: FAINT_COLOR,
  font: { size: 12, color: TEXT_COLOR },
  buttons: [
    { label: "output", method: "restyle", args: [{ visible: false }, [trace]] },
    { label: "before", method: "restyle", args: [{ visible: true }, [trace]] },
  ],
});

/**
 * Log power spectra at the iterations of the snapshots: of the output, of the observed picture, and, with a
 * reference, of the output's error, with a common grey scale.
 *
 * @param record A run's record.
 * @param options The arrangement of the spectra.
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
  const shared = { size: record.picture, range: snapshots.spectrumRange };
  const target = ["target", snapshots.observedSpectrum] as const;
  const { data, layout } = spectrumPanels({
    ...options,
    ...shared,
    pictures: [
      ["output", spectrum],
      target,
      ...errorSpectrum ? [["error", errorSpectrum] as const] : [],
    ],
    below: STEPPING,
  });
  return {
    data,
    frames: steps.map(({ iteration, spectrum, errorSpectrum }) => ({
      name: String(iteration),
      traces: errorSpectrum ? [0, 2] : [0],
      data: [spectrum, ...errorSpectrum ? [errorSpectrum] : []].map((source) => ({ source })),
    })),
    layout: { ...layout, ...stepping(steps.map(({ iteration }) => iteration)) },
    still: spectrumPanels({
      ...shared,
      title: "Spectra of the output",
      pictures: [
        ...momentsOf(record, steps).map(({ name, step }) => [name, step.spectrum] as const),
        target,
      ],
      below: 0,
    }),
  };
}

/** The number of bands, if a record has no `series.bands`. */
const BANDS = 5;

/**
 * H by frequency, averaged over rings, at the iterations of the snapshots. The coloured ranges are the bands of
 * {@linkcode bandCorrespondenceFigure}, along the picture's width.
 *
 * @param record A run's record.
 * @returns The figure, with frames.
 * @throws {RangeError} If the record has no snapshots.
 *
 * @example A frame for each snapshot
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { frames } = correspondenceByFrequencyFigure(record);
 * assert.deepEqual(frames?.map(({ name }) => name), ["1", "4"]);
 * ```
 */
export function correspondenceByFrequencyFigure(record: RunRecord): Figure {
  const snapshots = need(record.snapshots, "snapshots", "restore with `snapshots`");
  const steps = need(snapshots.steps, "snapshots.steps", "let the run make an iteration");
  const count = record.series.bands?.length ?? BANDS;
  const { width } = record.picture;
  // The paper's rings are fractions of half the width, in whole coefficients.
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
