// The measurements of a run at one step, with a slider: picture, spectrum, bands, error and PSNR.
import type { Data, Layout, LayoutAxis, XAxisName, YAxisName } from "plotly.js-dist-min";
import type { JsonNumber, RunRecord } from "../restoration/mod.ts";
import { type Extent, frequencies, type PanelOptions, panels, pictureTrace } from "./_panels.ts";
import { momentsOf, STEPPING, stepping } from "./_stepping.ts";
import { type Figure, need } from "./figure.ts";
import {
  axis,
  bandName,
  COLORS,
  curve,
  extremes,
  faded,
  iterationAxis,
  layout,
  rangeFrom,
  TEXT_COLOR,
} from "./style.ts";

/** Options of {@linkcode runFigure}. */
export interface RunFigureOptions extends PanelOptions {
  /** @default {"The run, step by step"} */
  title?: string;
}

/** The sizes of pictures and of curves, and the gap between rows, in pixels. */
const PICTURE = 270, CURVES = 190, BETWEEN = 62;

/** The gap between columns, as a fraction of the width. */
const GAP = 0.075;

/** The parts of the error, in the colours of the error decomposition. */
const PARTS = [
  { part: "signal", name: "signal missing" },
  { part: "noise", name: "noise learned" },
  { part: "remainder", name: "remainder" },
] as const;

type Step = NonNullable<RunRecord["snapshots"]>["steps"][number];

/** A plot of the figure: its traces at a step, and its axes. */
interface Plot {
  /** The traces, without their axes; those from index `moving` on do not change. */
  readonly traces: (step: Step) => Data[];
  readonly moving: number;
  readonly x: LayoutAxis;
  readonly y: LayoutAxis;
}

/**
 * The network's output, its spectrum, H by frequency, the error decomposition by band and a mark on the PSNR curve,
 * at the iterations of the snapshots, with one slider for all. Without a reference there is no error decomposition,
 * and the curve is the data term's.
 *
 * @param record A run's record.
 * @param options The title, and the arrangement of the plots.
 * @returns The figure, with frames.
 * @throws {RangeError} If the record has no snapshots.
 *
 * @example A frame for each snapshot, and its changing traces
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { data, frames } = runFigure(record);
 * assert.deepEqual(frames?.map(({ name }) => name), ["1", "4"]);
 * const moved: number[] = frames?.[0]?.traces ?? [];
 * assert.deepEqual(moved.map((trace) => data[trace]?.name), [
 *   "output", "spectrum", "H", "signal missing", "noise learned", "remainder", "here",
 * ]);
 * ```
 */
export function runFigure(record: RunRecord, options: RunFigureOptions = {}): Figure {
  const { title = "The run, step by step", arrange = "row" } = options;
  const snapshots = need(record.snapshots, "snapshots", "restore with `snapshots`");
  const steps = need(snapshots.steps, "snapshots.steps", "let the run make an iteration");
  const plots = [
    picture(record),
    spectrum(record),
    rings(record),
    ...record.series.account ? [parts(record)] : [],
    course(record),
  ];
  const { placed, height } = arrange === "row" ? inRows(plots) : inColumn(plots);
  const data: Data[] = [], moving: number[] = [], axes: Partial<Layout> = {};
  const last = steps.at(-1)!;
  placed.forEach(({ plot, x, y }, i) => {
    const number = i === 0 ? "" : `${i + 1}`;
    const names = { xaxis: `x${number}` as XAxisName, yaxis: `y${number}` as YAxisName };
    plot.traces(last).forEach((trace, k) => {
      if (k < plot.moving) moving.push(data.length);
      const listed = trace.type === "image" ? {} : { showlegend: trace.type === "bar" };
      data.push({ ...listed, ...trace, ...names } as Data);
    });
    // A narrow page has no space for a picture's axis numbers.
    const isBare = arrange === "column" && i < 2;
    const bare = isBare ? { showticklabels: false, ticks: "" as const } : {};
    axes[`xaxis${number as "2"}`] = {
      ...plot.x,
      ...isBare ? { title: { text: i === 0 ? "output" : "its spectrum" } } : {},
      ...bare,
      domain: x,
      anchor: names.yaxis,
    };
    axes[`yaxis${number as "2"}`] = {
      ...plot.y,
      ...bare,
      domain: y,
      anchor: names.xaxis,
      // A picture's pixels are square.
      ...i < 2 ? { scaleanchor: names.xaxis } : {},
    };
  });
  const changed = (step: Step) =>
    placed.flatMap(({ plot }) => plot.traces(step).slice(0, plot.moving).map(changing));
  const { height: rows, width: columns } = record.picture;
  const reference = snapshots.reference ? [["reference", snapshots.reference] as const] : [];
  return {
    data,
    frames: steps.map((step) => ({
      name: String(step.iteration),
      traces: moving,
      data: changed(step),
    })),
    layout: {
      ...layout(title, height, { below: STEPPING }),
      ...axes,
      ...stepping(steps.map(({ iteration }) => iteration)),
      ...legendOf(placed),
      barmode: "stack",
      hovermode: "closest",
    },
    still: panels({
      title,
      pictures: [
        ...momentsOf(record, steps).map(({ name, step }) => [name, step.output] as const),
        ...reference,
      ],
      extent: { left: 0, right: columns, top: 0, bottom: rows },
      xUnit: "pixels",
      yUnit: "pixels",
      below: 0,
    }),
  };
}

/** The names of the error's parts, inside their plot, where bars become low during a run. */
function legendOf(placed: readonly Placed[]): Pick<Layout, "showlegend" | "legend"> {
  const bars = placed.find(({ plot }) => plot.moving === PARTS.length);
  if (!bars) return { showlegend: false } as Pick<Layout, "showlegend" | "legend">;
  return {
    showlegend: true,
    legend: {
      orientation: "v",
      x: bars.x[1],
      xanchor: "right",
      y: bars.y[1],
      yanchor: "top",
      font: { size: 11 },
      bgcolor: "rgba(0, 0, 0, 0)",
    },
  };
}

/** The attributes of a trace that change from step to step. */
function changing(trace: Data): Partial<Data> {
  const { source, x, y } = trace as { source?: string; x?: unknown; y?: unknown };
  if (source !== undefined) return { source } as Partial<Data>;
  const { mode } = trace as { mode?: string };
  return (mode === "markers" ? { x, y } : { y }) as Partial<Data>;
}

const pixels = (title: string, from: number, to: number): LayoutAxis =>
  axis(title, {
    constrain: "domain",
    showgrid: false,
    zeroline: false,
    nticks: 5,
    range: [from, to],
  });

function picture({ picture: { height, width } }: RunRecord): Plot {
  const extent: Extent = { left: 0, right: width, top: 0, bottom: height };
  return {
    moving: 1,
    traces: ({ output }) => [{ ...pictureTrace(output, extent), name: "output" }],
    x: pixels("output (pixels)", 0, width),
    y: pixels("", height, 0),
  };
}

function spectrum({ picture }: RunRecord): Plot {
  const extent = frequencies(picture);
  return {
    moving: 1,
    traces: ({ spectrum }) => [{ ...pictureTrace(spectrum, extent), name: "spectrum" }],
    x: pixels("its spectrum (cycles/pixel)", extent.left, extent.right),
    y: pixels("", extent.bottom, extent.top),
  };
}

function rings({ snapshots }: RunRecord): Plot {
  return {
    moving: 1,
    traces: ({ correspondence }) => [{
      type: "scatter",
      mode: "lines",
      name: "H",
      x: snapshots!.frequencies,
      y: correspondence,
      line: { color: COLORS[0], width: 2 },
      hovertemplate: "%{x:.2f}: %{y:.3f}<extra></extra>",
    }],
    x: axis("frequency (cycles/pixel)", { range: [0, 0.5], zeroline: false }),
    y: axis("H, output / observed", { range: [0, 1.02] }),
  };
}

function parts({ series }: RunRecord): Plot {
  const account = series.account!, count = account.signal.length;
  const bands = account.signal.map((_, i) => bandName(i, count));
  // The errors of the first part of a run are many times the others and may exceed the range.
  const from = Math.floor(account.signal[0]!.length / 8);
  const highest = Math.max(
    ...bands.map((_, band) => {
      const errors = PARTS.map(({ part }) => account[part][band]!.slice(from));
      return extremes(
        errors[0]!.map((_, t) => errors.reduce((sum, part) => sum + (part[t] ?? 0), 0)),
      )
        .greatest;
    }),
  );
  return {
    moving: PARTS.length,
    traces: ({ iteration }) =>
      PARTS.map(({ part, name }, i): Data => ({
        type: "bar",
        name,
        x: bands,
        y: account[part].map((ring) => ring[iteration - 1] ?? null),
        marker: { color: faded(COLORS[i]!, 0.7) },
        hovertemplate: `${name}: %{y:.3g}<extra></extra>`,
      })),
    x: axis("error by band", { type: "category", zeroline: false }),
    y: axis("MSE", { exponentformat: "power", nticks: 4, ...rangeFrom(0, highest) }),
  };
}

/** The PSNR over the iterations, or the data term, with a mark at the step. */
function course({ series, stop }: RunRecord): Plot {
  const values: readonly JsonNumber[] = series.psnr ?? series.misfit;
  const title = series.psnr ? "PSNR (dB)" : "data term";
  const least = extremes(values);
  return {
    moving: 1,
    traces: ({ iteration }) => [
      {
        type: "scatter",
        mode: "markers",
        name: "here",
        x: [iteration],
        y: [values[iteration - 1] ?? null],
        marker: { size: 12, color: COLORS[1], line: { width: 2, color: "#ffffff" } },
        cliponaxis: false,
        hovertemplate: `%{x}: %{y:.4g}<extra></extra>`,
      },
      curve(title, values, { color: TEXT_COLOR, width: 1.5 }, {
        hovertemplate: "%{x}: %{y:.4g}<extra></extra>",
      }),
    ],
    x: iterationAxis(stop.iteration),
    y: axis(
      title,
      series.psnr
        ? rangeFrom(least.least, least.greatest + (least.greatest - least.least) / 12)
        : { type: "log", exponentformat: "power" },
    ),
  };
}

interface Placed {
  readonly plot: Plot;
  readonly x: [number, number];
  readonly y: [number, number];
}

/** Arranges three plots above and the rest below; the last one has twice the width. */
function inRows(plots: readonly Plot[]): { placed: Placed[]; height: number } {
  const height = PICTURE + BETWEEN + CURVES, below = CURVES / height;
  const column = (from: number, columns: number): [number, number] => {
    const width = (1 - 2 * GAP) / 3;
    const left = from * (width + GAP);
    return [left, Math.min(left + columns * width + (columns - 1) * GAP, 1)];
  };
  const placed = plots.map((plot, i): Placed => {
    if (i < 3) return { plot, x: column(i, 1), y: [1 - PICTURE / height, 1] };
    const isLast = i === plots.length - 1;
    const x = plots.length === 4 ? column(0, 3) : isLast ? column(1, 2) : column(0, 1);
    return { plot, x, y: [0, below] };
  });
  return { placed, height };
}

/** The height of a plot on a narrow page, so that the slider and the plots are visible together. */
const NARROW = 150;

/** Arranges the picture and its spectrum side by side, and the rest below, for a narrow page. */
function inColumn(plots: readonly Plot[]): { placed: Placed[]; height: number } {
  const count = plots.length - 1, height = count * NARROW + (count - 1) * BETWEEN;
  const gap = 0.16, half = (1 - gap) / 2;
  const placed = plots.map((plot, i): Placed => {
    const top = Math.max(0, i - 1) * (NARROW + BETWEEN);
    const y: [number, number] = [Math.max(1 - (top + NARROW) / height, 0), 1 - top / height];
    const x: [number, number] = i === 0 ? [0, half] : i === 1 ? [half + gap, 1] : [0, 1];
    return { plot, x, y };
  });
  return { placed, height };
}
