// The band correspondence over the iterations, with the PSNR.
import type { Annotation, Data, LayoutAxis, Shape, YAxisName } from "plotly.js-dist-min";
import type { JsonNumber, RuleRecord, RunRecord, Series } from "../restoration/mod.ts";
import { type Figure, need, rows } from "./figure.ts";
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

/** A measure of a band: H, the phase-aware gain, or the coherence. */
export type BandMeasure = "correspondence" | "gain" | "coherence";

/** Options of {@linkcode bandCorrespondenceFigure}. */
export interface BandCorrespondenceFigureOptions {
  /** @default {"Band correspondence"} */
  title?: string;
  /** The measures, each in a panel; the first one also has the PSNR. @default {["correspondence"]} */
  measures?: readonly BandMeasure[];
  /**
   * The scale of the iterations. A logarithmic one shows learning times that differ by powers.
   * @default {"linear"}
   */
  scale?: "linear" | "log";
}

/** Each measure's place in a record, and the title of its axis. */
const MEASURES: Readonly<
  Record<BandMeasure, { series: "bands" | "bandGain" | "bandCoherence"; axis: string }>
> = {
  correspondence: { series: "bands", axis: "H, output / observed" },
  gain: { series: "bandGain", axis: "gain, with phases" },
  coherence: { series: "bandCoherence", axis: "coherence" },
};

/** The height of a single panel, and of several, and the gap between them, in pixels. */
const ONE = 320, PANEL = 220, GAP = 18;

/**
 * The band correspondence H of every band over the iterations (Shi et al. 2022, section 3); the order in which the
 * bands rise is the spectral bias. Dashed lines are where stopping rules stopped. With a reference, PSNR is on a
 * second axis, and a dotted line marks the maximum of that of the averaged outputs.
 *
 * H compares amplitudes only: an output with as much of a band as the picture, but in other waves, has an H near 1.
 * The gain (see {@linkcode BandMeasure}) compares phases too.
 *
 * @param record A run's record.
 * @param options The title, the measures, the scale of the iterations.
 * @returns The figure.
 * @throws {RangeError} If the record lacks a measure.
 *
 * @example A record written by a command
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { data, layout } = bandCorrespondenceFigure(record);
 * assert.deepEqual(data.slice(0, 5).map(({ name }) => name), ["lowest", "low", "medium", "high", "highest"]);
 * assert.equal(layout.yaxis2?.title?.text, "PSNR (dB)");
 * ```
 */
export function bandCorrespondenceFigure(
  record: RunRecord,
  options: BandCorrespondenceFigureOptions = {},
): Figure {
  const { title = "Band correspondence", measures = ["correspondence"], scale = "linear" } =
    options;
  need(measures as BandMeasure[], "a measure", "name one");
  const { psnr, averagePsnr } = record.series;
  const iterations = record.stop.iteration;
  const marks = [...stopMarks(record.rules), ...averagePsnr ? peakMark(averagePsnr) : []];
  const { shapes, annotations, above } = markLines(marks, iterations, scale);
  const { plot, domains } = rows(measures.length, measures.length > 1 ? PANEL : ONE, GAP);
  // PSNR is on the second axis if there is one.
  const panels = measures.map((measure, i) => ({
    measure,
    domain: domains[i]!,
    number: i === 0 ? "" : `${i + 2}`,
  }));
  const data: Data[] = panels.flatMap(({ measure, number }) =>
    bandsOf(record.series, measure, number)
  );
  if (psnr) data.push(...psnrCurves(psnr, averagePsnr));
  const last = `y${panels.at(-1)!.number}` as YAxisName;
  return {
    data,
    layout: {
      ...layout(title, plot, { above, below: 52, right: psnr !== undefined }),
      xaxis: iterationAxis(iterations, {
        anchor: last,
        ...scale === "log" ? { type: scale, dtick: 1, range: [0, Math.log10(iterations)] } : {},
      }),
      ...Object.fromEntries(panels.map(({ measure, domain, number }) => [
        `yaxis${number}`,
        axis(MEASURES[measure].axis, { domain, ...panelRange(record.series, measure) }),
      ])),
      ...psnr ? { yaxis2: psnrAxis([...psnr, ...averagePsnr ?? []]) } : {},
      shapes,
      annotations,
    },
  };
}

function bandsOf(series: Series, measure: BandMeasure, number: string): Data[] {
  const bands = valuesOf(series, measure);
  return bands.map((band, i) => {
    const name = bandName(i, bands.length);
    return curve(name, band, { color: orderedColor(i, bands.length) }, {
      yaxis: `y${number}` as YAxisName,
      legendgroup: name,
      showlegend: number === "",
      hovertemplate: "%{y:.3f}",
    });
  });
}

const valuesOf = (series: Series, measure: BandMeasure): JsonNumber[][] => {
  const name = MEASURES[measure].series;
  return need(series[name], `series.${name}`, "restore with `measure`");
};

/** From 0 to 1, or to the largest gain. */
function panelRange(series: Series, measure: BandMeasure): Pick<LayoutAxis, "range"> {
  if (measure !== "gain") return { range: [0, 1.02] };
  const all = valuesOf(series, measure).map(extremes);
  const least = Math.min(0, ...all.map(({ least }) => least));
  return {
    range: [
      Math.max(least, -1),
      Math.min(Math.max(1.02, ...all.map(({ greatest }) => greatest)), 2),
    ],
  };
}

/**
 * The fraction of the iterations at which a run without averaging may return a picture other than its output, because
 * it returned to an earlier state.
 */
const FALLBACKS = 0.02;

/** The smallest visible difference in a chart, in dB. */
const ALIKE = 0.005;

/** PSNR of the outputs and of their average; a single curve if nothing was averaged. */
function psnrCurves(
  psnr: readonly JsonNumber[],
  averagePsnr: readonly JsonNumber[] | undefined,
): Data[] {
  const right = { yaxis: "y2", hovertemplate: "%{y:.2f} dB" } as const;
  const isSame = (value: JsonNumber, i: number) =>
    value === psnr[i] || Math.abs((value ?? Infinity) - (psnr[i] ?? Infinity)) < ALIKE;
  const others = averagePsnr?.filter((value, i) => !isSame(value, i)).length ?? 0;
  if (!averagePsnr || others <= FALLBACKS * psnr.length) {
    return [curve("PSNR", psnr, { color: TEXT_COLOR, width: 2 }, right)];
  }
  return [
    curve("PSNR", psnr, { color: TEXT_COLOR, width: 1 }, right),
    curve("PSNR, averaged", averagePsnr, { color: TEXT_COLOR, width: 3 }, right),
  ];
}

/** The axis on the right, along the first panel. */
function psnrAxis(psnr: readonly JsonNumber[]): LayoutAxis {
  const { least, greatest } = extremes(psnr);
  return axis("PSNR (dB)", {
    overlaying: "y",
    side: "right",
    showgrid: false,
    tickmode: "auto",
    ...rangeFrom(least, greatest + (greatest - least) / 20),
  });
}

/** The height of a row of labels, in pixels. */
const ROW = 16;

/** The width of a letter, and of the narrowest plot (on a phone with axes on both sides), in pixels. */
const LETTER = 6, NARROWEST = 230;

/** An iteration to be marked. */
interface Mark {
  readonly label: string;
  readonly iteration: number;
  /** @default {"dash"} */
  readonly dash?: "dash" | "dot";
}

/** The lines, their labels, and the height of the labels above the plot in pixels. */
interface MarkLines {
  readonly shapes: Partial<Shape>[];
  readonly annotations: Partial<Annotation>[];
  readonly above: number;
}

/**
 * Marks where stopping rules stopped. Rules that did not stop are left out, and the budget, which is the axis' end.
 */
const stopMarks = (rules: readonly RuleRecord[]): Mark[] =>
  rules.flatMap(({ name, stop }) =>
    stop === null || name === "budget" ? [] : [{ label: `${name} ${stop}`, iteration: stop }]
  );

/** A mark at the highest PSNR, if there is one. */
function peakMark(psnr: readonly JsonNumber[]): Mark[] {
  const { greatest } = extremes(psnr);
  const iteration = psnr.indexOf(greatest) + 1;
  if (iteration === 0) return [];
  return [{ label: `peak ${greatest.toFixed(2)} dB at ${iteration}`, iteration, dash: "dot" }];
}

/**
 * Draws marks. Overlapping labels are placed in several rows.
 *
 * @param marks The marks.
 * @param iterations The length of the x axis.
 * @param scale The scale of the x axis. @default {"linear"}
 * @returns The lines.
 */
function markLines(
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
    const part = partOf(mark.iteration), length = mark.label.length * LETTER;
    // A long label is anchored on the side where there is more space.
    const anchor = part < 0.3 ? "left" : part > 0.7 ? "right" : "center";
    const left = NARROWEST * part - length * { left: 0, center: 0.5, right: 1 }[anchor];
    const free = ends.findIndex((end) => end < left);
    const row = free < 0 ? ends.length : free;
    ends[row] = left + length + LETTER;
    return { ...mark, anchor, row } as const;
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
    annotations: placed.map(({ label, iteration, anchor, row }) => ({
      text: label,
      xref: "x",
      x: at(iteration),
      xanchor: anchor,
      yref: "paper",
      y: 1,
      yanchor: "bottom",
      yshift: row * ROW,
      showarrow: false,
      font: { size: 11 },
    })),
  };
}
