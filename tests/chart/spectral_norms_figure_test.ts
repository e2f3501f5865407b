// The spectral norms of layers over the iterations.
import assert from "node:assert/strict";
import { spectralNormsFigure } from "../../lib/chart/mod.ts";
import { named, traces } from "./_figure.ts";
import { record } from "./_record.ts";

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
  const figure = spectralNormsFigure({ ...record, series: { ...record.series, lambda } });
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
