// H of every band over the iterations, its stops and its gain.
import assert from "node:assert/strict";
import { bandCorrespondenceFigure } from "../../lib/chart/mod.ts";
import { named, traces } from "./_figure.ts";
import { bare, record } from "./_record.ts";

const { series } = record;

Deno.test("bandCorrespondenceFigure() draws H of every band, lowest first, from iteration 1", () => {
  const figure = bandCorrespondenceFigure(record);
  const bands = traces(figure).slice(0, 5);
  assert.deepEqual(bands.map(({ name }) => name), ["lowest", "low", "medium", "high", "highest"]);
  assert.deepEqual(bands.map(({ y }) => y), series.bands);
  for (const { x0, dx } of bands) assert.deepEqual([x0, dx], [1, 1]);
});

Deno.test("bandCorrespondenceFigure() marks the highest averaged PSNR and every stop", () => {
  const figure = bandCorrespondenceFigure(record);
  assert.deepEqual(named(figure, "PSNR").y, series.psnr);
  assert.deepEqual(named(figure, "PSNR, averaged").y, series.averagePsnr);
  assert.deepEqual(figure.layout.shapes?.map(({ x0, x1 }) => [x0, x1]), [[3, 3], [3, 3], [4, 4]]);
  assert.deepEqual(figure.layout.annotations?.map(({ text }) => text), [
    "mine 3",
    "peak 17.25 dB at 3",
    "emv 4",
  ]);
});

Deno.test("bandCorrespondenceFigure() draws the PSNR once where nothing was averaged", () => {
  const { psnr } = series;
  const figure = bandCorrespondenceFigure({ ...record, series: { ...series, averagePsnr: psnr! } });
  assert.equal(traces(figure).filter(({ yaxis }) => yaxis === "y2").length, 1);
});

Deno.test("bandCorrespondenceFigure() draws it once where a run fell back, and twice where they differ", () => {
  const psnr = Array.from({ length: 200 }, (_, i) => 20 + Math.sin(i));
  const drawn = (averagePsnr: number[]) =>
    traces(bandCorrespondenceFigure({ ...record, series: { ...series, psnr, averagePsnr } }))
      .filter(({ yaxis }) => yaxis === "y2").map(({ name }) => name);
  assert.deepEqual(drawn(psnr.map((value, i) => i === 120 ? value - 1 : value + 1e-9)), ["PSNR"]);
  assert.deepEqual(drawn(psnr.map((value, i) => i < 10 ? value - 1 : value)), [
    "PSNR",
    "PSNR, averaged",
  ]);
});

Deno.test("bandCorrespondenceFigure() shows the gain beside H, one legend for both", () => {
  const figure = bandCorrespondenceFigure(record, {
    title: "dip",
    measures: ["correspondence", "gain"],
    scale: "log",
  });
  const gains = traces(figure).filter(({ yaxis }) => yaxis === "y3");
  assert.deepEqual(gains.map(({ y }) => y), series.bandGain);
  assert.ok(gains.every(({ showlegend }) => showlegend === false));
  assert.equal(figure.layout.title?.text, "dip");
  assert.deepEqual(figure.layout.xaxis?.range, [0, Math.log10(4)]);
  // The highest gain of all is 1.05, the lowest -0.01.
  assert.deepEqual(figure.layout.yaxis3?.range, [-0.01, 1.05]);
  // Plotly takes a label's place on a logarithmic axis as a logarithm, and a line's as it is.
  const { annotations, shapes } = figure.layout;
  assert.deepEqual([annotations![0]!.x, shapes![0]!.x0], [Math.log10(3), 3]);
});

Deno.test("labels of stops that are close are in rows above each other", () => {
  const rules = ["a", "b", "c"].map((name, i) => ({ ...record.rules[0]!, name, stop: 500 + i }));
  const far = { ...record.rules[0]!, name: "far", stop: 20 };
  const stop = { ...record.stop, iteration: 1000 };
  const { annotations } =
    bandCorrespondenceFigure({ ...record, rules: [...rules, far], stop }).layout;
  const rowOf = (text: string) => annotations!.find((label) => label.text === text)!.yshift;
  assert.equal(new Set(["a 500", "b 501", "c 502"].map(rowOf)).size, 3);
  assert.equal(rowOf("far 20"), rowOf("a 500"));
});

Deno.test("bandCorrespondenceFigure() has no PSNR axis without a reference", () => {
  const { psnr: _, averagePsnr: __, ...rest } = series;
  const figure = bandCorrespondenceFigure({ ...record, series: rest });
  assert.equal(figure.data.length, 5);
  assert.equal(figure.layout.yaxis2, undefined);
});

Deno.test("the label of an early stop, which begins at its line, is not under the next", () => {
  const rule = (name: string, stop: number) => ({ ...record.rules[0]!, name, stop });
  const { annotations } = bandCorrespondenceFigure({
    ...record,
    stop: { ...record.stop, iteration: 900 },
    rules: [rule("plateau", 183), rule("emv", 475)],
    series: { ...bare.series, bands: series.bands! },
  }).layout;
  // On a phone the plot is 230 pixels wide: one label goes from 47 to 113, the other from 100 to 142.
  assert.deepEqual(annotations?.map(({ xanchor, yshift }) => [xanchor, yshift]), [
    ["left", 0],
    ["center", 16],
  ]);
});
