// nonLocalMeans() against the plain formula.
import assert from "node:assert/strict";
import fc from "fast-check";
import { nonLocalMeans } from "../../lib/baseline/mod.ts";
import { addGaussianNoise, type Image, psnr } from "../../lib/image/mod.ts";
import { constant, largestDifference, SIGMA, square, waves, withAlpha } from "./_pictures.ts";

/** The index mirrored at the ends of a side, the edge not repeated. */
function mirrored(i: number, size: number): number {
  while (i < 0 || i >= size) i = size === 1 ? 0 : i < 0 ? -i : 2 * (size - 1) - i;
  return i;
}

/** For every pixel all pixels of its window, for every pair all samples of the patches. */
function naive(
  { height, width, channels, data }: Image,
  { sigma, patch, search }: { sigma: number; patch: number; search: number },
): number[] {
  const radius = (patch - 1) / 2, reach = (search - 1) / 2, h = 0.7 * sigma;
  const sample = (y: number, x: number, c: number) =>
    data[(mirrored(y, height) * width + mirrored(x, width)) * channels + c]!;
  const distance = (y: number, x: number, v: number, u: number) => {
    let sum = 0;
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) {
        for (let c = 0; c < channels; c++) {
          sum += (sample(y + dy, x + dx, c) - sample(v + dy, u + dx, c)) ** 2;
        }
      }
    }
    return sum / (patch ** 2 * channels);
  };
  return Array.from(data, (_, i) => {
    const c = i % channels, x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    let sum = 0, weights = 0;
    for (let v = Math.max(y - reach, 0); v <= Math.min(y + reach, height - 1); v++) {
      for (let u = Math.max(x - reach, 0); u <= Math.min(x + reach, width - 1); u++) {
        const excess = Math.max(distance(y, x, v, u) - 2 * sigma ** 2, 0);
        const weight = Math.exp(-excess / h ** 2);
        weights += weight;
        sum += weight * sample(v, u, c);
      }
    }
    return sum / weights;
  });
}

Deno.test("nonLocalMeans() is the formula, grey and RGB, sides odd and smaller than the patch", () => {
  const cases = fc.record({
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    channels: fc.constantFrom(1 as const, 3 as const),
    sigma: fc.double({ min: 0.02, max: 0.3, noNaN: true }),
    patch: fc.constantFrom(1, 3, 5),
    search: fc.constantFrom(1, 3, 7),
  });
  fc.assert(
    fc.property(cases, ({ height, width, channels, ...options }) => {
      const image = waves(height, width, channels);
      const { data } = nonLocalMeans(image, options);
      assert.ok(largestDifference(data, naive(image, options)) < 1e-6);
    }),
    { numRuns: 50 },
  );
});

Deno.test("nonLocalMeans() keeps constants, turned pictures turn, and sigma 0 changes nothing", () => {
  for (const channels of [1, 3] as const) {
    const even = constant(6, 5, channels, 0.3);
    assert.ok(largestDifference(nonLocalMeans(even, { sigma: 0.1 }).data, even.data) < 1e-6);
    assert.deepEqual(nonLocalMeans(even, { sigma: 0 }).data, even.data);
  }
  const image = waves(9, 7, 1);
  const turned = nonLocalMeans({ ...image, data: image.data.toReversed() }, { sigma: 0.1 });
  const straight = nonLocalMeans(image, { sigma: 0.1 });
  assert.ok(largestDifference(turned.data.toReversed(), straight.data) < 1e-6);
});

Deno.test("nonLocalMeans() gains 5 dB on noise of 25", async () => {
  for (const name of ["camera", "coffee"] as const) {
    const clean = await square(name), noisy = addGaussianNoise(clean, SIGMA, 1);
    const gain = psnr(nonLocalMeans(noisy, { sigma: SIGMA }), clean) - psnr(noisy, clean);
    assert.ok(gain > 5, `${name}: ${gain} dB`);
  }
});

Deno.test("nonLocalMeans() keeps alpha and bit depth, leaves its argument, and names a bad one", () => {
  const image = withAlpha(waves(5, 6, 3)), before = structuredClone(image);
  const result = nonLocalMeans(image, { sigma: 0.1 });
  assert.deepEqual({ ...result, data: before.data }, before);
  assert.deepEqual(image, before);
  for (const sigma of [-1, NaN, Infinity]) {
    assert.throws(() => nonLocalMeans(image, { sigma }), /RangeError: `sigma`/);
  }
  for (const size of [0, 4, 2.5, NaN]) {
    assert.throws(() => nonLocalMeans(image, { sigma: 0.1, patch: size }), /RangeError: `patch`/);
    assert.throws(() => nonLocalMeans(image, { sigma: 0.1, search: size }), /RangeError: `search`/);
  }
});
