// A figure of several plots beside each other, below each other for a narrow page.
import type { Layout, LayoutAxis } from "plotly.js-dist-min";
import type { Figure } from "./figure.ts";
import { AXIS } from "./style.ts";

/** Pixels of a picture's longer side, and of a plot of curves. */
const PICTURE = 300, CURVES = 180;

/** A plot: its axes' keys, and where it is. */
interface Place {
  readonly x: string;
  readonly y: string;
  readonly left: number;
  readonly top: number;
  readonly height: number;
}

/**
 * The layout of a figure for a narrow page: where plots are beside each other they are put below each other,
 * in the order of reading.
 *
 * @param figure The figure.
 * @returns Its layout, as it is where there is one column alone.
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
    // What the plot on the left had said for a whole row.
    changed[y] = {
      ...axes[y]!,
      showticklabels: true,
      domain: [Math.max(1 - (from + height) / plot, 0), 1 - from / plot],
    };
    from += height + AXIS;
  }
  const { t = 0, b = 0 } = layout.margin ?? {};
  return { ...layout, ...changed as Partial<Layout>, height: t + plot + b };
}

/** Pixels of a plot: a picture keeps its shape. */
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
