// The result does not depend on the scale of the numbers: 12 bits in 16, dark frames, night skies.
import assert from "node:assert/strict";
import {
  blurred,
  deblurring,
  type Degradation,
  denoising,
  downsampled,
  gaussianBlur,
  inpainting,
  superResolution,
} from "../../lib/degradation/mod.ts";
import { createImage, crop, type Image, psnr, readImage } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { dip } from "../../lib/network/mod.ts";
import { restore, type RestoreOptions } from "../../lib/restoration/mod.ts";

/** Rounded to 16 bits, as a file has it. */
const rounded = (image: Image, valueOf: (value: number, i: number) => number): Image => ({
  ...image,
  bitDepth: 16,
  data: image.data.map((value, i) =>
    Math.round(65535 * Math.min(Math.max(valueOf(value, i), 0), 1)) / 65535
  ),
});

const fast = async (noisy: Image) =>
  (await restore(denoising(noisy), { objective: "guided", quality: "fast", seed: 1 }).result).image;

Deno.test("a picture scaled by 1/4, 1/16 or 1/64 plus an offset gains as much", async () => {
  const camera = await readImage(new URL("../../data/camera.png", import.meta.url).pathname);
  const clean = crop(camera, 100, 100, 128, 128);
  const { normal } = random(1), noise = clean.data.map(() => normal() * 25 / 255);
  const gains: number[] = [];
  for (
    const [scale, pedestal] of [[0.6, 0.2], [0.15, 0.2], [0.6 / 16, 0.1], [0.6 / 64, 0.05], [
      0.6 / 64,
      0.95,
    ]]
  ) {
    const exact = rounded(clean, (value) => scale! * value + pedestal!);
    const noisy = rounded(clean, (value, i) => scale! * (value + noise[i]!) + pedestal!);
    gains.push(psnr(await fast(noisy), exact) - psnr(noisy, exact));
  }
  assert.ok(gains[0]! > 8, `${gains}`);
  for (const gain of gains) assert.ok(Math.abs(gain - gains[0]!) < 0.2, `${gains}`);
});

Deno.test("the background of a night sky becomes smooth and its stars are kept", async () => {
  const size = { height: 128, width: 128, channels: 1 } as const, { normal, uniform } = random(2);
  const sky = new Float64Array(128 * 128).fill(1000);
  for (let star = 0; star < 20; star++) {
    const [y, x, peak] = [4 + 120 * uniform(), 4 + 120 * uniform(), 2000 + 50000 * uniform()];
    for (let i = 0; i < sky.length; i++) {
      sky[i]! += peak * Math.exp(-(((i >> 7) - y) ** 2 + ((i & 127) - x) ** 2) / 2.9);
    }
  }
  const clean = rounded(createImage(size), (_, i) => sky[i]! / 65535);
  const noisy = rounded(createImage(size), (_, i) => (sky[i]! + 40 * normal()) / 65535);
  const restored = await fast(noisy);
  let before = 0, after = 0, background = 0, worst = 0;
  clean.data.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(restored.data[i]! - value) * 65535);
    if (value * 65535 > 1100) return;
    background++;
    before += (noisy.data[i]! - value) ** 2;
    after += (restored.data[i]! - value) ** 2;
  });
  assert.ok(background > 10000);
  assert.ok(after < before / 9, `${Math.sqrt(after / before)}`);
  // Five standard deviations of the noise.
  assert.ok(worst < 200, `${worst}`);
});

/** Scale and pedestal of a picture within [0, 1]. */
const RANGES = [[0.6, 0.2], [0.15, 0.2], [0.6 / 16, 0.1], [0.6 / 64, 0.05]] as const;

const POSED: Record<string, (picture: Image) => { problem: Degradation; clean: Image }> = {
  inpaint(picture) {
    const { uniform } = random(4);
    const data = Float32Array.from({ length: 128 * 128 }, () => uniform() < 0.5 ? 1 : 0);
    const mask = createImage({ height: 128, width: 128, channels: 1, data });
    const holes = picture.data.map((value, i) => data[i] ? value : 0);
    return { problem: inpainting({ ...picture, data: holes }, mask), clean: picture };
  },
  upscale(picture) {
    const { small, clean } = downsampled(picture, 2, "lanczos2");
    return { problem: superResolution({ ...small, bitDepth: 16 }, 2), clean };
  },
  deblur(picture) {
    const kernel = gaussianBlur(1.5), soft = rounded(blurred(picture, kernel), (value) => value);
    return { problem: deblurring(soft, kernel), clean: picture };
  },
};

for (const [task, pose] of Object.entries(POSED)) {
  Deno.test(`${task}: a picture of little contrast gains what one of full contrast gains`, async () => {
    const camera = await readImage(new URL("../../data/camera.png", import.meta.url).pathname);
    const part = crop(camera, 100, 100, 128, 128), gains: number[] = [];
    for (const [scale, pedestal] of RANGES) {
      const { problem, clean } = pose(rounded(part, (value) => scale * value + pedestal));
      const run = restore(problem, { objective: "plug-and-play", quality: "fast", seed: 1 });
      gains.push(psnr((await run.result).image, clean) - psnr(problem.initialEstimate, clean));
    }
    assert.ok(gains[0]! > 1, `${gains}`);
    for (const gain of gains) assert.ok(Math.abs(gain - gains[0]!) < 0.2, `${gains}`);
  });
}

/**
 * Short runs of a small network. Roundings grow as it trains: with the prior alone the gains of two seeds are up to
 * 1.5 dB apart, by R2R 0.4; where numbers are not mapped the prior loses at a 64th.
 */
const TRAINED: Record<string, RestoreOptions> = {
  mse: { objective: "mse", iterations: 300 },
  r2r: { objective: "r2r", iterations: 200, noiseSigma: 25 / 255 },
  guided: { objective: "guided", iterations: 40, draws: 2, noiseSigma: 25 / 255 },
};

/** How far the gains may be apart, in decibels. */
const APART: Record<string, number> = { mse: 1.6, r2r: 0.5, guided: 0.2 };

for (const [name, options] of Object.entries(TRAINED)) {
  Deno.test(`${name}: a network gains the same on little contrast`, async () => {
    const camera = await readImage(new URL("../../data/camera.png", import.meta.url).pathname);
    const clean = crop(camera, 100, 100, 64, 64), gains: number[] = [];
    const { normal } = random(5), noise = clean.data.map(() => normal() * 25 / 255);
    for (const [scale, pedestal] of RANGES) {
      const exact = rounded(clean, (value) => scale * value + pedestal);
      const noisy = rounded(clean, (value, i) => scale * (value + noise[i]!) + pedestal);
      const { noiseSigma } = options;
      const run = restore(denoising(noisy), {
        ...options,
        ...noiseSigma && { noiseSigma: scale * noiseSigma },
        network: dip({ channels: 8, skipChannels: 4 }),
        seed: 1,
      });
      gains.push(psnr((await run.result).image, exact) - psnr(noisy, exact));
    }
    assert.ok(gains[0]! > 8, `${gains}`);
    for (const gain of gains) assert.ok(Math.abs(gain - gains[0]!) < APART[name]!, `${gains}`);
  });
}

Deno.test("mse: stars beyond the usual range stay as they were observed", async () => {
  const size = { height: 64, width: 64, channels: 1 } as const, { normal } = random(6);
  const isStar = (i: number) => i % 977 === 0;
  const sky = rounded(
    createImage(size),
    (_, i) => (1000 + 40 * normal() + (isStar(i) ? 30000 : 0)) / 65535,
  );
  const { result } = restore(denoising(sky), {
    objective: "mse",
    network: dip({ channels: 8, skipChannels: 4 }),
    iterations: 60,
    seed: 1,
  });
  const { image } = await result;
  let before = 0, after = 0;
  sky.data.forEach((value, i) => {
    if (isStar(i)) assert.ok(Math.abs(image.data[i]! - value) * 65535 < 400, `${i}`);
    before += isStar(i) ? 0 : (value * 65535 - 1000) ** 2;
    after += isStar(i) ? 0 : (image.data[i]! * 65535 - 1000) ** 2;
  });
  assert.ok(after < before / 9, `${Math.sqrt(after / before)}`);
});
