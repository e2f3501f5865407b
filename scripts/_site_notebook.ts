// Converts a notebook to the body of a page: text, code, and outputs with live charts.
import { chartHtml, type Figure } from "../lib/chart/mod.ts";
import { highlighted } from "./_site_markdown.ts";

/** A cell of a notebook's file (nbformat 4.5); text is a list of lines. */
export interface SiteCell {
  readonly cell_type: string;
  readonly source: readonly string[];
  readonly metadata: { readonly jupyter?: { readonly source_hidden?: boolean } };
  readonly outputs?: readonly {
    readonly output_type: string;
    readonly text?: readonly string[];
    readonly data?: Readonly<Record<string, unknown>>;
  }[];
}

const PLOTLY = "application/vnd.plotly.v1+json";

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const textOf = (value: unknown) => Array.isArray(value) ? value.join("") : String(value);

/** A block that scrolls by itself if it is wider than the page, also by keyboard. */
const scrolled = (label: string, html: string) =>
  `<div class="scroll" tabindex="0" role="region" aria-label="${label}">${html}</div>`;

/**
 * A notebook's cells as HTML.
 *
 * @param cells The cells with their outputs.
 * @param markdown Converts Markdown to HTML.
 * @returns HTML.
 */
export function notebookBody(
  cells: readonly SiteCell[],
  markdown: (text: string) => string,
): string {
  let charts = 0;
  return cells.map(({ cell_type, source, metadata, outputs = [] }) => {
    const text = source.join("");
    if (cell_type === "markdown") return markdown(text);
    if (text.trim() === "") return "";
    const code = scrolled("Code", `<pre><code>${highlighted(text)}</code></pre>`);
    const shown = metadata.jupyter?.source_hidden
      ? `<details><summary>${
        outputs.length > 0 ? "Code of the chart" : "Checks of the findings"
      }</summary>${code}</details>`
      : code;
    return shown + outputs.map((output) => outputHtml(output, () => `chart-${++charts}`)).join("");
  }).join("\n");
}

function outputHtml(
  { text, data }: NonNullable<SiteCell["outputs"]>[number],
  nextId: () => string,
): string {
  if (text) {
    return scrolled("Output", `<pre class="output">${escaped(textOf(text).trimEnd())}</pre>`);
  }
  if (data?.[PLOTLY]) return chartHtml(data[PLOTLY] as Figure, nextId());
  if (data?.["text/html"]) return scrolled("Table", textOf(data["text/html"]));
  const name = escaped(textOf(data?.["text/plain"] ?? ""));
  if (data?.["image/png"]) {
    return `<img class="output" src="data:image/png;base64,${
      textOf(data["image/png"]).trim()
    }" alt="${name}">`;
  }
  return `<p class="output">${name}</p>`;
}
