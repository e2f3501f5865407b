// The charts of a report, with descriptions.
import type { RunRecord } from "../restoration/mod.ts";
import type { Spectrum } from "../spectrum/mod.ts";
import { escapeHtml, scriptJson } from "./_html.ts";
import { roomForLegend } from "./_page_layout.ts";
import { type SpectrumPanels, spectrumPanels } from "./_panels.ts";
import { bandCorrespondenceFigure } from "./band_correspondence_figure.ts";
import { errorDecompositionFigure } from "./error_decomposition_figure.ts";
import { type Figure, need } from "./figure.ts";
import {
  errorBandsFigure,
  measuredBandsFigure,
  powerFigure,
  ringCorrelationFigure,
} from "./measurement_figures.ts";
import { noiseLevelFigure, noiseSpectrumFigure } from "./noise_figures.ts";
import type { ReportMeasurement, ReportStudy } from "./report.ts";
import { stoppingRulesFigure } from "./stopping_rules_figure.ts";
import { runFigure } from "./run_figure.ts";
import { spectralNormsFigure } from "./spectral_norms_figure.ts";
import { studyBandsFigure, studyCurvesFigure, studyFigure } from "./study_figures.ts";
import { TITLE } from "./style.ts";

/** A chart of some input; it may need more than the input has. */
interface Chart<Input> {
  /** The name of its element. */
  readonly name: string;
  readonly caption: string;
  readonly draw: (input: Input) => Figure;
  /** The chart for a narrow screen, if it differs. */
  readonly drawNarrow?: (input: Input) => Figure;
}

/** Only a run on noise that is not white has a noise model. */
const NOT_WHITE = "denoise a picture whose noise is not white";

const RUN: readonly Chart<RunRecord>[] = [
  {
    name: "run",
    caption: "One slider moves all: the output, its spectrum, how much of each frequency of the " +
      "observed picture it has, where its error comes from, and the mark on the curve.",
    draw: (record) => runFigure(record),
    drawNarrow: (record) => runFigure(record, { arrange: "column" }),
  },
  {
    name: "bands",
    caption:
      "How much of each frequency band of the observed picture the output has: 1 is all of " +
      "it. H compares sizes alone; the gain asks for the same phases too. Low frequencies are " +
      "learned first; noise comes in with the high ones.",
    draw: (record) =>
      bandCorrespondenceFigure(record, {
        measures: record.series.bandGain ? ["correspondence", "gain"] : ["correspondence"],
      }),
  },
  {
    name: "account",
    caption:
      "Where the output's error comes from: signal that is not learned yet, noise that already is.",
    draw: errorDecompositionFigure,
  },
  {
    name: "noise-level",
    caption: "How strong the noise was taken to be at each luminance.",
    draw: ({ settings: { noise } }) => noiseLevelFigure(need(noise, "settings.noise", NOT_WHITE)),
  },
  {
    name: "noise-spectrum",
    caption: "How its power lies over the frequencies: noise of a camera is weak at high ones.",
    draw: ({ settings: { noise } }) =>
      noiseSpectrumFigure(need(noise, "settings.noise", NOT_WHITE)),
  },
  {
    name: "rules",
    caption:
      "What each stopping rule looks at. A dashed line is where it stopped, a ring what it chose.",
    draw: stoppingRulesFigure,
  },
  {
    name: "norms",
    caption:
      "The largest gain of each layer: a bound on it keeps high frequencies from being learned.",
    draw: spectralNormsFigure,
  },
];

/** The input of the charts of a study. */
type Study = Pick<ReportStudy, "results" | "noisyPsnr">;

const STUDY: readonly Chart<Study>[] = [
  {
    name: "study",
    caption:
      "PSNR of the returned pictures; with several seeds, bars are their standard deviation.",
    draw: ({ results, noisyPsnr }) =>
      studyFigure(results, noisyPsnr === undefined ? {} : { noisyPsnr }),
  },
  {
    name: "curves",
    caption: "PSNR that a run would have had if it had ended there.",
    draw: ({ results, noisyPsnr }) =>
      studyCurvesFigure(results, noisyPsnr === undefined ? {} : { noisyPsnr }),
  },
  {
    name: "study-bands",
    caption:
      "How much of each frequency band of the observed picture the last output has, case by case.",
    draw: ({ results }) => studyBandsFigure(results),
  },
];

/** The input of the charts of a measurement. */
export interface MeasurementCharts extends Pick<ReportMeasurement, "channels" | "account"> {
  /** The spectra of the luminance, by name: output and target first. */
  readonly spectra: { readonly output: Spectrum; readonly target: Spectrum };
  /** The same as PNG data URLs, and the values shown black and white. */
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
    draw: ({ account }) => errorBandsFigure(need(account, "account", "give a reference")),
  },
];

/** The charts of a measurement. */
export const measurementCharts = (input: MeasurementCharts): string =>
  MEASUREMENT.map((chart) => html(chart, input, "")).join("");

/**
 * The charts of a record.
 *
 * @param record The record.
 * @param suffix Distinguishes the elements' names from those of other records.
 * @returns HTML.
 */
export const runCharts = (record: RunRecord, suffix: string): string =>
  RUN.map((chart) => html(chart, record, suffix)).join("");

/** The charts of a study. */
export const studyCharts = (study: Study): string =>
  STUDY.map((chart) => html(chart, study, "")).join("");

function html<Input>(
  { name, caption, draw, drawNarrow }: Chart<Input>,
  input: Input,
  suffix: string,
): string {
  try {
    const figure = draw(input), narrow = drawNarrow?.(input) ?? figure;
    const { still: _, ...moving } = figure;
    const data = {
      ...moving,
      layout: untitled(roomForLegend(figure, "wide")),
      narrowLayout: untitled(roomForLegend(narrow, "narrow")),
    };
    const id = name + suffix, title = escapeHtml(figure.layout.title?.text ?? "");
    return `<h3 id="${id}-title">${title}</h3><p>${escapeHtml(caption)}</p>${stepsOf(figure, id)}` +
      `<div class="chart" id="${id}"></div>` +
      `<script type="application/json">${scriptJson(data)}</script>`;
  } catch (error) {
    // The record lacks the data of the chart.
    if (error instanceof RangeError) return "";
    throw error;
  }
}

/** An invisible input that moves the chart's slider by keyboard, if there is a slider. */
function stepsOf({ layout: { sliders } }: Figure, id: string): string {
  if (!sliders) return "";
  const [{ steps = [], active = 0 } = {}] = sliders;
  return `<input class="steps" type="range" min="0" max="${steps.length - 1}" value="${active}" ` +
    `aria-labelledby="${id}-title">`;
}

/**
 * The layout without its title, which the page has. Half a line of space remains for marks beyond the plot's edge.
 */
function untitled({ title: _, margin, height, ...layout }: Figure["layout"]): Figure["layout"] {
  const spare = TITLE - 12;
  return { ...layout, height: height! - spare, margin: { ...margin, t: margin!.t! - spare } };
}
