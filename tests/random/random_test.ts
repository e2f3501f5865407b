// The statistics of random() and derive(), and the published numbers of xoshiro128++.
import assert from "node:assert/strict";
import { derive, random } from "../../lib/random/mod.ts";

const N = 1_000_000;

/** Checks that `actual` is within five standard errors of `expected`. */
function within(actual: number, expected: number, error: number, what: string): void {
  assert.ok(Math.abs(actual - expected) < 5 * error, `${what}: ${actual}, expected ${expected}`);
}

function normals(seed: number): Float32Array {
  const array = new Float32Array(N);
  random(seed).fillNormal(array, 1);
  return array;
}

const mean = (array: Float32Array, of: (x: number, i: number) => number) => {
  let sum = 0;
  for (let i = 0; i < array.length; i++) sum += of(array[i]!, i);
  return sum / array.length;
};

Deno.test("random() draws the numbers of xoshiro128++", () => {
  // The first outputs for the state 1, 2, 3, 4, from the authors' C code (test vector of rand_xoshiro).
  const words = [
    ...[641, 1573767, 3222811527, 3517856514, 836907274],
    ...[4247214768, 3867114732, 1355841295, 495546011, 621204420],
  ];
  const stream = random(0);
  stream.restoreState([1, 2, 3, 4]);
  for (let i = 0; i < words.length; i += 2) {
    const expected = ((words[i]! >>> 5) * 2 ** 26 + (words[i + 1]! >>> 6)) / 2 ** 53;
    assert.equal(stream.uniform(), expected);
  }
});

Deno.test("random() has the moments of the normal distribution", () => {
  const x = normals(1);
  within(mean(x, (v) => v), 0, 1 / Math.sqrt(N), "mean");
  within(mean(x, (v) => v ** 2), 1, Math.sqrt(2 / N), "variance");
  within(mean(x, (v) => v ** 3), 0, Math.sqrt(15 / N), "skewness");
  within(mean(x, (v) => v ** 4), 3, Math.sqrt(96 / N), "kurtosis");
});

Deno.test("random() has the tails of the normal distribution on both sides", () => {
  // P(x > edge), from tables of the normal distribution; 3.4426 is where the ziggurat's tail begins.
  const tails = {
    0: 0.5,
    0.25: 0.4012937,
    0.5: 0.3085375,
    1: 0.1586553,
    1.5: 0.0668072,
    2: 0.0227501,
    2.5: 0.0062097,
    3: 0.0013499,
    3.5: 2.3263e-4,
    4: 3.1671e-5,
  };
  const x = normals(2);
  for (const [edge, expected] of Object.entries(tails)) {
    const error = Math.sqrt(expected * (1 - expected) / N);
    within(mean(x, (v) => Number(v > Number(edge))), expected, error, `above ${edge}`);
    within(mean(x, (v) => Number(v < -Number(edge))), expected, error, `below -${edge}`);
  }
  assert.ok(x.every(Number.isFinite));
});

Deno.test("random() draws each number independently of the ones before", () => {
  const x = normals(3);
  for (const lag of [1, 2, 3, 4, 7, 128]) {
    const next = (i: number) => x[(i + lag) % N]!;
    within(mean(x, (v, i) => v * next(i)), 0, 1 / Math.sqrt(N), `lag ${lag}`);
    within(mean(x, (v, i) => (v * v - 1) * (next(i) ** 2 - 1)), 0, 2 / Math.sqrt(N), `squares`);
  }
});

Deno.test("random() fills evenly between the bounds", () => {
  const x = new Float32Array(N);
  random(4).fillUniform(x, -1, 3);
  const counts = new Float64Array(64);
  for (const value of x) {
    assert.ok(value >= -1 && value <= 3);
    counts[Math.min(Math.floor((value + 1) * 16), 63)]!++;
  }
  const chiSquare = counts.reduce((sum, n) => sum + (n - N / 64) ** 2 / (N / 64), 0);
  within(chiSquare, 63, Math.sqrt(2 * 63), "chi square");
});

Deno.test("random() gives unrelated numbers for close seeds", () => {
  const first = new Float32Array(20_000);
  for (let seed = 0; seed < first.length; seed++) first[seed] = random(seed).uniform();
  const error = 1 / Math.sqrt(12 * first.length);
  within(mean(first, (v) => v), 0.5, error, "mean of first numbers");
  const product = mean(first, (v, i) => (v - 0.5) * (first[(i + 1) % first.length]! - 0.5));
  within(product, 0, 1 / 12 / Math.sqrt(first.length), "neighbouring seeds");
  assert.notDeepEqual(random(1).state(), random(1 + 2 ** 32).state());
});

Deno.test("random() continues from a state restored through JSON", () => {
  const stream = random(5);
  for (let i = 0; i < 1000; i++) stream.normal();
  const state = JSON.parse(JSON.stringify(stream.state()));
  const draw = () => Array.from({ length: 1000 }, () => stream.normal() + stream.uniform());
  const expected = draw();
  stream.restoreState(state);
  assert.deepEqual(draw(), expected);
});

Deno.test("random() is the same for the same seed and scales by sigma", () => {
  const one = new Float32Array(100), three = new Float32Array(100);
  random(6).fillNormal(one, 1);
  random(6).fillNormal(three, 3);
  const { normal } = random(6);
  for (let i = 0; i < 100; i++) {
    const x = normal();
    assert.deepEqual([one[i], three[i]], [Math.fround(x), Math.fround(3 * x)]);
  }
});

Deno.test("random() refuses invalid seeds and states", () => {
  for (const seed of [-1, 0.5, NaN, 2 ** 53]) {
    assert.throws(() => random(seed), /RangeError: `seed`/);
  }
  for (const state of [[0, 0, 0, 0], [1, 2, 3], [1, 2, 3, NaN]]) {
    assert.throws(() => random(1).restoreState(state), /RangeError: `state`/);
  }
});

Deno.test("derive() gives every name and seed a stream of its own", () => {
  const seeds = new Set<number>();
  for (let seed = 0; seed < 100; seed++) {
    for (const label of ["", "network", "input", "noise", "noise/1", "noise/2", "ü"]) {
      seeds.add(derive(seed, label));
    }
  }
  assert.equal(seeds.size, 700);
  const a = normals(derive(1, "network")), b = normals(derive(1, "noise"));
  within(mean(a, (v, i) => v * b[i]!), 0, 1 / Math.sqrt(N), "correlation of two streams");
});
