// How far the network has learned each frequency band, beside what that does to the picture.
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

/** What is measured of a band: H, the phase-aware gain, or the coherence. */
export type BandMeasure = "correspondence" | "gain" | "coherence";

/** Options of {@linkcode bandCorrespondenceFigure}. */
export interface BandCorrespondenceFigureOptions {
  /** @default {"Band correspondence"} */
  title?: string;
  /** What is shown, a panel each; PSNR goes with the first. @default {["correspondence"]} */
  measures?: readonly BandMeasure[];
  /** The scale of the iterations; on a logarithmic one learning times that differ by powers are seen. @default {"linear"} */
  scale?: "linear" | "log";
}

/** Where a record has each measure, and what its axis is called. */
const MEASURES: Readonly<
  Record<BandMeasure, { series: "bands" | "bandGain" | "bandCoherence"; axis: string }>
> = {
  correspondence: { series: "bands", axis: "H, output / observed" },
  gain: { series: "bandGain", axis: "gain, with phases" },
  coherence: { series: "bandCoherence", axis: "coherence" },
};

/** The height of a panel where there is one, and where there are more, and between panels, in pixels. */
const ONE = 320, PANEL = 220, GAP = 18;

/**
 * The band correspondence H of every band over the iterations (Shi et al. 2022, section 3): the order in
 * which the bands rise is the spectral bias. Dashed lines are where stopping rules stopped. With a reference,
 * PSNR is on a second axis, and a dotted line is where that of the averaged outputs is highest.
 *
 * H compares amplitudes alone: an output that has as much of a band as the picture, of other waves, has H
 * near 1 there. The gain, {@linkcode BandMeasure}, asks for the same phases.
 *
 * @param record A run's record.
 * @param options The title, the measures, the scale of the iterations.
 * @returns The figure.
 * @throws {RangeError} If the record lacks a measure.
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
  // PSNR has the second axis wherever there is one.
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

/** From 0 to 1, and as far beyond as a gain goes. */
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
 * The part of the iterations at which a run that averages nothing may return another picture than its output:
 * those where it fell back to an earlier state.
 */
const FALLBACKS = 0.02;

/** What cannot be told apart in a chart, in dB. */
const ALIKE = 0.005;

/** PSNR of the outputs and of their average; one curve where nothing was averaged. */
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

/** Pixels of a row of labels. */
const ROW = 16;

/** Of a letter, and of the plot where it is narrowest, on a phone with an axis on either side. */
const LETTER = 6, NARROWEST = 230;

/** An iteration that matters. */
interface Mark {
  readonly label: string;
  readonly iteration: number;
  /** @default {"dash"} */
  readonly dash?: "dash" | "dot";
}

/** The lines, their labels, and the pixels these take above the plot. */
interface MarkLines {
  readonly shapes: Partial<Shape>[];
  readonly annotations: Partial<Annotation>[];
  readonly above: number;
}

/** Where stopping rules stopped; those that did not are left out, and the budget, which is the axis' end. */
const stopMarks = (rules: readonly RuleRecord[]): Mark[] =>
  rules.flatMap(({ name, stop }) =>
    stop === null || name === "budget" ? [] : [{ label: `${name} ${stop}`, iteration: stop }]
  );

/** Where the PSNR is highest; nothing if there is none. */
function peakMark(psnr: readonly JsonNumber[]): Mark[] {
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
    // A long label would leave a narrow plot: it is held where there is room.
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
