// The bands that a tangent kernel predicts.
import assert from "node:assert/strict";
import { predictedBandsFigure } from "../../lib/chart/mod.ts";
import { traces } from "./_figure.ts";

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
