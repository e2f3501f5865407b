import assert from "node:assert/strict";
import {
  bandCorrespondenceFigure,
  correspondenceByFrequencyFigure,
  errorDecompositionFigure,
  type Figure,
  linesFigure,
  outputsFigure,
  predictedBandsFigure,
  runFigure,
  spectraFigure,
  spectralNormsFigure,
  stoppingRulesFigure,
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

Deno.test("errorDecompositionFigure() adds the rings up, and its parts are the mean squared error", () => {
  const figure = errorDecompositionFigure(record);
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

Deno.test("errorDecompositionFigure() shows one ring, named by its frequencies", () => {
  const figure = errorDecompositionFigure(record, { ring: 0, scale: "log" });
  assert.deepEqual(named(figure, "signal missing").y, series.account!.signal[0]);
  assert.deepEqual(named(figure, "cross term").y, series.account!.cross[0]);
  assert.equal(figure.layout.title?.text, "Account of the error, 0.0 to 0.25 cycles/pixel");
  assert.equal(figure.layout.yaxis?.type, "log");
  const last = errorDecompositionFigure(record, { ring: 1 });
  assert.equal(last.layout.title?.text, "Account of the error, from 0.25 cycles/pixel");
  for (const ring of [-1, 2, 0.5]) {
    assert.throws(() => errorDecompositionFigure(record, { ring }), /RangeError: `ring`/);
  }
});

Deno.test("errorDecompositionFigure() has a gap where a number is not known", () => {
  const account = { ...series.account!, cross: [[null, 0, 0, 0], [0, 0, 0, 0]] };
  const figure = errorDecompositionFigure({ ...record, series: { ...series, account } });
  assert.equal(named(figure, "all (MSE)").y[0], null);
  assert.equal(named(figure, "cross term").y[0], null);
});

Deno.test("correspondenceByFrequencyFigure() steps through the snapshots and shows the last first", () => {
  const { data, frames, layout } = correspondenceByFrequencyFigure(record);
  const [h] = traces({ data });
  assert.deepEqual(h.x, snapshots!.frequencies);
  assert.deepEqual(h.y, [0.95, 0.6, 0.25]);
  assert.deepEqual(frames!.map(({ name }) => name), ["1", "4"]);
  assert.deepEqual(frames!.map(({ data }) => data![0].y), [[0.5, 0.2, null], [0.95, 0.6, 0.25]]);
  assert.equal(layout.sliders![0]!.active, 1);
  assert.deepEqual(layout.sliders![0]!.steps!.map(({ label }) => label), ["1", "4"]);
  assert.deepEqual(layout.sliders![0]!.steps!.map(({ args }) => args![0]), [["1"], ["4"]]);
});

Deno.test("correspondenceByFrequencyFigure() shows the paper's bands: fifths of half the width", () => {
  // Half the width of 8 is 4 coefficients, a coefficient 1/8 cycles per pixel.
  const { shapes, annotations } = correspondenceByFrequencyFigure(record).layout;
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

Deno.test("spectralNormsFigure() accepts a bound in an object, and has one panel without control", () => {
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

Deno.test("stoppingRulesFigure() draws every criterion but the budget's, its stop and its best", () => {
  const plateau = { ...record.rules[0]!, name: "plateau", stop: null, best: 2 };
  const figure = stoppingRulesFigure({ ...record, rules: [...record.rules, plateau] });
  assert.deepEqual(traces(figure).map(({ name }) => name), [
    "emv",
    "emv, best",
    "plateau",
    "plateau, best",
  ]);
  assert.deepEqual(named(figure, "emv").y, [null, 0.02, 0.005, 0.008]);
  const best = named(figure, "emv, best");
  assert.deepEqual([best.x, best.y], [[3], [0.005]]);
  assert.deepEqual(figure.layout.shapes!.map(({ x0, yref }) => [x0, yref]), [[4, "y domain"]]);
  assert.deepEqual([figure.layout.yaxis!.type, figure.layout.yaxis2!.type], ["log", "linear"]);
});

Deno.test("spectralNormsFigure() gives layers of one scale one colour and one place in the legend", () => {
  const layers = ["scale0_1_conv", "scale0_2_conv", "scale1_1_conv", "out_conv"];
  const norms = layers.map(() => [1, 1, 1, 1]);
  const spectralNorms = { ...record.spectralNorms, layers, kernel: norms, controlled: norms };
  const settings = { ...record.settings, network: { ...record.settings.network, lipschitz: 0 } };
  const lines = traces(spectralNormsFigure({ ...record, spectralNorms, settings }));
  assert.deepEqual(lines.map(({ name }) => name), [
    "scale 0",
    "scale 0",
    "scale 1",
    "last convolution",
  ]);
  assert.deepEqual(lines.map(({ showlegend }) => showlegend), [true, false, true, true]);
  assert.equal(lines[0].line.color, lines[1].line.color);
  assert.match(lines[1].hovertemplate, /^scale 0, second convolution: /);
});

Deno.test("spectralNormsFigure() has at most eight colours, whatever layers are called", () => {
  const layers = Array.from({ length: 20 }, (_, i) => `convolution_${i}`);
  const norms = layers.map(() => [1, 1, 1, 1]);
  const spectralNorms = { ...record.spectralNorms, layers, kernel: norms, controlled: norms };
  const lines = traces(spectralNormsFigure({ ...record, spectralNorms }));
  const shown = lines.filter(({ name, showlegend }) => showlegend && !name.startsWith("λ"));
  assert.deepEqual(shown.map(({ name }) => name), [
    "layers 1 to 3",
    "layers 4 to 6",
    "layers 7 to 9",
    "layers 10 to 12",
    "layers 13 to 15",
    "layers 16 to 18",
    "layers 19 to 20",
  ]);
});

Deno.test("runFigure() moves picture, spectrum, bands, error and mark together", () => {
  const figure = runFigure(record), { steps } = snapshots!;
  const frame = figure.frames!.find(({ name }) => name === "1")!;
  const moved = Object.fromEntries(
    frame.traces!.map((trace: number, i: number) => [traces(figure)[trace].name, frame.data![i]]),
  );
  assert.equal(moved["output"].source, steps[0]!.output);
  assert.equal(moved["spectrum"].source, steps[0]!.spectrum);
  assert.deepEqual(moved["H"].y, steps[0]!.correspondence);
  assert.deepEqual(moved["noise learned"].y, series.account!.noise.map((ring) => ring[0]));
  assert.deepEqual([moved["here"].x, moved["here"].y], [[1], [series.psnr![0]]]);
  assert.deepEqual(named(figure, "here").x, [4]);
  const narrow = runFigure(record, { arrange: "column" });
  assert.deepEqual(narrow.data.map(({ name }) => name), figure.data.map(({ name }) => name));
});

Deno.test("runFigure() shows the data term where no reference is known", () => {
  const { psnr: _, averagePsnr: __, account: ___, ...rest } = series;
  const figure = runFigure({ ...record, series: rest });
  assert.deepEqual(figure.data.map(({ name }) => name), [
    "output",
    "spectrum",
    "H",
    "here",
    "data term",
  ]);
  assert.deepEqual(named(figure, "here").y, [series.misfit[3]]);
});

Deno.test("the still of a figure with steps shows the start, the peak and the end", () => {
  const steps = [1, 2, 3, 4].map((iteration) => ({ ...snapshots!.steps[0]!, iteration }));
  const moving = { ...record, snapshots: { ...snapshots!, steps } };
  for (const figureOf of [outputsFigure, runFigure]) {
    // PSNR is highest at iteration 3.
    assert.deepEqual(traces(figureOf(moving).still!).map(({ name }) => name), [
      "start, 1",
      "peak, 3",
      "end, 4",
      "reference",
    ]);
  }
  const names = traces(correspondenceByFrequencyFigure(moving).still!).map(({ name }) => name);
  assert.deepEqual(names, ["start, 1", "peak, 3", "end, 4"]);
  const short = traces(spectraFigure(record).still!).map(({ name }) => name);
  assert.deepEqual(short, ["start, 1", "peak and end, 4", "target", "grey scale"]);
});

const FIGURES = {
  bandCorrespondenceFigure,
  errorDecompositionFigure,
  outputsFigure,
  correspondenceByFrequencyFigure,
  stoppingRulesFigure,
  spectraFigure,
  spectralNormsFigure,
};

for (const [name, figureOf] of Object.entries(FIGURES)) {
  Deno.test(`${name}() names in one line what is missing from a record`, () => {
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

  Deno.test(`${name}() does not change the record`, () => {
    const before = JSON.stringify(record);
    figureOf(record);
    assert.equal(JSON.stringify(record), before);
  });
}

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

Deno.test("linesFigure() keeps a mark's label within the plot at its ends", () => {
  const { annotations } = linesFigure("a", [{ name: "a", x: [0, 100], y: [0, 1] }], {
    x: { title: "x" },
    y: { title: "y" },
    marks: [5, 50, 95].map((x) => ({ name: "a long name", x })),
  }).layout;
  assert.deepEqual(annotations?.map(({ xanchor }) => xanchor), ["left", "center", "right"]);
});

Deno.test("predictedBandsFigure() draws a panel for each network, predictions dashed over measurements", () => {
  const bands = { predicted: [[0.1, 0.9], [0, 0.4]], measured: [[0.2, 1], [0.1, 0.5]] };
  const figure = predictedBandsFigure("H", { a: bands, b: bands, c: bands }, {
    iterations: [1, 100],
  });
  const drawn = traces(figure);
  assert.deepEqual(drawn.slice(0, 4).map(({ y, line }) => [y, line.dash]), [
    [[0.2, 1], "solid"],
    [[0.1, 0.5], "solid"],
    [[0.1, 0.9], "dash"],
    [[0, 0.4], "dash"],
  ]);
  // A band has one colour, and is in the legend once; one line there says what dashes are.
  assert.equal(drawn[0].line.color, drawn[2].line.color);
  assert.deepEqual(
    drawn.filter(({ showlegend }) => showlegend !== false).map(({ name }) => name),
    ["band 1", "band 2", "predicted"],
  );
  assert.deepEqual([...new Set(drawn.slice(0, -1).map(({ xaxis }) => xaxis))], ["x", "x2", "x3"]);
  const { xaxis, xaxis2, xaxis3, yaxis2 } = figure.layout;
  assert.equal(yaxis2?.title?.text, "b: H");
  assert.deepEqual(xaxis?.range, [0, 2]);
  // The second has no panel below it.
  assert.deepEqual([xaxis, xaxis2, xaxis3].map((axis) => axis?.title?.text), [
    "",
    "iteration",
    "iteration",
  ]);
});

Deno.test("predictedBandsFigure() refuses invalid arguments", () => {
  assert.throws(() => predictedBandsFigure("H", {}, { iterations: [1] }), /RangeError: `networks`/);
  const bands = { predicted: [[0.1]], measured: [[0.1, 0.2]] };
  assert.throws(
    () => predictedBandsFigure("H", { bands }, { iterations: [1, 2] }),
    /RangeError: `networks`: a band of bands has 1 numbers for 2 iterations/,
  );
});
