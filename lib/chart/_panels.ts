// Pictures beside each other that are zoomed together.
import type { Data, Layout, LayoutAxis, XAxisName, YAxisName } from "plotly.js-dist-min";
import { type Extent, pictureTrace } from "./_picture.ts";
import { AXIS, axis, layout } from "./style.ts";

/** Pixels of a panel's longer side where they are side by side, and where they are in one column. */
const SIDE_BY_SIDE = 280, STACKED = 320;

/** The gap between panels side by side, as a part of the width. */
const GAP = 0.04;

/** Options of a figure of pictures. */
export interface PanelOptions {
  /** Whether pictures are beside each other, or below each other as on a narrow screen. @default {"row"} */
  arrange?: "row" | "column";
}

/** Pictures, and what is around them. */
export interface Panels extends PanelOptions {
  readonly title: string;
  /** Name and PNG data URL of each. */
  readonly pictures: readonly (readonly [name: string, source: string])[];
  readonly extent: Extent;
  readonly xUnit: string;
  readonly yUnit: string;
  readonly ticks?: Partial<LayoutAxis>;
  readonly above?: number;
  readonly below: number;
}

/**
 * A panel a picture; their axes move together.
 *
 * @param panels The pictures.
 * @returns One trace a picture, and the layout.
 */
export function panels(
  {
    title,
    pictures,
    extent,
    xUnit,
    yUnit,
    ticks = { nticks: 5 },
    above = 0,
    below,
    arrange = "row",
  }: Panels,
): { data: Data[]; layout: Partial<Layout> } {
  const count = pictures.length, inRow = arrange === "row";
  const width = Math.abs(extent.right - extent.left);
  const height = Math.abs(extent.bottom - extent.top);
  const longest = inRow ? SIDE_BY_SIDE : STACKED;
  const tall = height * longest / Math.max(height, width);
  const plot = inRow ? tall : count * tall + (count - 1) * AXIS;
  const gap = inRow ? GAP : AXIS / plot, size = (1 - (count - 1) * gap) / count;
  const axes: Partial<Layout> = {};
  const data = pictures.map(([name, source], i): Data => {
    const number = i === 0 ? "" : (i + 1 as number);
    const x = `x${number}` as XAxisName, y = `y${number}` as YAxisName;
    const from = i * (size + gap);
    const shared: Partial<LayoutAxis> = {
      constrain: "domain",
      showgrid: false,
      zeroline: false,
      ...ticks,
    };
    axes[`xaxis${number}`] = axis(`${name} (${xUnit})`, {
      ...shared,
      anchor: y,
      domain: inRow ? [from, Math.min(from + size, 1)] : [0, 1],
      range: [extent.left, extent.right],
      ...i > 0 ? { matches: "x" } : {},
    });
    axes[`yaxis${number}`] = axis(inRow && i > 0 ? "" : yUnit, {
      ...shared,
      anchor: x,
      domain: inRow ? [0, 1] : [Math.max(1 - from - size, 0), 1 - from],
      range: [extent.bottom, extent.top],
      showticklabels: !inRow || i === 0,
      // Axes that match the first have its scale too.
      ...i > 0 ? { matches: "y" } : { scaleanchor: "x" },
    });
    return { ...pictureTrace(source, extent), name, xaxis: x, yaxis: y };
  });
  return {
    data,
    layout: {
      ...layout(title, plot, { above, below }),
      ...axes,
      hovermode: "closest",
      dragmode: "zoom",
    },
  };
}
