// The style of all charts: colours, text, axes.
import type { Layout, LayoutAxis, ScatterData } from "plotly.js-dist-min";
import type { JsonNumber } from "../restoration/mod.ts";

/**
 * The colour of text and axes: a grey that is readable on white and dark pages, with a contrast of at least 4:1 on
 * `#ffffff` and on `#1e1e1e`. Backgrounds are transparent.
 */
export const TEXT_COLOR = "#7e7e7e";

/** The colour of grid lines and guides. */
export const FAINT_COLOR = "rgba(126, 126, 126, 0.25)";

/**
 * The colours of bands from the lowest to the highest frequency. They become lighter and go from blue to yellow, to
 * show the order; their contrast is at least 3:1 on white and on `#1e1e1e`, and they can be distinguished with colour
 * blindness.
 */
export const BAND_COLORS = ["#326bda", "#7e70b7", "#d25d74", "#b77e4e", "#a19307"] as const;

/**
 * Colours of unordered items: those of Okabe and Ito (2008) with a contrast of at least 3:1 on white and on
 * `#1e1e1e`.
 */
export const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"] as const;

/** Names of the paper's five bands (Shi et al. 2022, section 3). */
const BAND_NAMES = ["lowest", "low", "medium", "high", "highest"] as const;

/**
 * The name of a frequency band.
 *
 * @param band The band, counted from 0, the lowest.
 * @param count The number of bands.
 * @returns The paper's name if there are five, else a number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(bandName(0, 5), "lowest");
 * assert.equal(bandName(0, 8), "band 1");
 * ```
 */
export function bandName(band: number, count: number): string {
  return count === BAND_NAMES.length ? BAND_NAMES[band]! : `band ${band + 1}`;
}

/**
 * The colour of an item in an ordered list, such as bands or layers.
 *
 * @param index The index, from 0.
 * @param count The length of the list.
 * @returns A colour between those of {@linkcode BAND_COLORS}.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(orderedColor(4, 5), BAND_COLORS[4]);
 * assert.equal(orderedColor(0, 1), BAND_COLORS[0]);
 * ```
 */
export function orderedColor(index: number, count: number): string {
  const last = BAND_COLORS.length - 1;
  const at = count > 1 ? last * index / (count - 1) : 0;
  const from = Math.min(Math.floor(at), last - 1);
  const [a, b] = [BAND_COLORS[from]!, BAND_COLORS[from + 1]!];
  const mixed = [1, 3, 5].map((i) => {
    const [low, high] = [a, b].map((color) => parseInt(color.slice(i, i + 2), 16));
    return Math.round(low! + (at - from) * (high! - low!)).toString(16).padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}

/** A translucent colour. */
export const faded = (color: string, opacity: number): string =>
  `rgba(${[1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16)).join(", ")}, ${opacity})`;

/** The size of an axis with its numbers and title, in pixels. */
export const AXIS = 56;

/** The height of the title, and of a legend of one row, in pixels. */
export const TITLE = 44, LEGEND = 30;

/** The space around a plot. */
export interface Around {
  /** The space above the plot, below the title, in pixels. @default {0} */
  readonly above?: number;
  /** The space below the axis, in pixels. @default {that of a legend of one row} */
  readonly below?: number;
  /** Whether there is an axis on the right too. @default {false} */
  readonly right?: boolean;
}

/**
 * The common layout of all charts: a title on the left, a legend in a row below, transparent backgrounds. The width
 * is that of the page.
 *
 * @param title The title, in a few words.
 * @param plot The height of the plot itself, in pixels.
 * @param around The space around it.
 * @returns The layout, without axes.
 */
export function layout(
  title: string,
  plot: number,
  { above = 0, below = LEGEND, right = false }: Around = {},
): Partial<Layout> {
  const top = TITLE + above, bottom = AXIS + below;
  return {
    height: top + plot + bottom,
    autosize: true,
    margin: { l: AXIS, r: right ? AXIS : 16, t: top, b: bottom },
    title: {
      text: title,
      font: { size: 16 },
      x: 0,
      xref: "container",
      xanchor: "left",
      y: 1,
      yref: "container",
      yanchor: "top",
      pad: { l: 12, t: 12 },
    },
    font: {
      family: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
      size: 13,
      color: TEXT_COLOR,
    },
    paper_bgcolor: "rgba(0, 0, 0, 0)",
    plot_bgcolor: "rgba(0, 0, 0, 0)",
    colorway: [...COLORS],
    legend: {
      orientation: "h",
      x: 0,
      xanchor: "left",
      y: -AXIS / plot,
      yanchor: "top",
      font: { size: 12 },
      tracegroupgap: 0,
    },
    hovermode: "x unified",
    hoverlabel: { bgcolor: "#ffffff", font: { color: "#333333" } },
    modebar: { bgcolor: "rgba(0, 0, 0, 0)", color: TEXT_COLOR, activecolor: TEXT_COLOR },
  };
}

/**
 * An axis.
 *
 * @param title The quantity and its unit.
 * @param more Other attributes.
 * @returns The axis.
 */
export function axis(title: string, more: Partial<LayoutAxis> = {}): LayoutAxis {
  return {
    title: { text: title, standoff: 8 },
    color: TEXT_COLOR,
    gridcolor: FAINT_COLOR,
    zerolinecolor: FAINT_COLOR,
    linecolor: FAINT_COLOR,
    ticks: "outside",
    ticklen: 4,
    automargin: true,
    tickcolor: FAINT_COLOR,
    ...more,
  };
}

/**
 * A horizontal line at the PSNR of the picture before the restoration, with its value; empty if that is not known.
 */
export function noisyLine(psnr: number | undefined): Partial<Layout> {
  if (psnr === undefined) return {};
  return {
    shapes: [{
      type: "line",
      xref: "paper",
      x0: 0,
      x1: 1,
      yref: "y",
      y0: psnr,
      y1: psnr,
      line: { color: TEXT_COLOR, width: 1, dash: "dash" },
    }],
    annotations: [{
      text: `before: ${psnr.toFixed(2)} dB`,
      xref: "paper",
      x: 1,
      xanchor: "right",
      yref: "y",
      y: psnr,
      yanchor: "bottom",
      showarrow: false,
      font: { size: 11 },
    }],
  };
}

/** A range for an axis; empty, so that Plotly chooses it, if the limits are not finite. */
export const rangeFrom = (low: number, high: number): Pick<LayoutAxis, "range"> =>
  Number.isFinite(low) && Number.isFinite(high) ? { range: [low, high] } : {};

/**
 * The least and the greatest of a list that may have gaps.
 *
 * @param values The numbers; they may be more than the arguments that a call can have.
 * @returns Both; infinite if there are no numbers.
 */
export function extremes(values: readonly JsonNumber[]): { least: number; greatest: number } {
  let least = Infinity, greatest = -Infinity;
  for (const value of values) {
    if (value === null) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return { least, greatest };
}

/**
 * The axis of iterations, from the first to the last.
 *
 * @param iterations The number of iterations.
 * @param more Other attributes.
 * @returns The axis.
 */
export const iterationAxis = (iterations: number, more: Partial<LayoutAxis> = {}): LayoutAxis =>
  axis("iteration", { range: [0, iterations], zeroline: false, ...more });

/**
 * A line over the iterations.
 *
 * @param name Its name in the legend.
 * @param y A number for each iteration, from the first.
 * @param line Its colour, width and dashes.
 * @param more Other attributes.
 * @returns The trace.
 */
export const curve = (
  name: string,
  y: readonly JsonNumber[],
  line: ScatterData["line"],
  more: Partial<ScatterData> = {},
): Partial<ScatterData> => ({
  type: "scatter",
  mode: "lines",
  name,
  x0: 1,
  dx: 1,
  y: [...y],
  line: { width: 2, ...line },
  ...more,
});
