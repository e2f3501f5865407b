// The figure of a whole run.
import assert from "node:assert/strict";
import { runFigure } from "../../lib/chart/mod.ts";
import { named, traces } from "./_figure.ts";
import { record } from "./_record.ts";

const { series, snapshots } = record;

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
