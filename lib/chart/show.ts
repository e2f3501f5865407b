// Figures in a notebook.
import { renderPng } from "./render_png.ts";
import type { Figure } from "./figure.ts";

/** The MIME type of a Plotly figure. */
const PLOTLY = "application/vnd.plotly.v1+json";

/** No button that would send the figure anywhere. */
const CONFIG = { displaylogo: false, showSendToCloud: false };

/** What a notebook's cell displays, by MIME type. */
export type MimeBundle = Record<string, unknown>;

/** Something that Deno's notebook kernel displays when it is a cell's last value. */
export type Displayable = Readonly<Record<symbol, () => Promise<MimeBundle>>>;

/**
 * Makes a figure the display of a notebook's cell: live where the notebook knows Plotly, a picture
 * elsewhere, such as in a viewer that runs nothing.
 *
 * @param figure The figure.
 * @returns What the cell ends with.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const shown = show({ data: [{ type: "scatter", y: [1, 2] }], layout: { title: { text: "Two" } } });
 * const bundle = await shown[Symbol.for("Jupyter.display")]!();
 * assert.equal(bundle["text/plain"], "Figure: Two");
 * ```
 */
export function show(figure: Figure): Displayable {
  return {
    async [Symbol.for("Jupyter.display")]() {
      const png = await renderPng(figure);
      return {
        [PLOTLY]: { ...figure, config: CONFIG },
        "image/png": png.toBase64(),
        "text/plain": `Figure: ${figure.layout.title?.text ?? "untitled"}`,
      };
    },
  };
}
