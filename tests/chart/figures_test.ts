// What all figures of a record have in common, and the figures with few tests.
import assert from "node:assert/strict";
import {
  bandCorrespondenceFigure,
  correspondenceByFrequencyFigure,
  errorDecompositionFigure,
  linesFigure,
  outputsFigure,
  runFigure,
  spectraFigure,
  spectralNormsFigure,
  stoppingRulesFigure,
} from "../../lib/chart/mod.ts";
import { named, traces } from "./_figure.ts";
import { bare, record } from "./_record.ts";

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

Deno.test("the still of a figure with steps shows the start, the peak and the end", () => {
  const steps = [1, 2, 3, 4].map((iteration) => ({ ...record.snapshots!.steps[0]!, iteration }));
  const moving = { ...record, snapshots: { ...record.snapshots!, steps } };
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

Deno.test("linesFigure() keeps a mark's label within the plot at its ends", () => {
  const { annotations } = linesFigure("a", [{ name: "a", x: [0, 100], y: [0, 1] }], {
    x: { title: "x" },
    y: { title: "y" },
    marks: [5, 50, 95].map((x) => ({ name: "a long name", x })),
  }).layout;
  assert.deepEqual(annotations?.map(({ xanchor }) => xanchor), ["left", "center", "right"]);
});
