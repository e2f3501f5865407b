// Room for a legend below a chart, which depends on the page's width.
import type { Data } from "plotly.js-dist-min";
import type { Figure } from "./figure.ts";
import { AXIS } from "./style.ts";

/** Pixels of an entry's line with the gaps around it, and around the whole legend. */
const SYMBOL = 45, GAP = 10;

/** Pixels of a row of Plotly's legends. */
const rowOf = (fontSize: number) => Math.max(1.3 * fontSize, 16) + 3;

/** The width of a letter as a part of its height; wide fonts have such. */
const LETTER = 0.62;

/** What a page leaves for a chart, in pixels: 360 are the least that phones have. */
const WIDTH = { narrow: 328, wide: 928 } as const;

/**
 * A layout with as much room for the legend as its entries take.
 *
 * @param figure The figure.
 * @param page How wide the page is.
 * @returns The figure's layout, its plot as high as it was.
 */
export function roomForLegend(
  { data, layout }: Figure,
  page: "narrow" | "wide",
): Figure["layout"] {
  const isListed = (trace: Data) => !("showlegend" in trace) || trace.showlegend !== false;
  const names = data.filter(isListed).flatMap(({ name }) => name ? [name] : []);
  const { legend, margin, height, showlegend = names.length > 1, sliders } = layout;
  if (!showlegend || sliders) return layout;
  const size = legend!.font!.size!;
  const widths = names.map(({ length }) => SYMBOL + LETTER * size * length);
  const most = WIDTH[page] - margin!.l! - margin!.r!;
  // Entries that do not fit into one row are in columns, all as wide as the widest.
  const total = widths.reduce((sum, width) => sum + width, 0);
  const columns = total <= most
    ? names.length
    : Math.max(1, Math.floor(most / Math.max(...widths)));
  const below = AXIS + Math.ceil(names.length / columns) * rowOf(size) + GAP;
  return { ...layout, height: height! - margin!.b! + below, margin: { ...margin, b: below } };
}
