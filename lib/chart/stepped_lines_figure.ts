// Curves that a slider steps through.
import type { Data } from "plotly.js-dist-min";
import { STEPPING, stepping } from "./_stepping.ts";
import type { Figure } from "./figure.ts";
import { type Line, linesFigure, type LinesFigureOptions } from "./lines_figure.ts";
import { AXIS, TITLE } from "./style.ts";

/** Options of {@linkcode steppedLinesFigure}. */
export interface SteppedLinesFigureOptions extends LinesFigureOptions {
  /** What the steps are. @default {"iteration"} */
  readonly steps?: string;
}

/** The curves at one step. */
export interface LinesStep {
  /** The step's name on the slider, such as an iteration. */
  readonly name: number | string;
  /** As many as at every other step, in the same order. */
  readonly lines: readonly Line[];
}

/**
 * A {@linkcode linesFigure} at each of several steps, with a slider; the last is shown first.
 *
 * @param title The figure's title.
 * @param steps The steps.
 * @param options The axes, which stay as they are, so that they should have ranges.
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
      // Below the axis is the slider.
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
