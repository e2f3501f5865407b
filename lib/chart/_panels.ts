// Pictures and log power spectra beside each other, as panels that are zoomed together.
import type {
  Annotation,
  Data,
  ImageData,
  Layout,
  LayoutAxis,
  XAxisName,
  YAxisName,
} from "plotly.js-dist-min";
import type { Figure } from "./figure.ts";
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
interface Panels extends PanelOptions {
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

/** Pixels of the colour bar above the panels. */
const COLOR_BAR = 56;

/** What the rows and columns of a spectrum are, frequency zero in the middle of a coefficient. */
export function frequencies({ height, width }: { height: number; width: number }): Extent {
  const [left, top] = [width, height].map((side) => (-Math.floor(side / 2) - 0.5) / side);
  return { left: left!, right: left! + 1, top: top!, bottom: top! + 1 };
}

/** Spectra, and what they are of. */
export interface SpectrumPanels extends PanelOptions {
  /** @default {"Spectra"} */
  readonly title?: string;
  /** Name and PNG data URL of each, frequency zero in the middle. */
  readonly pictures: readonly (readonly [name: string, source: string])[];
  /** The sides of the pictures that the spectra are of, in pixels. */
  readonly size: { readonly height: number; readonly width: number };
  /** What is black and what white: log10 of |F|² / pixels. */
  readonly range: { readonly low: number; readonly high: number };
  /** Pixels below the axes. */
  readonly below: number;
}

/**
 * A panel a spectrum; their axes move together.
 *
 * @param spectra The spectra.
 * @returns One trace a spectrum, one for the scale, and the layout.
 */
export function spectrumPanels(
  { title = "Spectra", size, range, ...rest }: SpectrumPanels,
): Figure {
  const { data, layout } = panels({
    ...rest,
    title,
    extent: frequencies(size),
    xUnit: "cycles/pixel",
    yUnit: "cycles/pixel",
    ticks: { tickvals: [-0.4, -0.2, 0, 0.2, 0.4] },
    above: COLOR_BAR,
  });
  return {
    data: [...data, scale(range.low, range.high)],
    layout: { ...layout, showlegend: false, annotations: [SCALE_TITLE] },
  };
}

/** The colour bar's title; with one of its own, Plotly moves the figure's out of sight. */
const SCALE_TITLE: Partial<Annotation> = {
  text: "log₁₀ of power, |F|² / pixels",
  xref: "paper",
  x: 0,
  xanchor: "left",
  yref: "paper",
  y: 1,
  yanchor: "bottom",
  yshift: 38,
  showarrow: false,
  font: { size: 12 },
};

/** A trace of nothing but its colour bar: traces that are pictures have none. */
const scale = (low: number, high: number): Data => ({
  type: "scatter",
  mode: "markers",
  name: "grey scale",
  x: [null],
  y: [null],
  hoverinfo: "skip",
  marker: {
    color: [low],
    cmin: low,
    cmax: high,
    colorscale: [[0, "#000000"], [1, "#ffffff"]],
    showscale: true,
    colorbar: {
      orientation: "h",
      title: { text: "" },
      thickness: 10,
      len: 1,
      x: 0.5,
      y: 1,
      yanchor: "bottom",
      ypad: 6,
      tickfont: { size: 11 },
      outlinewidth: 0,
    },
  },
});

/** Where a PNG file's header holds its sides, in bytes (PNG specification, 11.2.2). */
const WIDTH = 16, HEIGHT = 20;

/** The letters of base64 that hold the first 24 bytes. */
const HEADER = 32;

/** The sides of a picture in a PNG data URL. */
export function sidesOf(url: string): { height: number; width: number } {
  const start = url.indexOf(",") + 1;
  const bytes = Uint8Array.fromBase64(url.slice(start, start + HEADER));
  const view = new DataView(bytes.buffer);
  return { height: view.getUint32(HEIGHT), width: view.getUint32(WIDTH) };
}

/** What a picture's corners are on the axes. */
export interface Extent {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * A picture as a trace.
 *
 * @param source A PNG data URL.
 * @param extent Where its corners are.
 * @returns The trace.
 */
export function pictureTrace(
  source: string,
  { left, right, top, bottom }: Extent,
): Partial<ImageData> {
  const { height, width } = sidesOf(source);
  const dx = (right - left) / width, dy = (bottom - top) / height;
  // A trace's origin is the middle of its first pixel.
  return { type: "image", source, dx, dy, x0: left + dx / 2, y0: top + dy / 2, hoverinfo: "skip" };
}
