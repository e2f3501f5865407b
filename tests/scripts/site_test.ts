// The site's Markdown and notebooks, without a browser.
import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { markdownRenderer } from "../../scripts/_site_markdown.ts";
import { notebookBody, type SiteCell } from "../../scripts/_site_notebook.ts";

const markdown = markdownRenderer((href) => href.replace(".ipynb", ".html"));
const documentOf = (html: string) => new JSDOM(html).window.document;

Deno.test("links point to the site's pages, formulas become MathML, code and tables are scrolled", () => {
  const document = documentOf(markdown(
    "# T\n\nSee [two](02.ipynb) and $x^2$.\n\n$$\n\\frac12\n$$\n\n```ts\nconst a = 1 < 2;\n```\n\n" +
      "| a | b |\n| - | - |\n| $y$ | `c` |\n",
  ));
  assert.equal(document.querySelector("a").getAttribute("href"), "02.html");
  assert.equal(document.querySelectorAll("math").length, 3);
  assert.ok(document.querySelector('math[display="block"] mfrac'));
  assert.equal(document.querySelector("pre").textContent, "const a = 1 < 2;");
  assert.equal(document.querySelectorAll(".scroll[tabindex]").length, 2);
  assert.equal(document.querySelector("td:last-child code").textContent, "c");
});

Deno.test("a formula that cannot be typeset is an error", () => {
  assert.throws(() => markdown("$\\nosuchthing{$"));
});

Deno.test("a notebook's outputs are charts, tables, pictures and text, folded code is folded", () => {
  const cell = (source: string, more: Partial<SiteCell>): SiteCell => ({
    cell_type: "code",
    source: [source],
    metadata: {},
    ...more,
  });
  const chart = { data: [], layout: { title: { text: "C" } } };
  const document = documentOf(notebookBody([
    cell("# Title", { cell_type: "markdown" }),
    cell("show(a);", {
      metadata: { jupyter: { source_hidden: true } },
      outputs: [
        {
          output_type: "display_data",
          data: { "application/vnd.plotly.v1+json": chart, "image/png": "aGk=" },
        },
        {
          output_type: "display_data",
          data: { "text/html": "<table></table>", "text/plain": "t" },
        },
        {
          output_type: "display_data",
          data: { "image/png": "aGk=", "text/plain": "Picture: 2x2" },
        },
        { output_type: "stream", text: ["1 < 2\n"] },
        { output_type: "display_data", data: { "text/plain": "a line" } },
      ],
    }),
  ], markdown));
  assert.equal(document.querySelector("h1").textContent, "Title");
  assert.equal(document.querySelector("details pre").textContent, "show(a);");
  assert.ok(document.querySelector("#chart-1"));
  assert.ok(document.querySelector(".scroll table"));
  assert.equal(document.querySelector("img").alt, "Picture: 2x2");
  assert.equal(document.querySelector("pre.output").textContent, "1 < 2");
  assert.equal(document.querySelector("p.output").textContent, "a line");
});
