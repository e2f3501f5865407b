import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import {
  chartHtml,
  correspondenceByFrequencyFigure,
  outputsFigure,
  pageAssets,
  pageHtml,
  runFigure,
} from "../../lib/chart/mod.ts";
import { narrowLayout, wrappedTitle } from "../../lib/chart/_page_layout.ts";
import { record } from "./_record.ts";

const chartIn = (html: string) => {
  const { document } = new JSDOM(html).window;
  return { document, data: JSON.parse(document.querySelector(".chart + script").textContent) };
};

Deno.test("chartHtml() has the figure without its still, and an input for its slider", () => {
  const figure = correspondenceByFrequencyFigure(record),
    { document, data } = chartIn(chartHtml(figure, "rings"));
  assert.deepEqual(data.data, JSON.parse(JSON.stringify(figure.data)));
  assert.equal(data.still, undefined);
  const input = document.querySelector(".steps:has(+ #rings)");
  assert.deepEqual([input.min, input.max, input.value], ["0", "1", "1"]);
  assert.equal(input.getAttribute("aria-label"), "Band correspondence by frequency");
  const { sliders: _, ...layout } = figure.layout;
  assert.equal(
    chartIn(chartHtml({ ...figure, layout }, "a")).document.querySelector("input"),
    null,
  );
});

Deno.test("chartHtml() escapes the text of a figure", () => {
  const html = chartHtml({ data: [{ type: "scatter", name: "</script><b>" }], layout: {} }, "a");
  assert.equal(chartIn(html).document.querySelector("b"), null);
});

Deno.test("narrowLayout() puts pictures below each other, none over another, and keeps their shape", () => {
  const figure = outputsFigure(record), wide = figure.layout;
  const narrow = narrowLayout(figure) as Record<string, { domain: [number, number] }>;
  const domains = ["yaxis", "yaxis2", "yaxis3"].map((key) => narrow[key]!.domain);
  domains.slice(1).forEach(([, top], i) => assert.ok(top < domains[i]![0]));
  for (const key of ["xaxis", "xaxis2", "xaxis3"]) assert.deepEqual(narrow[key]!.domain, [0, 1]);
  const { t, b } = wide.margin!;
  // Three pictures of 6x8 pixels, 300 wide, and two axes between them.
  assert.equal(narrowLayout(figure).height, t! + b! + 3 * 225 + 2 * 56);
});

Deno.test("narrowLayout() moves a legend within a plot with the plot", () => {
  const figure = runFigure(record), narrow = narrowLayout(figure);
  // The bars of the error's parts are the fourth plot.
  const tops = [figure.layout, narrow].map(({ yaxis4 }) => yaxis4!.domain![1]);
  assert.notEqual(tops[0], tops[1]);
  assert.deepEqual([figure.layout, narrow].map(({ legend }) => legend!.y), tops);
  assert.equal(narrow.legend!.x, 1);
});

Deno.test("wrappedTitle() breaks a long title between words, the plot as high as it was", () => {
  const layout = (text: string) => ({ title: { text }, margin: { t: 44, b: 30 }, height: 400 });
  const short = layout("Its change over 100 iterations");
  assert.equal(wrappedTitle(short), short);
  assert.deepEqual(wrappedTitle(layout("Its change over 100 iterations, the article's")), {
    title: { text: "Its change over 100 iterations, the<br>article's" },
    margin: { t: 64, b: 30 },
    height: 420,
  });
});

Deno.test("narrowLayout() does not change a figure of one plot", () => {
  const figure = correspondenceByFrequencyFigure(record);
  assert.equal(narrowLayout(figure), figure.layout);
});

Deno.test("a page links each of its assets", async () => {
  const html = pageHtml({ title: "T", body: "<p>b</p>", assets: "../assets" });
  const { document } = new JSDOM(html).window;
  const reached = [...document.querySelectorAll("[src], link[href]")]
    .map((element) => element.getAttribute("src") ?? element.getAttribute("href"));
  const names = Object.keys(await pageAssets()).map((name) => `../assets/${name}`);
  assert.deepEqual(reached.sort(), names.sort());
});
