// Curves over a common axis, and curves with a slider.
import type { Data, LayoutAxis } from "plotly.js-dist-min";
import type { JsonNumber } from "../restoration/mod.ts";
import { STEPPING, stepping } from "./_stepping.ts";
import type { Figure } from "./figure.ts";
import { AXIS, axis, COLORS, extremes, layout, orderedColor, TITLE } from "./style.ts";

/** A curve of a {@linkcode linesFigure}. */
export interface Line {
  readonly name: string;
  /** @default {1, 2, 3, ...} */
  readonly x?: readonly number[];
  readonly y: readonly JsonNumber[];
  /** @default {the next of the colours} */
  readonly color?: string;
  /** @default {"solid"} */
  readonly dash?: "solid" | "dash" | "dot" | "dashdot";
  /** @default {"lines"} */
  readonly mode?: "lines" | "markers" | "lines+markers";
  /** In pixels. @default {2} */
  readonly width?: number;
}

/** An axis of a {@linkcode linesFigure}. */
export interface LinesAxis {
  /** The quantity and its unit. */
  readonly title: string;
  /** @default {"linear"} */
  readonly scale?: "linear" | "log";
  /** The least and the greatest value. @default {those of the curves} */
  readonly range?: readonly [low: number, high: number];
}

/** Options of {@linkcode linesFigure}. */
export interface LinesFigureOptions {
  readonly x: LinesAxis;
  readonly y: LinesAxis;
  /**
   * Whether the curves belong to an ordered parameter: their colours then go from blue to yellow.
   * @default {false}
   */
  readonly ordered?: boolean;
  /** Shaded ranges of the x axis, each with its name. @default {none} */
  readonly stretches?: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
  }[];
  /** Vertical lines, each with its name. @default {none} */
  readonly marks?: readonly { readonly name: string; readonly x: number }[];
  /** The height of the plot, in pixels. @default {300} */
  readonly height?: number;
}

/**
 * Curves, with a legend below the axis.
 *
 * @param title The figure's title.
 * @param lines The curves.
 * @param options The axes, ranges and marks.
 * @returns The figure.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const figure = linesFigure("Squares", [{ name: "n²", y: [1, 4, 9] }], {
 *   x: { title: "n" },
 *   y: { title: "n²", scale: "log", range: [1, 10] },
 * });
 * assert.deepEqual(figure.layout.yaxis?.range, [0, 1]);
 * ```
 */
export function linesFigure(
  title: string,
  lines: readonly Line[],
  { x, y, ordered = false, stretches = [], marks = [], height = 300 }: LinesFigureOptions,
): Figure {
  const at = (value: number) => x.scale === "log" ? Math.log10(value) : value;
  const { least, greatest } = extremes(x.range ?? lines.flatMap(({ x, y }) => x ?? [1, y.length]));
  // Labels near an end are anchored so that they stay inside the plot.
  const anchorAt = (place: number) => {
    const part = (place - at(least)) / (at(greatest) - at(least));
    return part < 0.2 ? "left" as const : part > 0.8 ? "right" as const : "center" as const;
  };
  return {
    data: lines.map((line, i): Data => ({
      type: "scatter",
      mode: line.mode ?? "lines",
      name: line.name,
      ...line.x ? { x: line.x.map(rounded) } : { x0: 1, dx: 1 },
      y: line.y.map((value) => value === null ? null : rounded(value)),
      line: {
        width: line.width ?? 2,
        color: line.color ?? (ordered ? orderedColor(i, lines.length) : COLORS[i % COLORS.length]!),
        // When all colours are used, dashes distinguish the curves.
        dash: line.dash ?? (!ordered && i >= COLORS.length ? "dash" : "solid"),
      },
      marker: { size: 7 },
      hovertemplate: "%{y:.4g}",
    })),
    layout: {
      ...layout(title, height, { above: stretches.length + marks.length > 0 ? 16 : 0, below: 52 }),
      showlegend: lines.length > 1,
      xaxis: axisOf(x),
      yaxis: axisOf(y),
      shapes: [
        ...stretches.map(({ from, to }) => ({
          type: "rect" as const,
          layer: "below" as const,
          xref: "x" as const,
          x0: from,
          x1: to,
          yref: "paper" as const,
          y0: 0,
          y1: 1,
          fillcolor: "rgba(126, 126, 126, 0.14)",
          line: { width: 0 },
        })),
        ...marks.map(({ x }) => ({
          type: "line" as const,
          xref: "x" as const,
          x0: x,
          x1: x,
          yref: "paper" as const,
          y0: 0,
          y1: 1,
          line: { width: 1, dash: "dot" as const, color: "#7e7e7e" },
        })),
      ],
      annotations: [
        ...stretches.map(({ name, from, to }) => ({ name, x: (at(from) + at(to)) / 2 })),
        ...marks.map(({ name, x }) => ({ name, x: at(x) })),
      ].map(({ name, x }) => ({
        text: name,
        xref: "x" as const,
        x,
        xanchor: anchorAt(x),
        yref: "paper" as const,
        y: 1,
        yanchor: "bottom" as const,
        showarrow: false,
        font: { size: 11 },
      })),
    },
  };
}

/** Four digits are as many as are visible, in half the bytes. */
const rounded = (value: number) => Number(value.toPrecision(4));

function axisOf({ title, scale = "linear", range }: LinesAxis): LayoutAxis {
  if (scale === "linear") {
    return axis(title, { zeroline: false, ...range ? { range: [...range] } : {} });
  }
  return logAxis(title, range);
}

/** A logarithmic axis; it has ticks at 1, 2 and 5 if it spans less than two powers of ten. */
function logAxis(title: string, range: LinesAxis["range"]): LayoutAxis {
  const powers: [number, number] | undefined = range &&
    [Math.log10(range[0]), Math.log10(range[1])];
  const isShort = powers !== undefined && powers[1] - powers[0] < 2;
  return axis(title, {
    type: "log",
    dtick: isShort ? "D2" : 1,
    exponentformat: "power",
    zeroline: false,
    ...powers ? { range: powers } : {},
  });
}

/** Options of {@linkcode steppedLinesFigure}. */
export interface SteppedLinesFigureOptions extends LinesFigureOptions {
  /** The quantity of the steps. @default {"iteration"} */
  readonly steps?: string;
}

/** The curves at one step. */
export interface LinesStep {
  /** The step's name on the slider, such as an iteration. */
  readonly name: number | string;
  /** The curves; every step must have as many, in the same order. */
  readonly lines: readonly Line[];
}

/**
 * A {@linkcode linesFigure} at each of several steps, with a slider; the last is shown first.
 *
 * @param title The figure's title.
 * @param steps The steps.
 * @param options The axes. They are the same for all steps, so they should have ranges.
 * @returns The figure, with frames.
 * @throws {RangeError} If there is no step.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const steps = [1, 2].map((n) => ({ name: n, lines: [{ name: "n x", x: [0, 1], y: [0, n] }] }));
 * const { data, frames } = steppedLinesFigure("Slopes", steps, {
 *   x: { title: "x", range: [0, 1] },
 *   y: { title: "y", range: [0, 2] },
 *   steps: "n =",
 * });
 * assert.equal(data[0]?.name, "n x");
 * assert.deepEqual(frames?.map(({ name }) => name), ["1", "2"]);
 * ```
 */
export function steppedLinesFigure(
  title: string,
  steps: readonly LinesStep[],
  options: SteppedLinesFigureOptions,
): Figure {
  const last = steps.at(-1);
  if (!last) throw new RangeError("`steps` must have at least one");
  const { data, layout } = linesFigure(title, last.lines, options);
  const { height = 300 } = options, top = layout.margin!.t!;
  return {
    data,
    frames: steps.map(({ name, lines }) => ({
      name: String(name),
      traces: lines.map((_, i) => i),
      data: linesFigure(title, lines, options).data.map((trace): Partial<Data> =>
        "x" in trace && trace.x !== undefined
          ? { x: trace.x, y: (trace as { y?: unknown }).y } as Partial<Data>
          : { y: (trace as { y?: unknown }).y } as Partial<Data>
      ),
    })),
    layout: {
      ...layout,
      height: top + height + AXIS + STEPPING,
      margin: { ...layout.margin, b: AXIS + STEPPING },
      ...stepping(steps.map(({ name }) => name), options.steps),
      // The slider is below the axis.
      legend: {
        ...layout.legend,
        x: 1,
        xanchor: "right",
        y: 1 + (top - TITLE) / height,
        yanchor: "bottom",
      },
    },
  };
}
