// Adapts a figure's layout to the width of the page: plots below each other, and space for the legend.
import type { Data, Layout, LayoutAxis } from "plotly.js-dist-min";
import type { Figure } from "./figure.ts";
import { AXIS } from "./style.ts";

/** The longer side of a picture, and the height of a plot of curves, in pixels. */
const PICTURE = 300, CURVES = 180;

/** A plot: the keys of its axes, and its position. */
interface Place {
  readonly x: string;
  readonly y: string;
  readonly left: number;
  readonly top: number;
  readonly height: number;
}

/**
 * The layout of a figure for a narrow page: plots that are side by side are placed below each other, in reading
 * order.
 *
 * @param figure The figure.
 * @returns The layout; that of the figure if it has a single column.
 */
export function narrowLayout({ data, layout }: Figure): Figure["layout"] {
  const axes = layout as Readonly<Record<string, LayoutAxis | undefined>>;
  const keys = Object.keys(layout).filter((key) => /^xaxis\d*$/.test(key));
  const places = keys.flatMap((x): Place[] => {
    const y = x.replace("x", "y"), [left = 0, right = 1] = axes[x]?.domain ?? [];
    const [, top = 1] = axes[y]?.domain ?? [];
    return axes[y] ? [{ x, y, left, top, height: right - left }] : [];
  }).map((place) => ({ ...place, height: heightOf(place, data, axes) }));
  if (places.length < 2 || places.every(({ left }) => left === places[0]!.left)) return layout;
  places.sort((a, b) => b.top - a.top || a.left - b.left);
  const plot = places.reduce((sum, { height }) => sum + height + AXIS, -AXIS);
  const changed: Record<string, LayoutAxis> = {};
  let from = 0;
  for (const { x, y, height } of places) {
    changed[x] = { ...axes[x]!, domain: [0, 1] };
    // The axis on the left had labelled the whole row.
    changed[y] = {
      ...axes[y]!,
      showticklabels: true,
      domain: [Math.max(1 - (from + height) / plot, 0), 1 - from / plot],
    };
    from += height + AXIS;
  }
  const { margin: { t = 0, b = 0 } = {}, legend } = layout;
  // A legend in the corner of a plot moves with the plot.
  const around = places.find(({ x, y }) =>
    legend?.orientation === "v" && axes[x]?.domain?.[1] === legend.x &&
    axes[y]?.domain?.[1] === legend.y
  );
  return {
    ...layout,
    ...changed as Partial<Layout>,
    height: t + plot + b,
    ...around ? { legend: { ...legend, x: 1, y: changed[around.y]!.domain![1]! } } : {},
  };
}

/** Characters in a line of the title on a narrow page, and the height of a line in pixels. */
const TITLE_LETTERS = 36, TITLE_LINE = 20;

/**
 * Breaks the title of a layout into the lines that it needs on a narrow page.
 *
 * @param layout The layout.
 * @returns The layout; the height of the plot is unchanged.
 */
export function wrappedTitle(layout: Figure["layout"]): Figure["layout"] {
  const { title, margin, height } = layout, words = (title?.text ?? "").split(" ");
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && longer.length <= TITLE_LETTERS) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  if (lines.length < 2 || margin?.t === undefined || height === undefined) return layout;
  const more = (lines.length - 1) * TITLE_LINE;
  return {
    ...layout,
    title: { ...title, text: lines.join("<br>") },
    margin: { ...margin, t: margin.t + more },
    height: height + more,
  };
}

/** The height of a plot in pixels: a picture keeps its aspect ratio. */
function heightOf(
  { x, y }: Place,
  data: Figure["data"],
  axes: Readonly<Record<string, LayoutAxis | undefined>>,
): number {
  const name = x.replace("axis", "");
  const isPicture = data.some((trace) =>
    trace.type === "image" && ((trace as { xaxis?: string }).xaxis ?? "x") === name
  );
  if (!isPicture) return CURVES;
  const span = (range: LayoutAxis["range"] | undefined) =>
    Math.abs((range?.[1] ?? 1) - (range?.[0] ?? 0));
  const wide = span(axes[x]?.range), tall = span(axes[y]?.range);
  return PICTURE * tall / Math.max(wide, tall);
}

/** The width of an entry's line with its gaps, and the margin of the whole legend, in pixels. */
const SYMBOL = 45, GAP = 10;

/** The height of a row of Plotly's legends, in pixels. */
const rowOf = (fontSize: number) => Math.max(1.3 * fontSize, 16) + 3;

/** The average width of a letter relative to the font size, in a wide font. */
const LETTER = 0.62;

/** The width of a chart on a page, in pixels; phones have at least 360. */
const WIDTH = { narrow: 328, wide: 928 } as const;

/**
 * Makes space for a figure's legend.
 *
 * @param figure The figure.
 * @param page The width of the page.
 * @returns The figure's layout; the height of the plot is unchanged.
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
  // Entries that do not fit into one row are arranged in columns of the width of the widest entry.
  const total = widths.reduce((sum, width) => sum + width, 0);
  const columns = total <= most
    ? names.length
    : Math.max(1, Math.floor(most / Math.max(...widths)));
  const below = AXIS + Math.ceil(names.length / columns) * rowOf(size) + GAP;
  return { ...layout, height: height! - margin!.b! + below, margin: { ...margin, b: below } };
}
