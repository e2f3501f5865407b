// The spectral norms of a network's layers, before and after Lipschitz control.
import type { Data, ScatterData } from "plotly.js-dist-min";
import type { JsonNumber, RunRecord } from "../restoration/mod.ts";
import { type Figure, need, rows } from "./figure.ts";
import { axis, curve, iterationAxis, layout, orderedColor, TEXT_COLOR } from "./style.ts";

/** The height of a panel and between panels, in pixels. */
const PANEL = 220, GAP = 18;

/**
 * The spectral norm of every layer's kernel over the iterations and, for layers with Lipschitz control, that of the
 * controlled kernel; the bound λ is a dashed line. Layers of one scale have the same colour, from the first scale to
 * the last.
 *
 * @param record A run's record.
 * @returns The figure.
 * @throws {RangeError} If the record has no norms.
 *
 * @example The bound of the network is a line
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const { data } = spectralNormsFigure(record);
 * assert.ok(data.some(({ name }) => name === "λ = 1.5"));
 * ```
 */
export function spectralNormsFigure(record: RunRecord): Figure {
  const { layers, iterations, kernel, controlled } = record.spectralNorms;
  need(layers, "spectralNorms.layers", "restore with a network that has convolutions");
  const isControlled = kernel.some((norms, i) =>
    norms.some((norm, k) => norm !== controlled[i]![k])
  );
  const bound = boundOf(record);
  const panels = isControlled
    ? [{ norms: kernel, title: "kernel" }, { norms: controlled, title: "after control" }]
    : [{ norms: kernel, title: "spectral norm" }];
  const { plot, domains } = rows(panels.length, PANEL, GAP);
  const names = layerNames(layers);
  const groups = [...new Set(names.map(({ group }) => group))];
  const linesOf = (norms: readonly JsonNumber[][], yaxis: "y" | "y2"): Data[] => {
    const lines = names.map(({ name, group }, i): Data => ({
      type: "scatter",
      mode: "lines",
      name: group,
      legendgroup: group,
      showlegend: yaxis === "y" && names.findIndex((other) => other.group === group) === i,
      x: iterations,
      y: norms[i]!,
      yaxis,
      line: { color: orderedColor(groups.indexOf(group), groups.length), width: 1.5 },
      hovertemplate: `${name}: %{y:.3f}<extra></extra>`,
    }));
    const shared = { yaxis, showlegend: yaxis === "y", hovertemplate: "%{y:.3f}" } as const;
    return bound ? [...lines, { ...bound, ...shared }] : lines;
  };
  return {
    data: panels.flatMap(({ norms }, i) => linesOf(norms, i === 0 ? "y" : "y2")),
    layout: {
      ...layout("Spectral norms of the layers", plot, { below: 52 }),
      hovermode: "closest",
      xaxis: iterationAxis(record.stop.iteration, { anchor: panels.length > 1 ? "y2" : "y" }),
      yaxis: axis(panels[0]!.title, { domain: domains[0]!, rangemode: "tozero" }),
      ...panels.length > 1
        ? { yaxis2: axis(panels[1]!.title, { domain: domains[1]!, matches: "y" }) }
        : {},
    },
  };
}

/** λ in a network's settings, which is a number or a field of an object; 0 for none. */
function lambdaOf({ lipschitz }: Readonly<Record<string, unknown>>): number {
  const lambda = typeof lipschitz === "object" && lipschitz !== null && "lambda" in lipschitz
    ? lipschitz.lambda
    : lipschitz;
  return typeof lambda === "number" ? lambda : 0;
}

/** λ over the iterations; undefined if there is no bound. */
function boundOf({ series, settings, stop }: RunRecord): Partial<ScatterData> | undefined {
  const line = { color: TEXT_COLOR, width: 1.5, dash: "dash" } as const;
  if (series.lambda) return curve("λ", series.lambda, line, { legendgroup: "λ" });
  const lambda = lambdaOf(settings.network);
  if (!(lambda > 0)) return undefined;
  return {
    type: "scatter",
    mode: "lines",
    name: `λ = ${lambda}`,
    legendgroup: "λ",
    x: [0, stop.iteration],
    y: [lambda, lambda],
    line,
  };
}

/** Words for the parts of a layer's name. */
const PARTS: Readonly<Record<string, string>> = {
  "1": "first convolution",
  "2": "second convolution",
  conv: "convolution",
  down1: "first convolution down",
  down2: "second convolution down",
  skip: "skip connection",
  up: "upsampling",
  up1: "first convolution up",
  up2: "second convolution up",
  out: "last convolution",
};

/** A layer's name in words, and the group of its colour. */
interface LayerName {
  readonly name: string;
  readonly group: string;
}

/** The most groups with separate colours: more are hard to distinguish. */
const MOST = 8;

/**
 * Names layers in words, and groups them.
 *
 * @param layers The layers' own names in order, such as `scale1_down2_conv`.
 * @returns The name of each, and its group: the scale, if names are known and there are at most eight scales, else a
 * section of the list.
 */
function layerNames(layers: readonly string[]): LayerName[] {
  const named = layers.map(nameOf);
  if (new Set(named.map(({ group }) => group)).size <= MOST) return named;
  const length = Math.ceil(layers.length / MOST);
  return named.map(({ name }, i) => {
    const first = i - i % length, last = Math.min(first + length, layers.length);
    return { name, group: `layers ${first + 1} to ${last}` };
  });
}

/**
 * The name of a layer in words.
 *
 * @param layer The layer's own name in its model.
 * @returns The name in words; the layer's own if it is not from this library's architectures.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(layerInWords("scale1_2_conv"), "scale 1, second convolution");
 * assert.equal(layerInWords("mine"), "mine");
 * ```
 */
export const layerInWords = (layer: string): string => nameOf(layer).name;

function nameOf(layer: string): LayerName {
  if (layer === "out_conv") return { name: PARTS["out"]!, group: PARTS["out"]! };
  const match = /^(scale|stage|layer)(\d+)(?:_(\w+?))??(?:_conv)?$/.exec(layer);
  const part = match && PARTS[match[3] ?? "conv"];
  if (!match || !part) return { name: layer, group: layer };
  const group = `${match[1]} ${match[2]}`;
  return { name: `${group}, ${part}`, group };
}
