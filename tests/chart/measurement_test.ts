import assert from "node:assert/strict";
import {
  errorBandsFigure,
  type Figure,
  measuredBandsFigure,
  powerFigure,
  ringCorrelationFigure,
} from "../../lib/chart/mod.ts";
import { fourier } from "../../lib/spectrum/mod.ts";
import { account, channels, plane } from "./_measurement.ts";

// deno-lint-ignore no-explicit-any -- traces of all types
const traces = ({ data }: Figure) => data as any[];
const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

Deno.test("measuredBandsFigure() draws what was measured, a gap where a band is empty", () => {
  const figure = measuredBandsFigure(channels.slice(0, 1));
  const { correspondence, gain, coherence } = channels[0]!;
  assert.deepEqual(traces(figure).map(({ y }) => y), [correspondence, gain, coherence]);
  for (const { x } of traces(figure)) assert.deepEqual(x, ["band 1", "band 2", "band 3"]);
  // A gain above 1 is within the axis.
  assert.deepEqual(figure.layout.yaxis!.range, [0, 1.02 * 1.25]);
});

Deno.test("measuredBandsFigure() distinguishes channels, and refuses zero of them", () => {
  const lines = traces(measuredBandsFigure(channels));
  assert.deepEqual(lines.map(({ name }) => name), [
    ...["H, red", "gain, red", "coherence, red"],
    ...["H, green", "gain, green", "coherence, green"],
  ]);
  assert.equal(lines[0].line.color, lines[3].line.color);
  assert.notEqual(lines[0].line.dash, lines[3].line.dash);
  assert.throws(() => measuredBandsFigure([]), /RangeError: `channels`/);
});

Deno.test("measuredBandsFigure() numbers many bands", () => {
  const many = Array.from({ length: 20 }, () => 1);
  const channel = { name: "grey", correspondence: many, gain: many, coherence: many };
  assert.deepEqual(traces(measuredBandsFigure([channel]))[0].x.slice(0, 2), ["1", "2"]);
});

Deno.test("ringCorrelationFigure() of a picture and its half is 1 at every frequency", () => {
  const figure = ringCorrelationFigure(
    fourier(plane.map((value) => value / 2), 16, 16),
    fourier(plane, 16, 16),
  );
  const [correlation, halfBit, seventh] = traces(figure);
  for (const value of correlation.y) near(value, 1, 1e-12);
  // Rings of the shorter side's periods: 0 to 8 of 16 pixels.
  for (const [i, value] of correlation.x.entries()) near(value, i / 16, 0.5 / 16);
  // Of one coefficient the threshold is 1, and it falls with their number.
  near(halfBit.y[0], 1, 1e-12);
  for (const value of halfBit.y.slice(1)) assert.ok(value > 1 / 7 && value < 1, `${value}`);
  assert.deepEqual(new Set(seventh.y), new Set([1 / 7]));
});

Deno.test("powerFigure() shows a wave's power at its frequency, and no logarithm of 0", () => {
  const wave = Float64Array.from({ length: 8 }, (_, i) => Math.cos(2 * Math.PI * i / 4));
  const [line, flat] = traces(
    powerFigure({ wave: fourier(wave, 1, 8), flat: fourier(new Float64Array(8), 1, 8) }),
  );
  assert.deepEqual(line.x, [0, 0.125, 0.25, 0.375, 0.5]);
  // |F|² of a cosine is (8 / 2)² at its two coefficients; divided by 8 pixels, 2.
  near(line.y[2], 2, 1e-12);
  assert.deepEqual(flat.y, [null, null, null, null, null]);
});

Deno.test("errorBandsFigure() stacks parts that add up to the error", () => {
  const figure = errorBandsFigure(account);
  const [signal, noise, remainder, cross, all] = traces(figure);
  assert.deepEqual([signal.y, noise.y], [account.signal, account.noise]);
  assert.equal(figure.layout.barmode, "relative");
  for (const [i, total] of all.y.entries()) {
    near(signal.y[i] + noise.y[i] + remainder.y[i] + cross.y[i], total, 1e-12);
  }
});
