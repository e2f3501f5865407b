// Vertical lines where stopping rules stopped, labelled above the plot.
import type { Annotation, Shape } from "plotly.js-dist-min";
import type { RuleRecord } from "../restoration/mod.ts";
import { TEXT_COLOR } from "./style.ts";

/** Pixels of a row of labels. */
const ROW = 16;

/** Of a letter, and of the plot where it is narrowest, on a phone. */
const LETTER = 7, NARROWEST = 270;

/** The lines, their labels, and the pixels these take above the plot. */
export interface StopLines {
  readonly shapes: Partial<Shape>[];
  readonly annotations: Partial<Annotation>[];
  readonly above: number;
}

/**
 * Draws where rules stopped. Labels that would overlap are in rows above each other.
 *
 * @param rules The rules; those that did not stop are left out.
 * @param iterations The length of the x axis.
 * @returns The lines.
 */
export function stopLines(rules: readonly RuleRecord[], iterations: number): StopLines {
  const stopped = rules.filter(({ stop }) => stop !== null).sort((a, b) => a.stop! - b.stop!);
  const ends: number[] = [];
  const placed = stopped.map(({ name, stop }) => {
    const text = `${name} ${stop}`, half = text.length * LETTER / 2;
    // Where the label goes in the narrowest plot; it is moved inside at the edges.
    const x = Math.min(Math.max(NARROWEST * stop! / iterations, half), NARROWEST - half);
    const free = ends.findIndex((end) => end < x - half);
    const row = free < 0 ? ends.length : free;
    ends[row] = x + half + LETTER;
    return { text, stop: stop!, row };
  });
  const rows = ends.length;
  return {
    above: rows * ROW,
    shapes: placed.map(({ stop }) => ({
      type: "line",
      xref: "x",
      x0: stop,
      x1: stop,
      yref: "paper",
      y0: 0,
      y1: 1,
      line: { color: TEXT_COLOR, width: 1, dash: "dash" },
    })),
    annotations: placed.map(({ text, stop, row }) => ({
      text,
      xref: "x",
      x: stop,
      xanchor: stop < 0.15 * iterations ? "left" : stop > 0.85 * iterations ? "right" : "center",
      yref: "paper",
      y: 1,
      yanchor: "bottom",
      yshift: row * ROW,
      showarrow: false,
      font: { size: 11 },
    })),
  };
}
