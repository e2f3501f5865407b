import assert from "node:assert/strict";
import {
  studyBandsFigure,
  studyCurvesFigure,
  studyFigure,
  type StudyResult,
} from "../../lib/chart/mod.ts";

function result(settings: Record<string, string>, psnr: number | null): StudyResult {
  const averagePsnr = psnr === null ? {} : { averagePsnr: [psnr - 1, psnr] };
  return {
    settings,
    psnr,
    record: { series: { loss: [], misfit: [], milliseconds: [], ...averagePsnr } },
  };
}

// deno-lint-ignore no-explicit-any -- traces of all types
const traces = (figure: { data: unknown[] }) => figure.data as any[];

Deno.test("studyFigure() draws the mean over seeds and their sample deviation", () => {
  const [line, ...rest] = traces(studyFigure([
    result({ lambda: "2", seed: "1" }, 31),
    result({ lambda: "2", seed: "2" }, 33),
    result({ lambda: "1", seed: "1" }, 30),
  ]));
  assert.equal(rest.length, 0);
  assert.deepEqual(line.x, [1, 2]);
  assert.deepEqual(line.y, [30, 32]);
  // |31 - 32| and |33 - 32|: the deviation is sqrt((1 + 1) / (2 - 1)).
  assert.deepEqual(line.error_y.array, [0, Math.SQRT2]);
});

Deno.test("studyFigure() draws a line for each value of the other settings", () => {
  const results = ["a", "b"].flatMap((kind) =>
    ["1.4", "none"].map((lambda, i) => result({ lambda, kind }, 20 + i))
  );
  const figure = studyFigure(results);
  assert.deepEqual(traces(figure).map(({ name }) => name), ["a", "b"]);
  assert.deepEqual(traces(figure)[0].x, ["1.4", "none"]);
  assert.equal(traces(figure)[0].mode, "markers");
  assert.equal(figure.layout.xaxis!.type, "category");
  assert.equal(figure.layout.xaxis!.title!.text, "lambda");
  const other = studyFigure(results, { x: "kind" });
  assert.deepEqual(traces(other).map(({ name }) => name), ["lambda 1.4", "lambda none"]);
});

Deno.test("studyFigure() leaves out cases without a PSNR, and refuses to draw none", () => {
  const [line] = traces(studyFigure([result({ a: "1" }, null), result({ a: "2" }, 30)]));
  assert.deepEqual([line.x, line.y], [[2], [30]]);
  assert.throws(() => studyFigure([result({ a: "1" }, null)]), /RangeError: `results`/);
  assert.throws(() => studyFigure([result({ a: "1" }, 30)], { x: "b" }), /RangeError: `x`/);
});

Deno.test("studyCurvesFigure() draws a curve for each case, in one colour for all its seeds", () => {
  const figure = studyCurvesFigure([
    result({ lambda: "1", seed: "1" }, 30),
    result({ lambda: "1", seed: "2" }, 31),
    result({ lambda: "2", seed: "1" }, 32),
    result({ lambda: "3", seed: "1" }, null),
  ]);
  const curves = traces(figure);
  assert.deepEqual(curves.map(({ y }) => y), [[29, 30], [30, 31], [31, 32]]);
  assert.deepEqual(curves.map(({ name }) => name), ["lambda 1", "lambda 1", "lambda 2"]);
  assert.deepEqual(curves.map(({ showlegend }) => showlegend), [true, false, true]);
  assert.deepEqual(curves[0].line, curves[1].line);
  assert.notDeepEqual(curves[0].line, curves[2].line);
  assert.deepEqual(figure.layout.xaxis!.range, [0, 2]);
  assert.throws(() => studyCurvesFigure([result({}, null)]), /RangeError: `results`/);
});

Deno.test("studyBandsFigure() draws H of the last iteration, mean and deviation over the seeds", () => {
  const series = { loss: [], misfit: [], milliseconds: [] };
  const one = (lambda: string, seed: string, low: number, high: number | null) => ({
    settings: { lambda, seed },
    psnr: null,
    record: { series: { ...series, bands: [[0.1, low], [0.1, high]] } },
  });
  const figure = studyBandsFigure([
    one("1", "0", 0.5, 0.25),
    one("1", "1", 0.75, null),
    one("2", "0", 1, 0.5),
    { ...one("3", "0", 1, 1), record: { series } },
  ]);
  const [low, high] = traces(figure);
  for (const { x } of [low, high]) assert.deepEqual(x, ["lambda 1", "lambda 2"]);
  assert.deepEqual(low.y, [0.625, 1]);
  // (0.125² + 0.125²) / (2 - 1) is the variance.
  assert.deepEqual(low.error_y.array, [Math.sqrt(2 * 0.125 ** 2), 0]);
  assert.deepEqual([high.y, high.error_y.array], [[0.25, 0.5], [0, 0]]);
  assert.throws(() => studyBandsFigure([result({}, 30)]), /RangeError: `results`/);
});
