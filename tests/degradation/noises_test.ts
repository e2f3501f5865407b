// Noise for experiments: of the given strength and kind, and the same for the same seed.
import assert from "node:assert/strict";
import {
  addImpulseNoise,
  addLowFrequencyNoise,
  addStripeNoise,
} from "../../lib/degradation/mod.ts";
import { createImage, type Image } from "../../lib/image/mod.ts";

const SIDE = 128;
const grey = (channels: 1 | 3): Image =>
  createImage({
    height: SIDE,
    width: SIDE,
    channels,
    data: new Float32Array(SIDE * SIDE * channels).fill(0.5),
  });

/** What was added, of one channel. */
const errorOf = ({ data, channels }: Image, channel: number): number[] =>
  [...data].filter((_, i) => i % channels === channel).map((value) => value - 0.5);

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

for (
  const [name, add] of Object.entries({
    addImpulseNoise,
    addLowFrequencyNoise,
    addStripeNoise,
  })
) {
  Deno.test(`${name}() gives the same noise for the same seed, and does not change its argument`, () => {
    const picture = grey(3), before = picture.data.slice();
    assert.deepEqual(add(picture, 0.1, 5), add(picture, 0.1, 5));
    assert.notDeepEqual(add(picture, 0.1, 5).data, add(picture, 0.1, 6).data);
    assert.deepEqual(picture.data, before);
    assert.deepEqual(add(picture, 0, 5).data, before);
    for (const level of [-0.1, NaN, Infinity]) {
      assert.throws(() => add(picture, level, 5), RangeError);
    }
    const alpha = new Float32Array(SIDE * SIDE).fill(0.25);
    const carried = add({ ...picture, alpha, bitDepth: 16 }, 0.1, 5);
    assert.deepEqual([carried.alpha, carried.bitDepth], [alpha, 16]);
  });
}

for (const [name, add] of Object.entries({ addLowFrequencyNoise, addStripeNoise })) {
  Deno.test(`${name}() has mean 0 and its standard deviation in every channel`, () => {
    const noisy = add(grey(3), 0.05, 7);
    const channels = [0, 1, 2].map((channel) => errorOf(noisy, channel));
    for (const error of channels) {
      assert.ok(Math.abs(meanOf(error)) < 1e-6);
      assert.ok(Math.abs(Math.sqrt(meanOf(error.map((e) => e * e))) - 0.05) < 1e-5);
    }
    assert.notDeepEqual(channels[0], channels[1]);
    assert.ok(add(grey(1), 10, 7).data.every((value) => value >= 0 && value <= 1));
  });
}

Deno.test("stripes are the same in every row", () => {
  const { data } = addStripeNoise(grey(3), 0.1, 3), row = data.slice(0, SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    assert.deepEqual(data.slice(y * SIDE * 3, (y + 1) * SIDE * 3), row);
  }
});

Deno.test("noise of low frequencies has the autocorrelation of its filter", () => {
  const error = errorOf(addLowFrequencyNoise(grey(1), 0.05, 9), 0), variance = 0.05 ** 2;
  // White noise behind a Gaussian of σ pixels has the autocorrelation exp(-d² / (4 σ²)).
  for (const distance of [1, 2, 4]) {
    const products = error.filter((_, i) => i % SIDE < SIDE - distance).length;
    const sum = error.reduce(
      (sum, e, i) => i % SIDE < SIDE - distance ? sum + e * error[i + distance]! : sum,
      0,
    );
    const expected = Math.exp(-(distance ** 2) / 16);
    assert.ok(Math.abs(sum / products / variance - expected) < 0.1, `${sum / products / variance}`);
  }
});

Deno.test("salt and pepper have the given share, half each", () => {
  const { data } = addImpulseNoise(grey(3), 0.3, 11), count = data.length;
  const salt = data.filter((value) => value === 1).length;
  const pepper = data.filter((value) => value === 0).length;
  // Four standard deviations of a binomial number.
  for (const found of [salt, pepper]) {
    assert.ok(Math.abs(found - 0.15 * count) < 4 * Math.sqrt(0.15 * 0.85 * count), `${found}`);
  }
  assert.equal(data.filter((value) => value === 0.5).length, count - salt - pepper);
  assert.ok(addImpulseNoise(grey(1), 1, 1).data.every((value) => value === 0 || value === 1));
});
