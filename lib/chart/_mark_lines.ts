// Vertical lines at iterations that matter, labelled above the plot.
import type { Annotation, Shape } from "plotly.js-dist-min";
import type { Finite, RuleRecord } from "../restoration/mod.ts";
import { extremes, TEXT_COLOR } from "./style.ts";

/** Pixels of a row of labels. */
const ROW = 16;

/** Of a letter, and of the plot where it is narrowest, on a phone. */
const LETTER = 7, NARROWEST = 270;

/** An iteration that matters. */
export interface Mark {
  readonly label: string;
  readonly iteration: number;
  /** @default {"dash"} */
  readonly dash?: "dash" | "dot";
}

/** The lines, their labels, and the pixels these take above the plot. */
export interface MarkLines {
  readonly shapes: Partial<Shape>[];
  readonly annotations: Partial<Annotation>[];
  readonly above: number;
}

/** Where stopping rules stopped; those that did not are left out, and the budget, which is the axis' end. */
export const stopMarks = (rules: readonly RuleRecord[]): Mark[] =>
  rules.flatMap(({ name, stop }) =>
    stop === null || name === "budget" ? [] : [{ label: `${name} ${stop}`, iteration: stop }]
  );

/** Where the PSNR is highest; nothing if there is none. */
export function peakMark(psnr: readonly Finite[]): Mark[] {
  const { greatest } = extremes(psnr);
  const iteration = psnr.indexOf(greatest) + 1;
  if (iteration === 0) return [];
  return [{ label: `peak ${greatest.toFixed(2)} dB at ${iteration}`, iteration, dash: "dot" }];
}

/**
 * Draws marks. Labels that would overlap are in rows above each other.
 *
 * @param marks The marks.
 * @param iterations The length of the x axis.
 * @param scale The scale of the x axis. @default {"linear"}
 * @returns The lines.
 */
export function markLines(
  marks: readonly Mark[],
  iterations: number,
  scale: "linear" | "log" = "linear",
): MarkLines {
  const partOf = (iteration: number) =>
    scale === "log"
      ? Math.log(iteration) / Math.log(Math.max(iterations, 2))
      : iteration / iterations;
  const ends: number[] = [];
  const placed = [...marks].sort((a, b) => a.iteration - b.iteration).map((mark) => {
    const part = partOf(mark.iteration), half = mark.label.length * LETTER / 2;
    // Where the label goes in the narrowest plot; it is moved inside at the edges.
    const x = Math.min(Math.max(NARROWEST * part, half), NARROWEST - half);
    const free = ends.findIndex((end) => end < x - half);
    const row = free < 0 ? ends.length : free;
    ends[row] = x + half + LETTER;
    return { ...mark, part, row };
  });
  const at = (iteration: number) => scale === "log" ? Math.log10(iteration) : iteration;
  return {
    above: ends.length * ROW,
    shapes: placed.map(({ iteration, dash = "dash" }) => ({
      type: "line",
      xref: "x",
      x0: iteration,
      x1: iteration,
      yref: "paper",
      y0: 0,
      y1: 1,
      line: { color: TEXT_COLOR, width: 1, dash },
    })),
    annotations: placed.map(({ label, iteration, part, row }) => ({
      text: label,
      xref: "x",
      x: at(iteration),
      // A long label would leave a narrow plot: it is held where there is room.
      xanchor: part < 0.3 ? "left" : part > 0.7 ? "right" : "center",
      yref: "paper",
      y: 1,
      yanchor: "bottom",
      yshift: row * ROW,
      showarrow: false,
      font: { size: 11 },
    })),
  };
}
