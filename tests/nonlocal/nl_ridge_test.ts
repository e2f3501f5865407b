// nlRidge() against its formulas, and its other guarantees.
import assert from "node:assert/strict";
import { addGaussianNoise, crop, type Image, psnr, readImage } from "../../lib/image/mod.ts";
import { type NoiseModel, whiteNoise } from "../../lib/noise/mod.ts";
import { nlRidge } from "../../lib/nonlocal/mod.ts";
import { naiveNlRidge, type NaiveOptions } from "./_naive.ts";

const read = (name: string) =>
  readImage(new URL(`../../data/${name}.png`, import.meta.url).pathname);

/** A part of a photograph, with noise that is not clipped. */
async function noisyPart(channels: 1 | 3, height: number, width: number): Promise<Image> {
  const picture = await read(channels === 3 ? "coffee" : "camera");
  return addGaussianNoise(crop(picture, 100, 200, height, width), 0.1, 1, { clip: false });
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

/** Noise that is stronger in the light, and reaches over neighbours. */
function camera(channels: 1 | 3): NoiseModel {
  const each = <T>(value: (c: number) => T) => Array.from({ length: channels }, (_, c) => value(c));
  const reach = (c: number) => c === 0 ? 0.3 : 0.6;
  return {
    channels,
    luminance: [0.1, 0.4, 0.8],
    variance: each((c) => [0.002, 0.01, 0.012].map((value) => value / (c + 1))),
    autocorrelation: each((c) =>
      Array.from({ length: 9 }, (_, i) => reach(c) ** (Math.floor(i / 3) + i % 3))
    ),
    correlation: each((c) => each((d) => c === d ? 1 : 0)),
  };
}

const sizes = { patch: 4, stride: 2, groups: [6, 9], window: 7, weights: "sharpened" } as const;
const cases: { what: string; noise: (channels: 1 | 3) => NoiseModel; options: NaiveOptions }[] = [
  { what: "white noise", noise: (channels) => whiteNoise(0.1, channels), options: sizes },
  {
    what: "white noise, by the published weights",
    noise: (channels) => whiteNoise(0.1, channels),
    options: { ...sizes, weights: "ridge" },
  },
  {
    what: "noise of a camera, by the published weights",
    noise: camera,
    options: { ...sizes, weights: "ridge" },
  },
  { what: "noise of a camera", noise: camera, options: sizes },
  {
    what: "white noise of many levels",
    noise: (channels) => ({ ...camera(channels), autocorrelation: Array(channels).fill([1]) }),
    options: sizes,
  },
];

for (const { what, noise, options } of cases) {
  for (const channels of [1, 3] as const) {
    Deno.test(`nlRidge() is the formula for ${what}, ${channels} channels`, async () => {
      const noisy = await noisyPart(channels, 21, 18);
      const { data } = await nlRidge(noisy, noise(channels), options);
      assert.ok(largestDifference(data, naiveNlRidge(noisy, noise(channels), options)) < 1e-5);
    });
  }
}

Deno.test("nlRidge() is the formula where tiles meet", async () => {
  // 42 reference patches in a row: two tiles.
  const noisy = await noisyPart(1, 16, 170);
  const options = { patch: 4, stride: 4, groups: [4, 6], window: 5, weights: "sharpened" } as const;
  const { data } = await nlRidge(noisy, 0.1, options);
  assert.ok(largestDifference(data, naiveNlRidge(noisy, whiteNoise(0.1, 1), options)) < 1e-5);
});

Deno.test("nlRidge() gives the same bytes for any number of workers", async () => {
  const noisy = await noisyPart(3, 200, 250);
  const { data } = await nlRidge(noisy, 0.1, { workers: 1 });
  for (const workers of [2, 3, 7]) {
    assert.deepEqual((await nlRidge(noisy, 0.1, { workers })).data, data);
  }
});

Deno.test("nlRidge() takes pictures of 16x16 and of 512x17, white and other noise", async () => {
  for (const [height, width] of [[16, 16], [512, 17], [17, 512]] as const) {
    for (const channels of [1, 3] as const) {
      const mid = { height, width, channels, data: new Float32Array(height * width * channels) };
      mid.data.fill(0.5);
      const noisy = addGaussianNoise(mid, 0.1, 1);
      for (const noise of [0.1, camera(channels)]) {
        const image = await nlRidge(noisy, noise);
        const gain = psnr(image, mid) - psnr(noisy, mid);
        assert.ok(gain > 3, `${height}x${width}x${channels}: ${gain} dB`);
      }
    }
  }
});

Deno.test("nlRidge() is equivariant: with moved and scaled samples the result is moved and scaled", async () => {
  const noisy = await noisyPart(3, 40, 40);
  const { data } = await nlRidge(noisy, 0.1);
  const moved = await nlRidge({ ...noisy, data: noisy.data.map((v) => 4 * v - 3) }, 0.4);
  assert.ok(largestDifference(moved.data, data.map((v) => 4 * v - 3)) < 1e-4);
});

Deno.test("nlRidge() keeps constants, and a picture without noise is its copy", async () => {
  for (const channels of [1, 3] as const) {
    const even = { height: 20, width: 31, channels, data: new Float32Array(620 * channels) };
    even.data.fill(0.3);
    assert.ok(largestDifference((await nlRidge(even, 0.1)).data, even.data) < 1e-6);
    const noisy = await noisyPart(channels, 20, 31);
    const same = await nlRidge(noisy, 0);
    assert.deepEqual(same, noisy);
    assert.notEqual(same.data, noisy.data);
  }
});

Deno.test("nlRidge() improves noise of 25 by 8 dB", async () => {
  const clean = crop(await read("coffee"), 100, 200, 128, 128);
  const noisy = addGaussianNoise(clean, 25 / 255, 1);
  const gain = psnr(await nlRidge(noisy, 25 / 255), clean) - psnr(noisy, clean);
  assert.ok(gain > 8, `${gain} dB`);
});

Deno.test("nlRidge() takes a pilot of the picture's size, and refines it little", async () => {
  const noisy = await noisyPart(3, 40, 48);
  const pilot = await nlRidge(noisy, 0.1);
  const again = await nlRidge(noisy, 0.1, { pilot });
  assert.ok(largestDifference(again.data, pilot.data) < 0.1);
  assert.notDeepEqual(again.data, pilot.data);
  const small = crop(pilot, 0, 0, 40, 40);
  await assert.rejects(nlRidge(noisy, 0.1, { pilot: small }), /^RangeError: `pilot`/);
});

Deno.test("nlRidge() reports its progress and ends at a signal with its reason", async () => {
  const noisy = await noisyPart(3, 200, 200);
  const parts: number[] = [];
  await nlRidge(noisy, 0.1, { onProgress: (part) => parts.push(part) });
  assert.deepEqual(parts, parts.toSorted((a, b) => a - b));
  assert.equal(parts.at(-1), 1);

  const reason = new Error("enough");
  await assert.rejects(nlRidge(noisy, 0.1, { signal: AbortSignal.abort(reason) }), reason);
  const controller = new AbortController();
  const ended = nlRidge(noisy, 0.1, {
    signal: controller.signal,
    onProgress: () => controller.abort(reason),
  });
  await assert.rejects(ended, reason);
});

Deno.test("nlRidge() keeps alpha and bit depth, leaves its argument, and names a bad one", async () => {
  const alpha = new Float32Array(400).fill(0.5);
  const noisy: Image = { ...await noisyPart(3, 20, 20), alpha, bitDepth: 16 };
  const before = structuredClone(noisy);
  const result = await nlRidge(noisy, 0.1);
  assert.deepEqual({ ...result, data: before.data }, before);
  assert.deepEqual(noisy, before);

  const wrong: [string, Parameters<typeof nlRidge>[2]][] = [
    ["patch", { patch: 3 }],
    ["patch", { patch: 21 }],
    ["stride", { stride: 0 }],
    ["stride", { patch: 5, stride: 6 }],
    ["groups", { groups: [1, 8] }],
    ["window", { window: 8 }],
    ["workers", { workers: 0.5 }],
  ];
  for (const [name, options] of wrong) {
    await assert.rejects(nlRidge(noisy, 0.1, options), new RegExp(`^RangeError: \`${name}\``));
  }
  await assert.rejects(nlRidge(noisy, whiteNoise(0.1, 1)), /^RangeError: `noise`/);
  await assert.rejects(nlRidge(noisy, -1), /^RangeError: `sigma`/);
  noisy.data[7] = NaN;
  await assert.rejects(nlRidge(noisy, 0.1), /^RangeError: `noisy`/);
});
