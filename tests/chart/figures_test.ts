import assert from "node:assert/strict";
import {
  bandCorrespondenceFigure,
  errorAccountFigure,
  type Figure,
  outputsFigure,
  ringFigure,
  rulesFigure,
  spectraFigure,
  spectralNormsFigure,
} from "../../lib/chart/mod.ts";
import { bare, record } from "./_record.ts";

// deno-lint-ignore no-explicit-any -- traces of all types, and what a test asks of them
const traces = ({ data }: Pick<Figure, "data">) => data as any[];
const named = (figure: Figure, name: string) =>
  traces(figure).find((trace) => trace.name === name) ?? assert.fail(`no trace "${name}"`);
const { series, snapshots } = record;

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
  const peak = named(figure, "highest PSNR, averaged");
  assert.deepEqual([peak.x, peak.y, peak.text], [[3], [17.25], "17.25 dB"]);
  assert.deepEqual(figure.layout.shapes?.map(({ x0, x1 }) => [x0, x1]), [[3, 3], [4, 4]]);
  assert.deepEqual(figure.layout.annotations?.map(({ text }) => text), ["mine 3", "emv 4"]);
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

Deno.test("errorAccountFigure() adds the rings up, and its parts are the mean squared error", () => {
  const figure = errorAccountFigure(record);
  const close = (actual: number[], expected: number[]) =>
    actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < 1e-12, `${actual}`));
  close(named(figure, "signal missing").y, [0.06, 0.035, 0.02, 0.0125]);
  close(named(figure, "noise learned").y, [0.0015, 0.003, 0.005, 0.007]);
  close(named(figure, "remainder").y, [0.012, 0.01, 0.008, 0.005]);
  close(named(figure, "cross term").y, [-0.0005, 0, 0.001, 0.00025]);
  close(named(figure, "all (MSE)").y, [0.073, 0.048, 0.034, 0.02475]);
  const stacked = traces(figure).filter(({ stackgroup }) => stackgroup);
  assert.deepEqual(stacked.map(({ name }) => name), [
    "signal missing",
    "noise learned",
    "remainder",
  ]);
});

Deno.test("errorAccountFigure() shows one ring, named by its frequencies", () => {
  const figure = errorAccountFigure(record, { ring: 0, scale: "log" });
  assert.deepEqual(named(figure, "signal missing").y, series.account!.signal[0]);
  assert.deepEqual(named(figure, "cross term").y, series.account!.cross[0]);
  assert.equal(figure.layout.title?.text, "Account of the error, 0.0 to 0.25 cycles/pixel");
  assert.equal(figure.layout.yaxis?.type, "log");
  const last = errorAccountFigure(record, { ring: 1 });
  assert.equal(last.layout.title?.text, "Account of the error, from 0.25 cycles/pixel");
  for (const ring of [-1, 2, 0.5]) {
    assert.throws(() => errorAccountFigure(record, { ring }), /RangeError: `ring`/);
  }
});

Deno.test("errorAccountFigure() has a gap where a number is not known", () => {
  const account = { ...series.account!, cross: [[null, 0, 0, 0], [0, 0, 0, 0]] };
  const figure = errorAccountFigure({ ...record, series: { ...series, account } });
  assert.equal(named(figure, "all (MSE)").y[0], null);
  assert.equal(named(figure, "cross term").y[0], null);
});

Deno.test("ringFigure() steps through the snapshots and shows the last first", () => {
  const { data, frames, layout } = ringFigure(record);
  const [h] = traces({ data });
  assert.deepEqual(h.x, snapshots!.frequencies);
  assert.deepEqual(h.y, [0.95, 0.6, 0.25]);
  assert.deepEqual(frames!.map(({ name }) => name), ["1", "4"]);
  assert.deepEqual(frames!.map(({ data }) => data![0].y), [[0.5, 0.2, null], [0.95, 0.6, 0.25]]);
  assert.equal(layout.sliders![0]!.active, 1);
  assert.deepEqual(layout.sliders![0]!.steps!.map(({ label }) => label), ["1", "4"]);
  assert.deepEqual(layout.sliders![0]!.steps!.map(({ args }) => args![0]), [["1"], ["4"]]);
});

Deno.test("ringFigure() shows the paper's bands: fifths of half the width", () => {
  // Half the width of 8 is 4 coefficients, a coefficient 1/8 cycles per pixel.
  const { shapes, annotations } = ringFigure(record).layout;
  assert.deepEqual(shapes!.map(({ x1 }) => x1), [1, 2, 3, 4, 5].map((i) => 4 * i / 5 / 8));
  assert.equal(shapes![0]!.x0, 0);
  assert.deepEqual(annotations!.map(({ text }) => text), [
    "lowest",
    "low",
    "medium",
    "high",
    "highest",
  ]);
});

Deno.test("outputsFigure() shows observed, output and reference, and steps through outputs", () => {
  const figure = outputsFigure(record);
  const { observed, reference, steps } = snapshots!;
  assert.deepEqual(traces(figure).map(({ name, source }) => [name, source]), [
    ["observed", observed],
    ["output", steps[1]!.output],
    ["reference", reference],
    ["before", observed],
  ]);
  // Over the output, and shown by a button.
  const { visible, xaxis } = named(figure, "before");
  assert.deepEqual([visible, xaxis], [false, named(figure, "output").xaxis]);
  assert.deepEqual(figure.layout.updatemenus![1]!.buttons!.map(({ args }) => args), [
    [{ visible: false }, [3]],
    [{ visible: true }, [3]],
  ]);
  assert.deepEqual(figure.frames!.map(({ traces }) => traces), [[1], [1]]);
  assert.deepEqual(
    figure.frames!.map(({ data }) => data![0].source),
    steps.map(({ output }) => output),
  );
});

Deno.test("a picture covers its pixels, whatever the size of its thumbnail", () => {
  // The thumbnails have 8x6 pixels, the picture 16x12: a thumbnail's pixel is two wide.
  const [trace] = traces(
    outputsFigure({ ...record, picture: { height: 12, width: 16, channels: 3 } }),
  );
  const { dx, dy, x0, y0 } = trace;
  assert.deepEqual({ dx, dy, x0, y0 }, { dx: 2, dy: 2, x0: 1, y0: 1 });
});

Deno.test("pictures are zoomed together, at one scale in both directions", () => {
  for (const arrange of ["row", "column"] as const) {
    const { layout } = outputsFigure(record, { arrange });
    assert.equal(layout.yaxis!.scaleanchor, "x");
    assert.deepEqual([layout.xaxis2!.matches, layout.xaxis3!.matches], ["x", "x"]);
    assert.deepEqual([layout.yaxis2!.matches, layout.yaxis3!.matches], ["y", "y"]);
    const [domains, across] = arrange === "row"
      ? [
        [layout.xaxis!.domain!, layout.xaxis2!.domain!, layout.xaxis3!.domain!],
        layout.yaxis!.domain,
      ]
      : [
        [layout.yaxis3!.domain!, layout.yaxis2!.domain!, layout.yaxis!.domain!],
        layout.xaxis!.domain,
      ];
    assert.deepEqual(across, [0, 1]);
    const edges = domains.flat();
    assert.deepEqual(edges, edges.toSorted((a, b) => a - b));
  }
});

Deno.test("spectraFigure() shows output, target and error on one stated grey scale", () => {
  const figure = spectraFigure(record);
  const { observedSpectrum, steps } = snapshots!;
  assert.deepEqual(traces(figure).slice(0, 3).map(({ name, source }) => [name, source]), [
    ["output", steps[1]!.spectrum],
    ["target", observedSpectrum],
    ["error", steps[1]!.errorSpectrum],
  ]);
  assert.deepEqual(
    figure.frames!.map(({ traces, data }) => [traces, data!.map(({ source }) => source)]),
    steps.map(({ spectrum, errorSpectrum }) => [[0, 2], [spectrum, errorSpectrum]]),
  );
  const { cmin, cmax, colorscale } = traces(figure)[3].marker;
  assert.deepEqual([cmin, cmax, colorscale], [-6, 3, [[0, "#000000"], [1, "#ffffff"]]]);
});

Deno.test("spectraFigure() has frequency zero in the middle of its coefficient", () => {
  // Width 8: coefficient 4 is zero; height 5: coefficient 2 is.
  const picture = { height: 5, width: 8, channels: 1 };
  const wide = traces(spectraFigure({ ...record, picture }))[0];
  assert.ok(Math.abs(wide.x0 + 4 * wide.dx) < 1e-12);
  // The thumbnail has 6 rows for 5 coefficients: compare the edges, (0 - 2 - 1/2) / 5 and one more.
  assert.ok(Math.abs(wide.y0 - wide.dy / 2 + 0.5) < 1e-12);
  assert.ok(Math.abs(wide.y0 + 5.5 * wide.dy - 0.5) < 1e-12);
});

Deno.test("pictures without a reference are two", () => {
  const { reference: _, referenceSpectrum: __, ...rest } = snapshots!;
  const steps = rest.steps.map(({ errorSpectrum: _, ...step }) => step);
  const without = { ...record, snapshots: { ...rest, steps } };
  assert.deepEqual(traces(outputsFigure(without)).map(({ name }) => name), [
    "observed",
    "output",
    "before",
  ]);
  const spectra = spectraFigure(without);
  assert.deepEqual(traces(spectra).map(({ name }) => name), ["output", "target", "grey scale"]);
  assert.deepEqual(spectra.frames!.map(({ traces }) => traces), [[0], [0]]);
});

Deno.test("spectralNormsFigure() draws norms before and after control, and the bound", () => {
  const figure = spectralNormsFigure(record);
  const { kernel, controlled, iterations } = record.spectralNorms;
  const of = (yaxis: string) => traces(figure).filter((trace) => trace.yaxis === yaxis);
  for (const [yaxis, norms] of [["y", kernel], ["y2", controlled]] as const) {
    const [first, second, bound] = of(yaxis);
    assert.deepEqual([first.x, second.x], [iterations, iterations]);
    assert.deepEqual([first.y, second.y], norms);
    assert.deepEqual([bound.name, bound.x, bound.y], ["λ = 1.5", [0, 4], [1.5, 1.5]]);
  }
  assert.equal(figure.data.length, 6);
});

Deno.test("spectralNormsFigure() draws a bound that was steered as it went", () => {
  const lambda = [1.5, 1.4, 1.3, 1.35];
  const figure = spectralNormsFigure({ ...record, series: { ...series, lambda } });
  const { x0, dx, y } = named(figure, "λ");
  assert.deepEqual({ x0, dx, y }, { x0: 1, dx: 1, y: lambda });
});

Deno.test("spectralNormsFigure() takes the bound from an object, and has one panel without control", () => {
  const { network } = record.settings;
  const lipschitz = { lambda: 1.75, norm: "operator" };
  const settings = { ...record.settings, network: { ...network, lipschitz } };
  assert.deepEqual(named(spectralNormsFigure({ ...record, settings }), "λ = 1.75").y, [1.75, 1.75]);

  const free = { ...record.settings, network: { ...network, lipschitz: 0 } };
  const { kernel } = record.spectralNorms;
  const spectralNorms = { ...record.spectralNorms, controlled: kernel };
  const figure = spectralNormsFigure({ ...record, settings: free, spectralNorms });
  assert.equal(figure.data.length, 2);
  assert.equal(figure.layout.yaxis2, undefined);
});

Deno.test("rulesFigure() draws every criterion that there is, its stop and its best", () => {
  const figure = rulesFigure(record);
  assert.deepEqual(traces(figure).map(({ name }) => name), [
    "emv",
    "emv, best",
    "budget",
    "budget, best",
  ]);
  assert.deepEqual(named(figure, "emv").y, [null, 0.02, 0.005, 0.008]);
  const best = named(figure, "emv, best");
  assert.deepEqual([best.x, best.y], [[3], [0.005]]);
  assert.deepEqual(figure.layout.shapes!.map(({ x0, yref }) => [x0, yref]), [[4, "y domain"]]);
  assert.deepEqual([figure.layout.yaxis!.type, figure.layout.yaxis2!.type], ["log", "linear"]);
});

const FIGURES = {
  bandCorrespondenceFigure,
  errorAccountFigure,
  outputsFigure,
  ringFigure,
  rulesFigure,
  spectraFigure,
  spectralNormsFigure,
};

for (const [name, figureOf] of Object.entries(FIGURES)) {
  Deno.test(`${name}() says in one line what a record lacks`, () => {
    const { spectralNorms: { iterations }, rules } = record;
    const empty = {
      ...bare,
      rules: rules.map((rule) => ({ ...rule, values: [] })),
      spectralNorms: { layers: [], iterations, kernel: [], controlled: [] },
    };
    assert.throws(() => figureOf(empty), (error) => {
      assert.ok(error instanceof RangeError);
      assert.match(error.message, /^`record` must have [^\n]+: [^\n]+$/);
      return true;
    });
  });

  Deno.test(`${name}() leaves the record as it is`, () => {
    const before = JSON.stringify(record);
    figureOf(record);
    assert.equal(JSON.stringify(record), before);
  });
}
