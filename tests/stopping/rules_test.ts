// The rules on a single number of each iterate, on runs with a known outcome.
import assert from "node:assert/strict";
import { addGaussianNoise } from "../../lib/image/mod.ts";
import { bandPlateau, discrepancy, fixedBudget, heldOutPixels } from "../../lib/stopping/mod.ts";
import { context, fit, follow, grey, observation } from "./_runs.ts";

const misfits = (...values: number[]) => values.map((misfit) => ({ misfit }));

Deno.test("discrepancy() stops when the misfit has fallen to the noise's energy", () => {
  const run = misfits(0.04, 0.02, 0.011, 0.0099, 0.008, 0.007, 0.002);
  const stop = (options?: Parameters<typeof discrepancy>[0]) =>
    follow(discrepancy(options), run, { noiseSigma: 0.1 }).stop;
  assert.equal(stop(), 4);
  assert.equal(stop({ factor: 2.1 }), 2);
  assert.equal(stop({ factor: 0.75 }), 6);
  assert.equal(stop({ factor: 0.1 }), null);
  // Means of three: 0.0237, 0.0136, 0.00963.
  assert.equal(stop({ window: 3 }), 5);
  assert.equal(stop({ window: 7 }), null);
});

Deno.test("discrepancy() returns the current iterate and reports the misfit over the energy", () => {
  const { verdicts, best } = follow(discrepancy(), misfits(0.04, 0.02), { noiseSigma: 0.1 });
  assert.equal(best, 2);
  // Mid-grey is five deviations from black: nothing to speak of is clipped.
  for (const [i, expected] of [4, 2].entries()) {
    assert.ok(Math.abs(verdicts[i]!.value / expected - 1) < 1e-3, `${verdicts[i]!.value}`);
  }
});

Deno.test("discrepancy() uses the energy of the noise after clipping", () => {
  const sigma = 0.15;
  const clean = grey(256, 256, new Float32Array(65536).map((_, i) => (i % 256) / 255));
  for (const clip of [true, false]) {
    const observed = addGaussianNoise(clean, sigma, 1, { clip });
    const misfit = observed.data.reduce((sum, y, i) => sum + (y - clean.data[i]!) ** 2, 0) / 65536;
    const { verdicts } = follow(discrepancy(), [{ misfit, output: clean }], {
      observed,
      noiseSigma: sigma,
    });
    // Squares of 65536 normal numbers scatter by sqrt(2 / 65536) = 0.0055.
    assert.ok(Math.abs(verdicts[0]!.value - 1) < 0.02, `clip ${clip}: ${verdicts[0]!.value}`);
    // Without the correction clipping would be mistaken for a good fit.
    if (clip) assert.ok(misfit / sigma ** 2 < 0.9);
  }
});

Deno.test("discrepancy() clips an output beyond black or white", () => {
  const energyAt = (level: number) => {
    const output = grey(16, 16, new Float32Array(256).fill(level));
    return 1 / follow(discrepancy(), [{ misfit: 1, output }]).verdicts[0]!.value;
  };
  assert.equal(energyAt(-0.2), energyAt(0));
  assert.equal(energyAt(1.2), energyAt(1));
  // Of noise at black the positive half is left.
  assert.ok(Math.abs(energyAt(0) / 0.005 - 1) < 1e-3);
});

Deno.test("discrepancy() without noise stops only at no misfit", () => {
  const { stop, verdicts } = follow(discrepancy(), misfits(0.1, 1e-9, 0), { noiseSigma: 0 });
  assert.equal(stop, null);
  assert.ok(verdicts.every(({ value }) => Number.isNaN(value)));
  assert.throws(() => discrepancy().monitor(context({ noiseSigma: NaN })), {
    name: "RangeError",
    message: /`noiseSigma`/,
  });
});

/** A band that waits, rises by 1 a step up to `top`, and stays. */
const ramp = (wait: number, top: number, length: number) =>
  Array.from({ length }, (_, i) => Math.max(1, Math.min(1 + i - wait, top)) / 100);
const inBands = (values: readonly number[]) => values.map((h) => ({ bands: [0.9, 0.7, h] }));

Deno.test("bandPlateau() stops when the highest band has risen and rises no more", () => {
  const run = inBands(ramp(20, 40, 100));
  // The top is reached at iteration 60; the first ten of the window leave the rise at 0.7 %.
  const { stop, best } = follow(bandPlateau({ window: 10 }), run);
  assert.equal(stop, best);
  const naive = ramp(20, 40, 100).findIndex((_, i, values) => {
    const sum = (from: number, to: number) => values.slice(from, to).reduce((a, b) => a + b, 0);
    const recent = sum(i - 9, i + 1), before = sum(i - 19, i - 9);
    return i >= 60 && (recent - before) / recent < 0.01;
  });
  assert.equal(stop, naive + 1);
});

Deno.test("bandPlateau() waits for a band that has not begun to rise", () => {
  assert.equal(follow(bandPlateau({ window: 5 }), inBands(new Array(200).fill(0.1))).stop, null);
  const falling = Array.from({ length: 200 }, (_, i) => 0.5 - i / 1000);
  assert.equal(follow(bandPlateau({ window: 5 }), inBands(falling)).stop, null);
});

Deno.test("bandPlateau() stops at its level, averaged over the window", () => {
  const run = inBands(ramp(0, 60, 100));
  // At iteration i the last four are i - 3 to i hundredths, their mean i - 1.5.
  assert.equal(follow(bandPlateau({ window: 4, level: 0.3 }), run).stop, 32);
  assert.equal(follow(bandPlateau({ window: 4, level: 0.3, band: 0 }), run).stop, 8);
});

Deno.test("bandPlateau() uses the given band, and refuses one that does not exist", () => {
  const run = ramp(0, 30, 100).map((h) => ({ bands: [h, 0.5, NaN] }));
  assert.ok(follow(bandPlateau({ window: 5, band: 0 }), run).stop! > 30);
  assert.equal(follow(bandPlateau({ window: 5, band: 1 }), run).stop, null);
  assert.equal(follow(bandPlateau({ window: 5 }), run).stop, null);
  assert.throws(() => follow(bandPlateau({ band: 3 }), run), {
    name: "RangeError",
    message: /`band` must be below 3: got 3/,
  });
});

Deno.test("heldOutPixels() averages the error and returns its minimum", () => {
  const errors = [1, 0.5, 0.9, 0.2, 0.6, 0.6, 0.6];
  const run = errors.map((heldOut) => ({ heldOut }));
  const { verdicts, best, stop } = follow(heldOutPixels({ smoothing: 0.5, patience: 2 }), run);
  const averages = [1, 0.75, 0.825, 0.5125, 0.55625, 0.578125];
  for (const [i, average] of averages.entries()) {
    assert.ok(Math.abs(verdicts[i]!.value - average) < 1e-12, `${i}`);
  }
  assert.deepEqual([best, stop], [4, 6]);
  assert.equal(follow(heldOutPixels({ smoothing: 0, patience: 9 }), run).best, 4);
});

Deno.test("heldOutPixels() finds the least error of a run that later learns the noise", () => {
  const { errors, best: optimum } = fit(300, 1);
  const heldOut = errors.map((error) => ({ heldOut: error + 0.01 }));
  const { best, stop } = follow(heldOutPixels({ patience: 60, smoothing: 0.5 }), heldOut);
  assert.ok(Math.abs(best! - optimum) <= 3, `${best}, not ${optimum}`);
  assert.equal(stop, best! + 60);
});

Deno.test("heldOutPixels() requires the error of held-out pixels", () => {
  const watcher = heldOutPixels().monitor(context());
  assert.throws(() => watcher.observe(observation(1, {})), {
    name: "TypeError",
    message: /`heldOut` of the observation is missing/,
  });
});

Deno.test("fixedBudget() stops at its iteration, or at the run's own limit", () => {
  const run = new Array(30).fill({});
  assert.equal(follow(fixedBudget({ iterations: 7 }), run).stop, 7);
  assert.deepEqual(
    [follow(fixedBudget(), run, { iterations: 20 })].map(({ stop, best }) => [stop, best]),
    [[20, 20]],
  );
  assert.equal(follow(fixedBudget(), run).stop, null);
});

Deno.test("the rules check their options", () => {
  for (
    const [make, name] of [
      [() => discrepancy({ factor: 0 }), "factor"],
      [() => discrepancy({ window: 0 }), "window"],
      [() => bandPlateau({ band: -1 }), "band"],
      [() => bandPlateau({ window: 0 }), "window"],
      [() => bandPlateau({ threshold: -1 }), "threshold"],
      [() => bandPlateau({ level: 0 }), "level"],
      [() => heldOutPixels({ fraction: 0 }), "fraction"],
      [() => heldOutPixels({ fraction: 1 }), "fraction"],
      [() => heldOutPixels({ patience: 0 }), "patience"],
      [() => heldOutPixels({ smoothing: 1 }), "smoothing"],
      [() => fixedBudget({ iterations: 0 }), "iterations"],
    ] as const
  ) assert.throws(make, { name: "RangeError", message: new RegExp(`\`${name}\``) });
});
