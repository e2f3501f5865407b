// Log power spectra beside each other, with their grey scale above.
import type { Annotation, Data } from "plotly.js-dist-min";
import { type PanelOptions, panels } from "./_panels.ts";
import type { Extent } from "./_picture.ts";
import type { Figure } from "./figure.ts";

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
