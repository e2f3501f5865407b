// Pictures and log power spectra side by side, in panels with common zoom.
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

/** The longer side of a panel in pixels, side by side and in one column. */
const SIDE_BY_SIDE = 280, STACKED = 320;

/** The gap between panels, as a fraction of the width. */
const GAP = 0.04;

/** Options of a figure of pictures. */
export interface PanelOptions {
  /** Whether pictures are side by side, or below each other as on a narrow screen. @default {"row"} */
  arrange?: "row" | "column";
}

/** Pictures, and the layout around them. */
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
 * Makes a panel for each picture; their axes are linked.
 *
 * @param panels The pictures.
 * @returns One trace for each picture, and the layout.
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
      // Axes that match the first one also have its scale.
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

/** The height of the colour bar above the panels, in pixels. */
const COLOR_BAR = 56;

/** The frequencies of a spectrum's rows and columns; frequency zero is in the middle of a coefficient. */
export function frequencies({ height, width }: { height: number; width: number }): Extent {
  const [left, top] = [width, height].map((side) => (-Math.floor(side / 2) - 0.5) / side);
  return { left: left!, right: left! + 1, top: top!, bottom: top! + 1 };
}

/** Spectra and their sizes. */
export interface SpectrumPanels extends PanelOptions {
  /** @default {"Spectra"} */
  readonly title?: string;
  /** Name and PNG data URL of each, frequency zero in the middle. */
  readonly pictures: readonly (readonly [name: string, source: string])[];
  /** The sizes of the pictures whose spectra these are, in pixels. */
  readonly size: { readonly height: number; readonly width: number };
  /** The values shown black and white: log10 of |F|² / pixels. */
  readonly range: { readonly low: number; readonly high: number };
  /** The space below the axes, in pixels. */
  readonly below: number;
}

/**
 * Makes a panel for each spectrum; their axes are linked.
 *
 * @param spectra The spectra.
 * @returns One trace for each spectrum, one for the colour bar, and the layout.
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

/** The colour bar's title as an annotation: with a title of its own, Plotly moves the figure's title out of view. */
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

/** A trace that only has a colour bar, because picture traces have none. */
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

/** The offsets of the sides in a PNG file's header, in bytes (PNG specification, 11.2.2). */
const WIDTH = 16, HEIGHT = 20;

/** The number of base64 characters that contain the first 24 bytes. */
const HEADER = 32;

/** The size of a picture in a PNG data URL. */
export function sidesOf(url: string): { height: number; width: number } {
  const start = url.indexOf(",") + 1;
  const bytes = Uint8Array.fromBase64(url.slice(start, start + HEADER));
  const view = new DataView(bytes.buffer);
  return { height: view.getUint32(HEIGHT), width: view.getUint32(WIDTH) };
}

/** The coordinates of a picture's corners on the axes. */
export interface Extent {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Makes a trace of a picture.
 *
 * @param source A PNG data URL.
 * @param extent The coordinates of its corners.
 * @returns The trace.
 */
export function pictureTrace(
  source: string,
  { left, right, top, bottom }: Extent,
): Partial<ImageData> {
  const { height, width } = sidesOf(source);
  const dx = (right - left) / width, dy = (bottom - top) / height;
  // The origin of a trace is the centre of its first pixel.
  return { type: "image", source, dx, dy, x0: left + dx / 2, y0: top + dy / 2, hoverinfo: "skip" };
}
