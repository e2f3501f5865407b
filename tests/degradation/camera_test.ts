// Simulated camera noise: deterministic, with the given strength and the correlations of the simulation.
import assert from "node:assert/strict";
import {
  addCameraNoise,
  addFilmGrain,
  addJpegCompressedNoise,
  addLuminanceNoise,
  demosaic,
  mosaic,
} from "../../lib/degradation/mod.ts";
import { createImage, type Image } from "../../lib/image/mod.ts";

const SIDE = 128;
const grey = (channels: 1 | 3, value = 0.5): Image =>
  createImage({
    height: SIDE,
    width: SIDE,
    channels,
    data: new Float32Array(SIDE * SIDE * channels).fill(value),
  });

const deviationOf = ({ data }: Image, from: number) =>
  Math.sqrt(data.reduce((sum, value) => sum + (value - from) ** 2, 0) / data.length);

const KINDS: Readonly<Record<string, (image: Image, seed: number) => Image | Promise<Image>>> = {
  addCameraNoise: (image, seed) => addCameraNoise(image, 3200, seed),
  addFilmGrain: (image, seed) => addFilmGrain(image, 0.1, seed),
  addLuminanceNoise: (image, seed) => addLuminanceNoise(image, 0.1, seed),
  addJpegCompressedNoise: (image, seed) => addJpegCompressedNoise(image, 0.1, seed),
};

for (const [name, add] of Object.entries(KINDS)) {
  Deno.test(`${name}() gives the same noise for the same seed, and does not change its argument`, async () => {
    for (const channels of [1, 3] as const) {
      const alpha = new Float32Array(SIDE * SIDE).fill(0.25);
      const picture: Image = { ...grey(channels), alpha, bitDepth: 16 },
        before = structuredClone(picture);
      const noisy = await add(picture, 5);
      assert.deepEqual(noisy, await add(picture, 5));
      assert.notDeepEqual(noisy.data, (await add(picture, 6)).data);
      assert.deepEqual(picture, before);
      assert.deepEqual([noisy.alpha, noisy.bitDepth, noisy.channels], [alpha, 16, channels]);
    }
  });
}

Deno.test("a camera's noise grows with its sensitivity and is strongest in the shadows", async () => {
  const at = async (value: number, iso: number) =>
    deviationOf(await addCameraNoise(grey(3, value), iso, 1), value);
  const [low, high, dark] = [await at(0.5, 1600), await at(0.5, 6400), await at(0.15, 6400)];
  // Photons' noise doubles with four times the gain, the amplifier's grows faster.
  assert.ok(high / low > 1.9 && high / low < 2.6, `${high / low}`);
  assert.ok(dark > 1.4 * high);
});

Deno.test("a camera's noise is coloured: neighbours are correlated, in colour more than in luminance", async () => {
  const { data } = await addCameraNoise(grey(3), 6400, 1);
  const alike = (value: (i: number) => number) => {
    let products = 0, squares = 0;
    for (let i = 0; i < SIDE * SIDE; i++) {
      squares += value(i) ** 2;
      if (i % SIDE > 0) products += value(i) * value(i - 1);
    }
    return products / squares;
  };
  const brightness = alike((i) => (data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]!) / 3 - 0.5);
  const colour = alike((i) => data[3 * i]! - data[3 * i + 2]!);
  assert.ok(brightness > 0.1 && colour > 0.6, `${brightness}, ${colour}`);
});

Deno.test("film grain is strongest in the middle tones, luminance noise equal everywhere", () => {
  const grain = (value: number) => deviationOf(addFilmGrain(grey(1, value), 0.05, 1), value);
  assert.ok(Math.abs(grain(0.5) - 0.05) < 0.002);
  assert.ok(Math.abs(grain(0.2) - 0.05 * 0.8) < 0.002);
  const luma = (value: number) => deviationOf(addLuminanceNoise(grey(3, value), 0.05, 1), value);
  for (const value of [0.3, 0.5, 0.7]) assert.ok(Math.abs(luma(value) - 0.05) < 0.002);
});

Deno.test("noise and its options out of range are refused", async () => {
  for (const level of [-0.1, NaN, Infinity]) {
    for (const add of [addFilmGrain, addLuminanceNoise]) {
      assert.throws(() => add(grey(1), level, 1), /RangeError: `sigma`/);
    }
    await assert.rejects(addJpegCompressedNoise(grey(1), level, 1), /RangeError: `sigma`/);
    await assert.rejects(addCameraNoise(grey(1), level, 1), /RangeError: `iso`/);
  }
  await assert.rejects(addCameraNoise(grey(1), 100, 1, { quality: 0 }), /RangeError: `quality`/);
  assert.throws(() => demosaic(grey(3), "bilinear"), /RangeError: `raw`/);
});

for (const method of ["malvar", "bilinear"] as const) {
  Deno.test(`demosaic() by ${method} reproduces a linear picture, except for its border`, () => {
    const plane = (y: number, x: number, c: number) =>
      0.2 + 0.01 * y * (c + 1) - 0.005 * x * (2 - c);
    const [height, width] = [11, 14];
    const data = Float32Array.from(
      { length: height * width * 3 },
      (_, i) => plane(Math.floor(i / 3 / width), Math.floor(i / 3) % width, i % 3),
    );
    const found = demosaic(mosaic({ height, width, channels: 3, data }), method);
    for (let y = 2; y < height - 2; y++) {
      for (let x = 2; x < width - 2; x++) {
        for (let c = 0; c < 3; c++) {
          const i = (y * width + x) * 3 + c;
          assert.ok(Math.abs(found.data[i]! - data[i]!) < 1e-6, `${y}, ${x}, ${c}`);
        }
      }
    }
  });
}
