// windowedVariance() and movingVariance() against their formulas, and their stops.
import assert from "node:assert/strict";
import type { Image } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { movingVariance, windowedVariance } from "../../lib/stopping/mod.ts";
import { fit, follow, grey } from "./_runs.ts";

const run = (outputs: readonly Image[]) => outputs.map((output) => ({ output }));

/** Outputs of random walks with steps of changing size. */
function walk(length: number, side: number, seed: number): Image[] {
  const { uniform } = random(seed);
  let data = new Float32Array(side * side).fill(0.5);
  return Array.from({ length }, () => {
    const step = 0.3 * uniform();
    data = data.map((x) => Math.min(Math.max(x + step * (uniform() - 0.5), 0), 1));
    return grey(side, side, data);
  });
}

const squares = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);

/** The variance of the outputs about their mean, as it is defined. */
function naiveVariance(outputs: readonly Image[]): number {
  const m = Float64Array.from(
    outputs[0]!.data,
    (_, k) => outputs.reduce((sum, { data }) => sum + data[k]!, 0) / outputs.length,
  );
  return outputs.reduce(
    (sum, { data }) => sum + squares(m.map((value, k) => data[k]! - value)) / m.length,
    0,
  ) / outputs.length;
}

/** The moving variance after each output, as it is defined, the clipping included. */
function naiveMoving(outputs: readonly Image[], alpha: number): number[] {
  let a = Float64Array.from(outputs[0]!.data), v = 0;
  return outputs.slice(1).reduce((values, { data }) => {
    const d = a.map((value, k) => data[k]! - value);
    a = a.map((value, k) => Math.min(Math.max(value + alpha * d[k]!, 0), 1));
    v = (1 - alpha) * (v + alpha * squares(d) / d.length);
    return [...values, v];
  }, [0]);
}

/** Where a criterion's minimum is, and where it stops, patience counted by hand; from 1. */
function minimumOf(values: readonly number[], patience: number, delta = 1) {
  let best = 0, minimum = Infinity;
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    if (value < delta * minimum) [best, minimum] = [i + 1, value];
    else if (i + 1 - best === patience) return { best, stop: i + 1 };
  }
  return { best, stop: null };
}

function near(actual: readonly number[], expected: readonly number[], accuracy: number): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    if (Number.isNaN(expected[i]!)) assert.equal(value, NaN);
    else assert.ok(Math.abs(value - expected[i]!) <= accuracy, `${i}: ${value}, ${expected[i]}`);
  }
}

Deno.test("windowedVariance() is the formula's with all samples", () => {
  for (const [window, seed] of [[2, 1], [5, 2], [17, 3]] as const) {
    const outputs = walk(60, 12, seed);
    const expected = outputs.map((_, i) =>
      i + 1 < window ? NaN : naiveVariance(outputs.slice(i + 1 - window, i + 1))
    );
    const patience = 20;
    const { verdicts, stop, best } = follow(
      windowedVariance({ window, patience, samples: "all" }),
      run(outputs),
    );
    near(verdicts.map(({ value }) => value), expected.slice(0, verdicts.length), 1e-15);
    assert.deepEqual({ stop, best }, minimumOf(expected, patience));
  }
});

Deno.test("windowedVariance() keeps its digits over thousands of outputs", () => {
  const outputs = walk(40, 4, 5);
  const long = Array.from({ length: 5000 }, (_, i) => outputs[i * 7 % 40]!);
  const rule = windowedVariance({ window: 10, patience: 1e6, samples: "all" });
  const last = follow(rule, run(long)).verdicts.at(-1)!.value;
  assert.ok(Math.abs(last / naiveVariance(long.slice(-10)) - 1) < 1e-12);
});

Deno.test("windowedVariance() takes all samples of a small picture", () => {
  const outputs = walk(30, 32, 4);
  const values = [undefined, "all" as const].map((samples) =>
    follow(
      windowedVariance({ window: 10, ...samples && { samples } }),
      run(outputs),
    ).verdicts.map(({ value }) => value)
  );
  near(values[0]!, values[1]!, 0);
});

Deno.test("windowedVariance() keeps no more samples than one output has, but 1024 at least", () => {
  const outputs = walk(8, 64, 4);
  for (const [window, kept] of [[2, 2048], [3, 1365], [8, 1024]] as const) {
    const [byDefault, asked, one] = [undefined, kept, kept - 1].map((samples) =>
      follow(windowedVariance({ window, ...samples && { samples } }), run(outputs))
        .verdicts.at(-1)!.value
    );
    assert.equal(byDefault, asked);
    assert.notEqual(byDefault, one);
  }
});

Deno.test("windowedVariance() of a part of the samples is close to that of all, with the same minimum", () => {
  const { outputs } = fit(300, 2);
  const whole = follow(windowedVariance({ window: 20, samples: "all" }), run(outputs));
  for (let seed = 1; seed <= 5; seed++) {
    const rule = windowedVariance({ window: 20, samples: 256 });
    const part = follow(rule, run(outputs), { seed });
    for (const [i, { value }] of part.verdicts.entries()) {
      // Means of 256 squares of normal numbers scatter by sqrt(2 / 256) = 0.09.
      if (i >= 19) assert.ok(Math.abs(value / whole.verdicts[i]!.value - 1) < 0.36, `${i}`);
    }
    assert.ok(Math.abs(part.best! - whole.best!) <= 5, `${part.best} and ${whole.best}`);
  }
});

Deno.test("windowedVariance() draws its samples from the whole picture, by the seed", () => {
  const first = new Float32Array(64 * 64), values = new Set<number>();
  // Outputs that differ in one half of the rows: half of the samples see it.
  for (const rows of [[0, 32], [32, 64]] as const) {
    const second = first.map((_, i) => i >= 64 * rows[0] && i < 64 * rows[1] ? 1 : 0);
    const outputs = [grey(64, 64, first), grey(64, 64, second)];
    const rule = windowedVariance({ window: 2, samples: 100 });
    assert.equal(follow(rule, run(outputs)).verdicts[1]!.value, 0.125);
  }
  const outputs = walk(2, 64, 1);
  for (const seed of [1, 1, 2]) {
    const rule = windowedVariance({ window: 2, samples: 100 });
    values.add(follow(rule, run(outputs), { seed }).verdicts[1]!.value);
  }
  assert.equal(values.size, 2);
});

Deno.test("movingVariance() is the formula's", () => {
  for (const [alpha, start, seed] of [[0.1, 1, 1], [0.3, 10, 2], [0.9, 25, 3]] as const) {
    const outputs = walk(60, 12, seed), patience = 15;
    const expected = naiveMoving(outputs, alpha).map((v, i) => i < start ? NaN : v);
    const rule = movingVariance({ alpha, start, patience });
    const { verdicts, stop, best } = follow(rule, run(outputs));
    near(verdicts.map(({ value }) => value), expected.slice(0, verdicts.length), 1e-15);
    assert.deepEqual({ stop, best }, minimumOf(expected, patience));
  }
});

Deno.test("a new minimum must be below delta times the last", () => {
  const { outputs } = fit(150, 1), patience = 150;
  for (const delta of [1, 0.8]) {
    const moving = naiveMoving(outputs, 0.1).map((v, i) => i < 5 ? NaN : v);
    assert.equal(
      follow(movingVariance({ start: 5, patience, delta }), run(outputs)).best,
      minimumOf(moving, patience, delta).best,
    );
    const windowed = outputs.map((_, i) =>
      i < 2 ? NaN : naiveVariance(outputs.slice(i - 2, i + 1))
    );
    assert.equal(
      follow(windowedVariance({ window: 3, patience, delta }), run(outputs)).best,
      minimumOf(windowed, patience, delta).best,
    );
  }
  const bests = [1, 0.3].map((delta) =>
    follow(movingVariance({ start: 5, patience, delta }), run(outputs)).best
  );
  assert.notEqual(bests[0], bests[1]);
});

Deno.test("the variance rules find a picture of about the least error, and stop after their patience", () => {
  const { outputs, errors, best: optimum } = fit(300, 1);
  assert.ok(optimum > 60 && optimum < 160);
  const rules = [
    windowedVariance({ window: 20, patience: 50 }),
    movingVariance({ patience: 50, start: 20 }),
  ];
  for (const rule of rules) {
    const { best, stop } = follow(rule, run(outputs));
    assert.equal(stop, best! + 50, rule.name);
    // At the end the noise is learned and the error that of the observed picture.
    assert.ok(errors[best! - 1]! < 0.02 * errors.at(-1)!, `${rule.name}: ${best}, not ${optimum}`);
  }
});

Deno.test("outputs that never change stop the variance rules after their patience", () => {
  const still = new Array(60).fill(grey(16, 16, new Float32Array(256).fill(0.3)));
  const windowed = follow(windowedVariance({ window: 10, patience: 20 }), run(still));
  assert.deepEqual([windowed.best, windowed.stop], [10, 30]);
  assert.ok(windowed.verdicts.at(-1)!.value < 1e-15);
  const moving = follow(movingVariance({ start: 10, patience: 20 }), run(still));
  assert.deepEqual([moving.best, moving.stop], [11, 31]);
});

Deno.test("the variance rules check their options", () => {
  for (
    const [make, name] of [
      [() => windowedVariance({ window: 1 }), "window"],
      [() => windowedVariance({ patience: 0 }), "patience"],
      [() => windowedVariance({ delta: 1.1 }), "delta"],
      [() => windowedVariance({ samples: 0 }), "samples"],
      [() => movingVariance({ alpha: 0 }), "alpha"],
      [() => movingVariance({ alpha: 1 }), "alpha"],
      [() => movingVariance({ patience: 1.5 }), "patience"],
      [() => movingVariance({ start: 0 }), "start"],
      [() => movingVariance({ delta: 0 }), "delta"],
    ] as const
  ) assert.throws(make, { name: "RangeError", message: new RegExp(`\`${name}\``) });
});
