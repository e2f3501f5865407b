// Renders figures as pictures, without a browser.
import { checkPositive } from "../check.ts";
import { plotlyPage } from "./_plotly.ts";
import { STEPPING } from "./_stepping.ts";
import type { Figure } from "./figure.ts";

/** Options of {@linkcode renderPng}. */
export interface RenderPngOptions {
  /** The width of the page, in pixels. @default {800} */
  width?: number;
  /** The height of the page, in pixels. @default {the figure's own without its slider, else 450} */
  height?: number;
  /** Pixels of the picture for each pixel of the page. @default {2} */
  scale?: number;
  /** The background, a CSS colour. @default {none} */
  background?: string;
}

/**
 * Renders a figure as a PNG file. For a figure with frames, its still is rendered or, if it has none, the frame that
 * is shown first, with the slider's label instead of the slider. The first call takes a second longer, for Plotly.
 *
 * It needs the permissions to read files, to load sharp (`--allow-ffi`), and, for jsdom, `--allow-env` and
 * `--allow-sys=cpus`; none for the network.
 *
 * @param figure The figure.
 * @param options Its size.
 * @returns The file's bytes.
 * @throws {RangeError} If a size is not a positive finite number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const figure = { data: [{ type: "scatter" as const, y: [1, 3, 2] }], layout: {} };
 * const png = await renderPng(figure, { width: 300, height: 200, scale: 1 });
 * assert.deepEqual([...png.subarray(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
 * ```
 */
export async function renderPng(
  figure: Figure,
  options: RenderPngOptions = {},
): Promise<Uint8Array> {
  const svg = await renderSvg(figure, options);
  const { default: sharp } = await import("sharp");
  // Contained pictures may exceed the parser's limit of 10 MB for a text.
  return await sharp(new TextEncoder().encode(svg), { unlimited: true }).png().toBuffer();
}

/**
 * Renders a figure as an SVG picture, like {@linkcode renderPng}.
 *
 * @param figure The figure.
 * @param options Its size.
 * @returns The picture's text.
 * @throws {RangeError} If a size is not a positive finite number.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const figure = { data: [{ type: "scatter" as const, y: [1, 3, 2] }], layout: {} };
 * assert.match(await renderSvg(figure, { width: 300, height: 200, scale: 1 }), /^<svg /);
 * ```
 */
export async function renderSvg(figure: Figure, options: RenderPngOptions = {}): Promise<string> {
  const { data, layout: shown } = figure.still ?? figure;
  const base = still(shown);
  const { width = 800, height = base.height ?? 450, scale = 2, background } = options;
  for (const [name, value] of Object.entries({ width, height, scale })) {
    checkPositive(name, value);
  }
  const layout = {
    ...base,
    width,
    height,
    autosize: false,
    ...background === undefined ? {} : { paper_bgcolor: background },
  };
  return await draw(data, layout, scale);
}

/** The layout without controls and their space. */
function still({ sliders, updatemenus: _, ...layout }: Figure["layout"]): Figure["layout"] {
  const slider = sliders?.[0], label = slider?.steps?.[slider.active ?? 0]?.label;
  if (label === undefined) return layout;
  const shown = `${slider?.currentvalue?.prefix ?? ""}${label}`;
  const title = layout.title?.text ? `${layout.title.text}, ${shown}` : shown;
  const { margin, height } = layout;
  return {
    ...layout,
    title: { ...layout.title, text: title },
    ...margin?.b === undefined ? {} : { margin: { ...margin, b: margin.b - STEPPING } },
    ...height === undefined ? {} : { height: height - STEPPING },
  };
}

async function draw(
  data: Figure["data"],
  layout: Figure["layout"],
  scale: number,
): Promise<string> {
  const { plotly, createElement } = await plotlyPage();
  const element = createElement();
  try {
    // Plotly changes its arguments.
    await plotly.newPlot(element, structuredClone(data), structuredClone(layout), {
      staticPlot: true,
    });
    return plotly.Snapshot.toSVG(element, "svg", scale);
  } finally {
    plotly.purge(element);
    element.remove();
  }
}
