// The figures that step through snapshots: H by frequency, outputs, spectra.
import assert from "node:assert/strict";
import {
  correspondenceByFrequencyFigure,
  outputsFigure,
  spectraFigure,
} from "../../lib/chart/mod.ts";
import { named, traces } from "./_figure.ts";
import { record } from "./_record.ts";

const { snapshots } = record;

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
