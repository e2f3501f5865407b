import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import sharp from "sharp";
import * as chart from "../../lib/chart/mod.ts";
import {
  bandCorrespondenceFigure,
  correspondenceByFrequencyFigure,
  errorBandsFigure,
  errorDecompositionFigure,
  type Figure,
  linesFigure,
  measuredBandsFigure,
  noiseLevelFigure,
  noiseSpectrumFigure,
  outputsFigure,
  picturesFigure,
  powerFigure,
  predictedBandsFigure,
  renderPng,
  ringCorrelationFigure,
  runFigure,
  show,
  type Showable,
  spectraFigure,
  spectralNormsFigure,
  spectrumFigure,
  steppedLinesFigure,
  stoppingRulesFigure,
  studyBandsFigure,
  studyCurvesFigure,
  studyFigure,
} from "../../lib/chart/mod.ts";
import { createImage } from "../../lib/image/mod.ts";
import { poissonGaussian } from "../../lib/noise/mod.ts";
import { plotlyPage } from "../../lib/chart/_plotly.ts";
import { fourier } from "../../lib/spectrum/mod.ts";
import { account, channels, plane } from "./_measurement.ts";
import { bare, record } from "./_record.ts";

/** What is global before Plotly is loaded. */
const GLOBALS = Object.getOwnPropertyNames(globalThis).sort();

const results = [{ settings: { lambda: "1" }, psnr: 30, record }];

const spectrum = fourier(plane, 16, 16);
const wave = createImage({ height: 16, width: 16, channels: 1, data: Float32Array.from(plane) });

const FIGURES: Record<string, Figure> = {
  bandCorrespondence: bandCorrespondenceFigure(record),
  errorBands: errorBandsFigure(account),
  errorDecomposition: errorDecompositionFigure(record),
  lines: linesFigure("Lines", [{ name: "a", y: [1, 10] }, { name: "b", x: [1, 2], y: [3, null] }], {
    x: { title: "x", range: [1, 2] },
    y: { title: "y", scale: "log", range: [1, 20] },
    marks: [{ name: "here", x: 1.5 }],
    stretches: [{ name: "there", from: 1.6, to: 1.8 }],
  }),
  measuredBands: measuredBandsFigure(channels),
  noiseLevel: noiseLevelFigure(poissonGaussian(0.01, 0.001, 3)),
  noiseSpectrum: noiseSpectrumFigure(poissonGaussian(0.01, 0.001, 1)),
  outputs: outputsFigure(record),
  pictures: await picturesFigure("Pictures", { first: wave, second: wave }),
  predictedBands: predictedBandsFigure(
    "Predicted",
    { a: { predicted: [[0, 1]], measured: [[0.1, 1]] } },
    { iterations: [1, 10] },
  ),
  power: powerFigure({ output: spectrum }),
  correspondenceByFrequency: correspondenceByFrequencyFigure(record),
  ringCorrelation: ringCorrelationFigure(spectrum, spectrum),
  stoppingRules: stoppingRulesFigure(record),
  run: runFigure(record),
  spectra: spectraFigure(record),
  spectralNorms: spectralNormsFigure(record),
  spectrum: await spectrumFigure("A spectrum", { wave: spectrum }),
  steppedLines: steppedLinesFigure(
    "Stepped",
    [1, 2].map((name) => ({ name, lines: [{ name: "a", x: [0, 1], y: [0, name] }] })),
    { x: { title: "x", range: [0, 1] }, y: { title: "y", range: [0, 2] }, steps: "n =" },
  ),
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
  Deno.test(`every attribute of the figure ${name} is one of Plotly's`, async () => {
    const { plotly } = await plotlyPage();
    // Plotly's validation cannot read controls, nor a legend that is not shown.
    const { sliders: _, updatemenus: __, legend: ___, ...layout } = figure.layout;
    const problems = plotly.validate(figure.data, layout) ?? [];
    // Attributes that have no effect are no problem, such as the grid's colour where there is none.
    assert.deepEqual(problems.filter(({ code }) => code !== "unused").map(({ msg }) => msg), []);
  });
}

Deno.test("renderPng() has the given size times the scale", async () => {
  const png = await renderPng(FIGURES["correspondenceByFrequency"]!, {
    width: 400,
    height: 300,
    scale: 2,
  });
  const { format, width, height } = await sharp(png).metadata();
  assert.deepEqual({ format, width, height }, { format: "png", width: 800, height: 600 });
});

Deno.test("renderPng() draws on a transparent or given background", async () => {
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

Deno.test("renderPng() draws the still picture of an animated figure, or its current frame", async () => {
  const { still, ...moving } = FIGURES["outputs"]!;
  const options = { width: 900, scale: 1, background: "#ffffff" };
  const colors = async (figure: Figure, places: readonly number[]) => {
    const png = await renderPng(figure, options), { height } = await sharp(png).metadata();
    return Promise.all(places.map((x) => pixel(png, x, Math.round(height! / 2))));
  };
  // Observed is red, the last output blue, the reference green: a third of the width each.
  const [red, green, blue] = [[255, 0, 0], [0, 255, 0], [0, 0, 255]];
  assert.deepEqual(await colors(moving, [170, 460, 750]), [red, blue, green]);
  assert.deepEqual(await colors({ ...moving, still: still! }, [460, 750]), [blue, green]);
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

Deno.test("renderPng() names the invalid size", async () => {
  await assert.rejects(renderPng(FIGURES["study"]!, { width: 0 }), /RangeError: `width`/);
  await assert.rejects(renderPng(FIGURES["study"]!, { scale: NaN }), /RangeError: `scale`/);
});

Deno.test("renderPng() changes neither the figure nor anything global", async () => {
  const figure = FIGURES["bandCorrespondence"]!, before = JSON.stringify(figure);
  await renderPng(figure);
  assert.equal(JSON.stringify(figure), before);
  assert.deepEqual(Object.getOwnPropertyNames(globalThis).sort(), GLOBALS);
});

const displayed = (what: Showable) => show(what)[Symbol.for("Jupyter.display")]!();
const LIVE = "application/vnd.plotly.v1+json";

Deno.test("show() displays a live figure and a line of text, no picture that would hide it", async () => {
  const figure = FIGURES["spectra"]!, bundle = await displayed(figure);
  assert.deepEqual(Object.keys(bundle).sort(), [LIVE, "text/plain"]);
  const live = bundle[LIVE] as Figure;
  assert.deepEqual([live.data, live.layout, live.frames], [
    figure.data,
    figure.layout,
    figure.frames,
  ]);
  assert.equal(bundle["text/plain"], "Figure: Spectra");
});

Deno.test("show() displays a record as the most detailed figure that it allows", async () => {
  const titleOf = async (what: Showable) => (await displayed(what))["text/plain"];
  assert.equal(await titleOf(record), "Figure: The run, step by step");
  const { snapshots: _, ...long } = record;
  assert.equal(await titleOf(long), "Figure: Band correspondence");
  assert.equal(await titleOf(bare), "Figure: Data term");
});

Deno.test("show() enlarges a small picture pixel by pixel", async () => {
  const data = new Float32Array([1, 0, 0, 0, 0, 1, 0, 0]);
  const bundle = await displayed(createImage({ height: 2, width: 4, channels: 1, data }));
  const png = Uint8Array.fromBase64(bundle["image/png"] as string);
  const { width, height } = await sharp(png).metadata();
  assert.deepEqual([width, height], [256, 128]);
  assert.deepEqual((await pixel(png, 63, 63))[0], 255);
  assert.deepEqual((await pixel(png, 64, 63))[0], 0);
  assert.deepEqual((await pixel(png, 127, 64))[0], 255);
});

Deno.test("show() displays rows as a table, numbers on the right, text escaped", async () => {
  const rows = [{ "a<b": "x", lost: 1.5 }, { "a<b": "y", lost: Infinity }];
  const { "text/html": html, "text/plain": text } = await displayed(rows);
  const { document } = new JSDOM(String(html)).window;
  const cells = [...document.querySelectorAll("th, td")].map(({ textContent }) => textContent);
  assert.deepEqual(cells, ["a<b", "lost", "x", "1.5", "y", "–"]);
  assert.equal(document.querySelector("td:last-child").style.textAlign, "right");
  assert.equal(text, "a<b  lost\n  x   1.5\n  y     –");
});
