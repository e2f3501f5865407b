// Figures, pictures, records and tables in a notebook.
import { encodePng, type Image } from "../image/mod.ts";
import type { RunRecord } from "../restoration/mod.ts";
import { bandCorrespondenceFigure } from "./band_correspondence_figure.ts";
import type { Figure } from "./figure.ts";
import { linesFigure } from "./lines_figure.ts";
import { runFigure } from "./run_figure.ts";
import { type Row, tableHtml, tableText } from "./table.ts";

/** The MIME type of a Plotly figure. */
const PLOTLY = "application/vnd.plotly.v1+json";

/** Removes the buttons that would send the figure to a server. */
const CONFIG = { displaylogo: false, showSendToCloud: false };

/** The least longer side of a picture; a smaller one is enlarged with sharp pixels. */
const SIDE = 256;

/** The display data of a notebook's cell, by MIME type. */
export type MimeBundle = Record<string, unknown>;

/** An object that Deno's notebook kernel displays if it is a cell's last value. */
export type Displayable = Readonly<Record<symbol, () => Promise<MimeBundle>>>;

/** Things that {@linkcode show} can display. */
export type Showable = Figure | Image | RunRecord | readonly Row[];

/**
 * Displays something in a notebook's cell: a figure (live); a picture; a run's record, as {@linkcode runFigure} or,
 * without snapshots, as its bands or its data term; a list of rows, as a table.
 *
 * @param what The figure, picture, record or rows.
 * @returns The value for the end of the cell.
 *
 * @example A figure
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const shown = show({ data: [{ type: "scatter", y: [1, 2] }], layout: { title: { text: "Two" } } });
 * const bundle = await shown[Symbol.for("Jupyter.display")]!();
 * assert.equal(bundle["text/plain"], "Figure: Two");
 * ```
 *
 * @example A picture
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const shown = show(createImage({ height: 16, width: 24, channels: 1 }));
 * const bundle = await shown[Symbol.for("Jupyter.display")]!();
 * assert.equal(bundle["text/plain"], "Picture: 24x16, grey");
 * ```
 *
 * @example A table
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const shown = show([{ band: "lowest", H: 0.99 }]);
 * const bundle = await shown[Symbol.for("Jupyter.display")]!();
 * assert.match(String(bundle["text/html"]), /<td>lowest<\/td>/);
 * ```
 */
export function show(what: Showable): Displayable {
  return { [Symbol.for("Jupyter.display")]: () => bundleOf(what) };
}

async function bundleOf(what: Showable): Promise<MimeBundle> {
  if (isRows(what)) {
    return { "text/html": tableHtml(what), "text/plain": tableText(what) };
  }
  if ("layout" in what) return figureBundle(what);
  if ("series" in what) return figureBundle(figureOf(what));
  return await imageBundle(what);
}

const isRows = (what: Showable): what is readonly Row[] => Array.isArray(what);

/** The most informative figure of a record. */
function figureOf(record: RunRecord): Figure {
  if (record.snapshots?.steps.length) return runFigure(record);
  if (record.series.bands?.length) return bandCorrespondenceFigure(record);
  return linesFigure("Data term", [{ name: "data term", y: record.series.misfit }], {
    x: { title: "iteration" },
    y: { title: "output − observed, mean squared", scale: "log" },
  });
}

/** A live figure. A picture in the same bundle would be shown instead of it until the pointer is over it. */
const figureBundle = (figure: Figure): MimeBundle => ({
  [PLOTLY]: { ...figure, config: CONFIG },
  "text/plain": `Figure: ${figure.layout.title?.text ?? "untitled"}`,
});

async function imageBundle(image: Image): Promise<MimeBundle> {
  const { height, width, channels } = image;
  const times = Math.max(1, Math.floor(SIDE / Math.max(height, width)));
  const png = await encodePng(enlarged(image, times));
  return {
    "image/png": png.toBase64(),
    "text/plain": `Picture: ${width}x${height}, ${channels === 1 ? "grey" : "colour"}`,
  };
}

/** Replaces each pixel by a square of `times` by `times`. */
function enlarged(image: Image, times: number): Image {
  if (times === 1) return image;
  const { height, width, channels } = image;
  const data = new Float32Array(height * width * times * times * channels);
  for (let y = 0, i = 0; y < height * times; y++) {
    for (let x = 0; x < width * times; x++) {
      const from = (Math.floor(y / times) * width + Math.floor(x / times)) * channels;
      for (let c = 0; c < channels; c++) data[i++] = image.data[from + c]!;
    }
  }
  return { height: height * times, width: width * times, channels, data };
}
