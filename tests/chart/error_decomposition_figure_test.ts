// The parts of the error over the iterations.
import assert from "node:assert/strict";
import { errorDecompositionFigure } from "../../lib/chart/mod.ts";
import { named, traces } from "./_figure.ts";
import { record } from "./_record.ts";

const { series } = record;

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
