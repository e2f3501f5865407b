// The charts of a report, with what they show in words.
import type { RunRecord } from "../restoration/mod.ts";
import type { Spectrum } from "../spectrum/mod.ts";
import { escapeHtml, scriptJson } from "./_html.ts";
import { roomForLegend } from "./_legend.ts";
import { need } from "./_need.ts";
import { type SpectrumPanels, spectrumPanels } from "./_spectrum_panels.ts";
import { bandAccountFigure } from "./band_account_figure.ts";
import { bandCorrespondenceFigure } from "./band_correspondence_figure.ts";
import { errorAccountFigure } from "./error_account_figure.ts";
import type { Figure } from "./figure.ts";
import { measuredBandsFigure } from "./measured_bands_figure.ts";
import { outputsFigure } from "./outputs_figure.ts";
import { powerFigure } from "./power_figure.ts";
import type { ReportMeasurement } from "./report.ts";
import { ringCorrelationFigure } from "./ring_correlation_figure.ts";
import { ringFigure } from "./ring_figure.ts";
import { rulesFigure } from "./rules_figure.ts";
import { spectraFigure } from "./spectra_figure.ts";
import { spectralNormsFigure } from "./spectral_norms_figure.ts";
import type { StudyResult } from "./study.ts";
import { studyBandsFigure } from "./study_bands_figure.ts";
import { studyCurvesFigure } from "./study_curves_figure.ts";
import { studyFigure } from "./study_figure.ts";
import { TITLE } from "./style.ts";

/** A chart of some input, which not every input allows. */
interface Chart<Input> {
  /** Its element's name. */
  readonly name: string;
  readonly caption: string;
  readonly draw: (input: Input) => Figure;
  /** The same for a narrow screen, where that differs. */
  readonly drawNarrow?: (input: Input) => Figure;
}

const RUN: readonly Chart<RunRecord>[] = [
  {
    name: "outputs",
    caption: "What the network makes of the picture as it learns. Zoom into one to zoom into all.",
    draw: outputsFigure,
    drawNarrow: (record) => outputsFigure(record, { arrange: "column" }),
  },
  {
    name: "bands",
    caption:
      "How much of each frequency band of the observed picture the output has: 1 is all of it. " +
      "Low frequencies are learned first; noise comes in with the high ones.",
    draw: bandCorrespondenceFigure,
  },
  {
    name: "rings",
    caption: "The same at one iteration, frequency by frequency.",
    draw: ringFigure,
  },
  {
    name: "spectra",
    caption: "Power by frequency, zero in the middle. The output's spectrum fills up from there.",
    draw: spectraFigure,
    drawNarrow: (record) => spectraFigure(record, { arrange: "column" }),
  },
  {
    name: "account",
    caption:
      "Where the output's error comes from: signal that is not learned yet, noise that already is.",
    draw: errorAccountFigure,
  },
  {
    name: "rules",
    caption:
      "What each stopping rule looks at. A dashed line is where it stopped, a ring what it chose.",
    draw: rulesFigure,
  },
  {
    name: "norms",
    caption:
      "The largest gain of each layer: a bound on it keeps high frequencies from being learned.",
    draw: spectralNormsFigure,
  },
];

const STUDY: readonly Chart<readonly StudyResult[]>[] = [
  {
    name: "study",
    caption: "PSNR of the returned pictures; bars are the standard deviation over the seeds.",
    draw: (results) => studyFigure(results),
  },
  {
    name: "curves",
    caption: "PSNR that a run would have had if it had ended there.",
    draw: studyCurvesFigure,
  },
  {
    name: "study-bands",
    caption:
      "How much of each frequency band of the observed picture the last output has, case by case.",
    draw: studyBandsFigure,
  },
];

/** What the charts of a measurement read. */
export interface MeasurementCharts extends Pick<ReportMeasurement, "channels" | "account"> {
  /** Of the luminance, by name: output and target first. */
  readonly spectra: { readonly output: Spectrum; readonly target: Spectrum };
  /** The same as PNG data URLs, and what is black and white in them. */
  readonly pictures: SpectrumPanels["pictures"];
  readonly range: SpectrumPanels["range"];
}

const spectra = (
  { pictures, range, spectra: { output: size } }: MeasurementCharts,
  arrange: "row" | "column",
) => spectrumPanels({ pictures, range, size, below: 0, arrange });

const MEASUREMENT: readonly Chart<MeasurementCharts>[] = [
  {
    name: "bands",
    caption:
      "How much of each of the target's frequency bands the output has. H compares sizes alone; " +
      "gain and coherence ask for the same phases too.",
    draw: ({ channels }) => measuredBandsFigure(channels),
  },
  {
    name: "correlation",
    caption: "Up to where output and target agree: beyond the first crossing they do not.",
    draw: ({ spectra: { output, target } }) => ringCorrelationFigure(output, target),
  },
  {
    name: "power",
    caption: "Power averaged over directions. White noise is a level, structure falls off.",
    draw: ({ spectra }) => powerFigure({ ...spectra }),
  },
  {
    name: "spectra",
    caption: "Power by frequency and direction, zero in the middle.",
    draw: (input) => spectra(input, "row"),
    drawNarrow: (input) => spectra(input, "column"),
  },
  {
    name: "account",
    caption: "Where the output's error comes from: signal that is missing, noise that is there. " +
      "Bands are in cycles per pixel, corners in the last.",
    draw: ({ account }) => bandAccountFigure(need(account, "account", "give a reference")),
  },
];

/** The charts of a measurement. */
export const measurementCharts = (input: MeasurementCharts): string =>
  MEASUREMENT.map((chart) => html(chart, input, "")).join("");

/**
 * The charts that a record allows.
 *
 * @param record The record.
 * @param suffix What makes the elements' names differ from another record's.
 * @returns HTML.
 */
export const runCharts = (record: RunRecord, suffix: string): string =>
  RUN.map((chart) => html(chart, record, suffix)).join("");

/** The charts that a study allows. */
export const studyCharts = (results: readonly StudyResult[]): string =>
  STUDY.map((chart) => html(chart, results, "")).join("");

function html<Input>(
  { name, caption, draw, drawNarrow }: Chart<Input>,
  input: Input,
  suffix: string,
): string {
  try {
    const figure = draw(input), narrow = drawNarrow?.(input) ?? figure;
    const data = {
      ...figure,
      layout: untitled(roomForLegend(figure, "wide")),
      narrowLayout: untitled(roomForLegend(narrow, "narrow")),
    };
    const id = name + suffix, title = escapeHtml(figure.layout.title?.text ?? "");
    return `<h3 id="${id}-title">${title}</h3><p>${escapeHtml(caption)}</p>${stepsOf(figure, id)}` +
      `<div class="chart" id="${id}"></div>` +
      `<script type="application/json">${scriptJson(data)}</script>`;
  } catch (error) {
    // The record lacks what the chart shows.
    if (error instanceof RangeError) return "";
    throw error;
  }
}

/** An input for the keyboard, if the chart has a slider; it cannot be seen. */
function stepsOf({ layout: { sliders } }: Figure, id: string): string {
  if (!sliders) return "";
  const [{ steps = [], active = 0 } = {}] = sliders;
  return `<input class="steps" type="range" min="0" max="${steps.length - 1}" value="${active}" ` +
    `aria-labelledby="${id}-title">`;
}

/** A layout whose title is the page's; half a line stays, for what reaches over the plot's edge. */
function untitled({ title: _, margin, height, ...layout }: Figure["layout"]): Figure["layout"] {
  const spare = TITLE - 12;
  return { ...layout, height: height! - spare, margin: { ...margin, t: margin!.t! - spare } };
}
