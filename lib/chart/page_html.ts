// Pages with live charts that share their scripts, such as those of a site.
import { escapeHtml, scriptJson } from "./_html.ts";
import { narrowLayout, roomForLegend, wrappedTitle } from "./_page_layout.ts";
import { plotlySource } from "./_plotly.ts";
import style from "./_report.css" with { type: "text" };
import script from "./_report.js" with { type: "text" };
import type { Figure } from "./figure.ts";

/** A page. */
export interface Page {
  readonly title: string;
  /** The HTML of the page's `body`; its charts are made by {@linkcode chartHtml}. */
  readonly body: string;
  /** The path of the files of {@linkcode pageAssets}, relative to the page. */
  readonly assets: string;
}

/**
 * A page with charts, whose scripts and style are separate files.
 *
 * @param page The page.
 * @returns The HTML.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const page = pageHtml({ title: "A & B", body: "<h1>A</h1>", assets: "assets" });
 * assert.match(page, /<title>A &amp; B<\/title>/);
 * assert.match(page, /src="assets\/charts.js"/);
 * ```
 */
export const pageHtml = ({ title, body, assets }: Page): string =>
  `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${assets}/page.css">
</head>
<body>
${body}
<script src="${assets}/plotly.min.js"></script>
<script src="${assets}/charts.js"></script>
</body>
</html>
`;

/**
 * The files of pages made by {@linkcode pageHtml}.
 *
 * @returns Their texts by name.
 */
export const pageAssets = async (): Promise<Readonly<Record<string, string>>> => ({
  "page.css": style,
  "plotly.min.js": await plotlySource(),
  "charts.js": script,
});

/**
 * A live figure for a page, with an input that moves its slider by keyboard. On a narrow page plots are placed below
 * each other.
 *
 * @param figure The figure.
 * @param id The element's name, unique in the page.
 * @param narrow The layout for a narrow page.
 * @default {computed}
 * @returns HTML.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const html = chartHtml({ data: [], layout: { title: { text: "None" } } }, "none");
 * assert.match(html, /<div class="chart" id="none">/);
 * ```
 */
export function chartHtml(
  { still: _, ...figure }: Figure,
  id: string,
  narrow: Figure["layout"] = narrowLayout(figure),
): string {
  const data = {
    ...figure,
    layout: roomOf(figure, figure.layout, "wide"),
    narrowLayout: wrappedTitle(roomOf(figure, narrow, "narrow")),
  };
  const [{ steps = [], active = 0 } = {}] = figure.layout.sliders ?? [];
  const label = escapeHtml(figure.layout.title?.text ?? id);
  const input = figure.layout.sliders
    ? `<input class="steps" type="range" min="0" max="${steps.length - 1}" value="${active}" ` +
      `aria-label="${label}">`
    : "";
  return `${input}<div class="chart" id="${id}"></div>` +
    `<script type="application/json">${scriptJson(data)}</script>`;
}

/** The layout with space for its legend, if the figure is one of this library's. */
const roomOf = (figure: Figure, layout: Figure["layout"], page: "narrow" | "wide") =>
  layout.legend?.font?.size && layout.margin?.b !== undefined && layout.height !== undefined &&
    layout.legend.orientation === "h"
    ? roomForLegend({ ...figure, layout }, page)
    : layout;
