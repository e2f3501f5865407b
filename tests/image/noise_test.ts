// The statistics of addGaussianNoise() and addPoissonNoise().
import assert from "node:assert/strict";
import { addGaussianNoise, addPoissonNoise, createImage } from "../../lib/image/mod.ts";
import { picture } from "./_fixtures.ts";

const N = 200_000;

const flat = (value: number) =>
  createImage({ height: 1, width: N, channels: 1, data: new Float32Array(N).fill(value) });

function moments(data: ArrayLike<number>): { mean: number; variance: number } {
  const values = Array.from(data);
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance };
}

function within(actual: number, expected: number, error: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= 5 * error, `${what}: ${actual}, expected ${expected}`);
}

Deno.test("addGaussianNoise() adds noise of the given standard deviation", () => {
  for (const sigma of [0, 5 / 255, 0.1, 1]) {
    const { data } = addGaussianNoise(flat(0.5), sigma, 1, { clip: false });
    const { mean, variance } = moments(data);
    within(mean, 0.5, sigma / Math.sqrt(N), "mean");
    within(variance, sigma ** 2, sigma ** 2 * Math.sqrt(2 / N), "variance");
  }
});

Deno.test("addGaussianNoise() and addPoissonNoise() clip unless disabled", () => {
  const leaves = (data: Float32Array) => data.some((value) => value < 0 || value > 1);
  const image = flat(0.9);
  assert.ok(!leaves(addGaussianNoise(image, 0.5, 1).data));
  assert.ok(leaves(addGaussianNoise(image, 0.5, 1, { clip: false }).data));
  assert.ok(!leaves(addPoissonNoise(image, 5, 1).data));
  assert.ok(leaves(addPoissonNoise(image, 5, 1, { clip: false }).data));
});

Deno.test("addPoissonNoise() has the mean and variance of photons, few and many", () => {
  for (const mean of [0.01, 0.5, 3, 9.9, 10.1, 12, 30, 1000, 1e6]) {
    const peak = 2 * mean;
    const { data } = addPoissonNoise(flat(0.5), peak, 1, { clip: false });
    const counts = moments(Float64Array.from(data, (value) => value * peak));
    within(counts.mean, mean, Math.sqrt(mean / N), `mean ${mean}`);
    within(counts.variance, mean, Math.sqrt((2 * mean ** 2 + mean) / N), `variance of ${mean}`);
  }
});

Deno.test("addPoissonNoise() has the probabilities mean^k exp(-mean) / k!", () => {
  for (const mean of [0.7, 4, 11, 25]) {
    const peak = 2 * mean;
    const { data } = addPoissonNoise(flat(0.5), peak, 2, { clip: false });
    const counts = new Map<number, number>();
    for (const value of data) {
      const k = Math.round(value * peak);
      counts.set(k, (counts.get(k) ?? 0) + 1);
    }
    let probability = Math.exp(-mean), chiSquare = 0, bins = 0;
    for (let k = 0; k < 4 * mean + 10; k++) {
      const expected = probability * N;
      if (expected > 20) {
        chiSquare += ((counts.get(k) ?? 0) - expected) ** 2 / expected;
        bins++;
      }
      probability *= mean / (k + 1);
    }
    within(chiSquare, bins, Math.sqrt(2 * bins), `chi square of mean ${mean}`);
  }
});

Deno.test("addPoissonNoise() leaves black black and refuses samples that are not finite", () => {
  assert.ok(addPoissonNoise(flat(0), 10, 1).data.every((value) => value === 0));
  for (const value of [NaN, Infinity]) {
    const image = createImage({ height: 1, width: 1, channels: 1, data: Float32Array.of(value) });
    assert.throws(() => addPoissonNoise(image, 10, 1), /RangeError: `image`/);
  }
});

Deno.test("addGaussianNoise() and addPoissonNoise() repeat with the seed and keep the rest", () => {
  const image = picture(8, 9, 3, { alpha: true, bitDepth: 16 });
  const clean = image.data.slice();
  for (const add of [addGaussianNoise, addPoissonNoise]) {
    const noisy = add(image, 0.5, 1);
    assert.deepEqual(noisy, add(image, 0.5, 1));
    assert.notDeepEqual(noisy.data, add(image, 0.5, 2).data);
    assert.deepEqual({ ...noisy, data: clean }, image);
    assert.deepEqual(image.data, clean);
  }
});

Deno.test("addGaussianNoise() and addPoissonNoise() name the invalid argument", () => {
  const image = picture(2, 2, 1);
  for (const sigma of [-1, NaN, Infinity]) {
    assert.throws(() => addGaussianNoise(image, sigma, 1), /RangeError: `sigma`/);
  }
  for (const peak of [0, -1, NaN, Infinity]) {
    assert.throws(() => addPoissonNoise(image, peak, 1), /RangeError: `peak`/);
  }
  assert.throws(() => addGaussianNoise(image, 1, -1), /RangeError: `seed`/);
});
