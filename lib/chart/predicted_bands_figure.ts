// Predicted and measured curves of every band, a panel for each network.
import type { Data, LayoutAxis, XAxisName, YAxisName } from "plotly.js-dist-min";
import { type Figure, rows } from "./figure.ts";
import { axis, bandName, layout, orderedColor, TEXT_COLOR } from "./style.ts";

/** A quantity of every band over the iterations: one list for each band, lowest first. */
export interface PredictedBands {
  readonly predicted: readonly (readonly number[])[];
  readonly measured: readonly (readonly number[])[];
}

/** Options of {@linkcode predictedBandsFigure}. */
export interface PredictedBandsFigureOptions {
  /** The iterations of the lists, from 1 or later; their axis is logarithmic. */
  readonly iterations: readonly number[];
  /** The quantity. @default {"H"} */
  readonly measure?: string;
  /** The upper limit of the vertical axis, which begins at 0. @default {1.02} */
  readonly most?: number;
}

/** Panels side by side, if the page is wide enough. */
const COLUMNS = 2;

/** The height of a panel, and the gap between rows, which contains the numbers of the upper one, in pixels. */
const PANEL = 170, GAP = 34;

/** The gap between columns, as a fraction of the width; it contains the numbers and the title of the right one. */
const BETWEEN = 0.11;

/** The height of the legend on a phone, in pixels. */
const BELOW = 72;

/**
 * Predicted (dashed) and measured (solid) curves of every band, a panel for each network.
 *
 * @param title The figure's title.
 * @param networks The lists of each network.
 * @param options The iterations and the quantity.
 * @returns The figure.
 * @throws {RangeError} If there is no network, or a list has another length than the iterations.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const decoder = { predicted: [[0.1, 0.9]], measured: [[0.2, 1]] };
 * const { data } = predictedBandsFigure("H", { decoder }, { iterations: [1, 10] });
 * assert.deepEqual(data.map(({ name }) => name), ["band 1", "band 1, predicted", "predicted"]);
 * ```
 */
export function predictedBandsFigure(
  title: string,
  networks: Readonly<Record<string, PredictedBands>>,
  { iterations, measure = "H", most = 1.02 }: PredictedBandsFigureOptions,
): Figure {
  const all = Object.entries(networks);
  if (all.length === 0) throw new RangeError("`networks` must have at least one");
  const columns = Math.min(COLUMNS, all.length);
  const { plot, domains } = rows(Math.ceil(all.length / columns), PANEL, GAP);
  const width = (1 - (columns - 1) * BETWEEN) / columns;
  const data: Data[] = [];
  const axes: Record<string, LayoutAxis> = {};
  all.forEach(([name, bands], i) => {
    const number = i === 0 ? "" : `${i + 1}`, column = i % columns;
    const x = `x${number}` as XAxisName, y = `y${number}` as YAxisName;
    const left = column * (width + BETWEEN), domain = domains[Math.floor(i / columns)]!;
    const hasNext = i + columns < all.length;
    axes[`xaxis${number}`] = axis(hasNext ? "" : "iteration", {
      type: "log",
      dtick: 1,
      exponentformat: "power",
      tickfont: { size: 12 },
      zeroline: false,
      domain: [left, Math.min(left + width, 1)],
      anchor: y,
      range: [Math.log10(iterations[0]!), Math.log10(iterations.at(-1)!)],
    });
    axes[`yaxis${number}`] = axis(`${name}: ${measure}`, {
      tickfont: { size: 12 },
      zeroline: false,
      domain,
      anchor: x,
      range: [0, most],
    });
    data.push(...curvesOf(name, bands, iterations, { x, y, isFirst: i === 0 }));
  });
  data.push(dashes);
  return {
    data,
    layout: {
      ...layout(title, plot, { below: BELOW }),
      ...axes,
      hovermode: "closest",
    },
  };
}

/** The curves of one network: measured, and predicted on top. */
function curvesOf(
  network: string,
  bands: PredictedBands,
  iterations: readonly number[],
  { x, y, isFirst }: { x: XAxisName; y: YAxisName; isFirst: boolean },
): Data[] {
  return (["measured", "predicted"] as const).flatMap((kind) =>
    bands[kind].map((values, band): Data => {
      if (values.length !== iterations.length) {
        throw new RangeError(
          `\`networks\`: a band of ${network} has ${values.length} numbers for ${iterations.length} iterations`,
        );
      }
      const isMeasured = kind === "measured", name = bandName(band, bands[kind].length);
      return {
        type: "scatter",
        mode: "lines",
        name: isMeasured ? name : `${name}, predicted`,
        legendgroup: name,
        showlegend: isFirst && isMeasured,
        x: [...iterations],
        y: values.map((value) => Number(value.toPrecision(4))),
        xaxis: x,
        yaxis: y,
        line: {
          color: orderedColor(band, bands[kind].length),
          width: isMeasured ? 2 : 1.5,
          dash: isMeasured ? "solid" : "dash",
        },
        hovertemplate: "%{y:.3f}",
      };
    })
  );
}

/** The legend entry of the dashed lines. */
const dashes: Data = {
  type: "scatter",
  mode: "lines",
  name: "predicted",
  x: [null],
  y: [null],
  line: { color: TEXT_COLOR, width: 1.5, dash: "dash" },
  hoverinfo: "skip",
};
