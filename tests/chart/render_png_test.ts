import assert from "node:assert/strict";
import sharp from "sharp";
import * as chart from "../../lib/chart/mod.ts";
import {
  bandAccountFigure,
  bandCorrespondenceFigure,
  errorAccountFigure,
  type Figure,
  measuredBandsFigure,
  outputsFigure,
  powerFigure,
  renderPng,
  ringCorrelationFigure,
  ringFigure,
  rulesFigure,
  show,
  spectraFigure,
  spectralNormsFigure,
  studyBandsFigure,
  studyCurvesFigure,
  studyFigure,
} from "../../lib/chart/mod.ts";
import { plotlyPage } from "../../lib/chart/_plotly.ts";
import { fourier } from "../../lib/spectrum/mod.ts";
import { account, channels, plane } from "./_measurement.ts";
import { record } from "./_record.ts";

/** What is global before Plotly is loaded. */
const GLOBALS = Object.getOwnPropertyNames(globalThis).sort();

const results = [{ settings: { lambda: "1" }, psnr: 30, record }];

const spectrum = fourier(plane, 16, 16);

const FIGURES: Record<string, Figure> = {
  bandAccount: bandAccountFigure(account),
  bandCorrespondence: bandCorrespondenceFigure(record),
  errorAccount: errorAccountFigure(record),
  measuredBands: measuredBandsFigure(channels),
  outputs: outputsFigure(record),
  power: powerFigure({ output: spectrum }),
  ring: ringFigure(record),
  ringCorrelation: ringCorrelationFigure(spectrum, spectrum),
  rules: rulesFigure(record),
  spectra: spectraFigure(record),
  spectralNorms: spectralNormsFigure(record),
  study: studyFigure(results),
  studyBands: studyBandsFigure(results),
  studyCurves: studyCurvesFigure(results),
};

/** Names, kinds and titles: what a chart is without its numbers. */
function structureOf({ data, layout, frames }: Figure) {
  const axes = Object.entries(layout).filter(([key]) => /^[xy]axis\d*$/.test(key));
  return {
    title: layout.title?.text,
    axes: Object.fromEntries(axes.map(([key, axis]) => [key, axis.title?.text])),
    traces: data.map((trace) => [trace.type, trace.name]),
    frames: frames?.map(({ name }) => name) ?? null,
    layout: Object.keys(layout).sort(),
  };
}

/** The colour of a pixel. */
async function pixel(png: Uint8Array, x: number, y: number): Promise<number[]> {
  const { data } = await sharp(png).extract({ left: x, top: y, width: 1, height: 1 })
    .removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return [...data];
}

Deno.test("every figure function is among those tested here", () => {
  const functions = Object.keys(chart).filter((name) => name.endsWith("Figure"));
  assert.deepEqual(Object.keys(FIGURES).map((name) => `${name}Figure`).sort(), functions.sort());
});

Deno.test("figures keep their structure", async () => {
  const path = new URL("structure.json", import.meta.url);
  const structure = JSON.parse(JSON.stringify(
    Object.fromEntries(
      Object.entries(FIGURES).map(([name, figure]) => [name, structureOf(figure)]),
    ),
  ));
  assert.deepEqual(structure, JSON.parse(await Deno.readTextFile(path)));
});

for (const [name, figure] of Object.entries(FIGURES)) {
  Deno.test(`Plotly knows every attribute of the figure ${name}`, async () => {
    const { plotly } = await plotlyPage();
    // Plotly's validation cannot read controls, nor a legend that is not shown.
    const { sliders: _, updatemenus: __, legend: ___, ...layout } = figure.layout;
    const problems = plotly.validate(figure.data, layout) ?? [];
    // Attributes that have no effect are no problem, such as the grid's colour where there is none.
    assert.deepEqual(problems.filter(({ code }) => code !== "unused").map(({ msg }) => msg), []);
  });
}

Deno.test("renderPng() has the size that was asked for, times the scale", async () => {
  const png = await renderPng(FIGURES["ring"]!, { width: 400, height: 300, scale: 2 });
  const { format, width, height } = await sharp(png).metadata();
  assert.deepEqual({ format, width, height }, { format: "png", width: 800, height: 600 });
});

Deno.test("renderPng() draws on nothing, or on the background", async () => {
  const figure = FIGURES["study"]!, size = { width: 300, height: 200, scale: 1 };
  const { data } = await sharp(await renderPng(figure, size)).extract({
    left: 1,
    top: 1,
    width: 1,
    height: 1,
  }).raw().toBuffer({ resolveWithObject: true });
  assert.equal(data.at(-1), 0);
  const white = await renderPng(figure, { ...size, background: "#ffffff" });
  assert.deepEqual(await pixel(white, 1, 1), [255, 255, 255]);
});

Deno.test("renderPng() draws the pictures of the frame that is shown", async () => {
  const png = await renderPng(FIGURES["outputs"]!, { width: 900, scale: 1, background: "#ffffff" });
  const { height } = await sharp(png).metadata();
  // Observed is red, the last output blue, the reference green: a third of the width each.
  const middle = await Promise.all(
    [170, 460, 750].map((x) => pixel(png, x, Math.round(height! / 2))),
  );
  assert.deepEqual(middle, [[255, 0, 0], [0, 0, 255], [0, 255, 0]]);
});

Deno.test("renderPng() draws a curve where its numbers are", async () => {
  const figure: Figure = {
    data: [{ type: "scatter", mode: "lines", y: [0, 1], line: { color: "#ff0000", width: 6 } }],
    layout: {
      margin: { l: 0, r: 0, t: 0, b: 0 },
      xaxis: { visible: false, range: [0, 1] },
      yaxis: { visible: false, range: [0, 1] },
    },
  };
  const png = await renderPng(figure, { width: 100, height: 100, scale: 1, background: "#ffffff" });
  const [on, off] = [await pixel(png, 25, 75), await pixel(png, 25, 25)];
  assert.ok(on[0]! > 240 && on[1]! < 40, `${on}`);
  assert.ok(off[1]! > 200, `${off}`);
});

Deno.test("renderPng() names the size that is wrong", async () => {
  await assert.rejects(renderPng(FIGURES["study"]!, { width: 0 }), /RangeError: `width`/);
  await assert.rejects(renderPng(FIGURES["study"]!, { scale: NaN }), /RangeError: `scale`/);
});

Deno.test("renderPng() changes neither the figure nor anything global", async () => {
  const figure = FIGURES["bandCorrespondence"]!, before = JSON.stringify(figure);
  await renderPng(figure);
  assert.equal(JSON.stringify(figure), before);
  assert.deepEqual(Object.getOwnPropertyNames(globalThis).sort(), GLOBALS);
});

Deno.test("show() displays a live figure, a picture and a line of text", async () => {
  const figure = FIGURES["spectra"]!;
  const bundle = await show(figure)[Symbol.for("Jupyter.display")]!();
  assert.deepEqual(Object.keys(bundle).sort(), [
    "application/vnd.plotly.v1+json",
    "image/png",
    "text/plain",
  ]);
  const live = bundle["application/vnd.plotly.v1+json"] as Figure;
  assert.deepEqual([live.data, live.layout, live.frames], [
    figure.data,
    figure.layout,
    figure.frames,
  ]);
  assert.equal(bundle["text/plain"], "Figure: Spectra");
  const { width, height } = await sharp(Uint8Array.fromBase64(bundle["image/png"] as string))
    .metadata();
  assert.equal(width, 1600);
  assert.ok(height! > 500 && height! < 1600, `${height}`);
});
