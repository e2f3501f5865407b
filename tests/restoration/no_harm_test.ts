// Weak noise: denoising returns the picture or a better one.
import assert from "node:assert/strict";
import { denoising } from "../../lib/degradation/mod.ts";
import { addGaussianNoise, crop, type Image, psnr, readImage } from "../../lib/image/mod.ts";
import { restore } from "../../lib/restoration/mod.ts";

/** Standard deviations of the noise, of 255. */
const LEVELS = [1, 2, 5];

/** The greatest loss, in dB. */
const LOSS = 0.1;

const NAMES = ["astronaut", "camera", "cell", "chelsea", "coffee"];

const denoised = async (noisy: Image): Promise<Image> => {
  const run = restore(denoising(noisy), { objective: "guided", quality: "fast", seed: 1 });
  return (await run.result).image;
};

/** Noise of a standard deviation, as a file of 8 bits keeps it. */
const noisyOf = (clean: Image, level: number): Image => {
  const { data, ...rest } = addGaussianNoise(clean, level / 255, 1);
  const kept = data.map((value) => Math.round(Math.min(Math.max(value, 0), 1) * 255) / 255);
  return { ...rest, data: kept, bitDepth: 8 };
};

for (const name of NAMES) {
  Deno.test(`weak noise in ${name}: the result is not below the picture`, async () => {
    const clean = await readImage(`data/${name}.png`);
    const { data } = await denoised(clean);
    assert.ok(data.every((value, i) => value === clean.data[i]), "without noise it is as it was");
    for (const level of LEVELS) {
      const noisy = noisyOf(clean, level), before = psnr(noisy, clean);
      const after = psnr(await denoised(noisy), clean);
      assert.ok(after > before - LOSS, `${level}: ${before} -> ${after}`);
    }
  });
}

/** Squares of 128x128 that are nothing but texture: where they begin. */
const TEXTURES = [
  ["fur", "chelsea", 90, 150],
  ["the fur of the brow", "chelsea", 0, 161],
  ["wood", "coffee", 136, 472],
] as const;

for (const [what, name, top, left] of TEXTURES) {
  Deno.test(`weak noise in nothing but ${what}: the result is not below the picture`, async () => {
    const clean = crop(await readImage(`data/${name}.png`), top, left, 128, 128);
    const { data } = await denoised(clean);
    assert.ok(data.every((value, i) => value === clean.data[i]), "without noise it is as it was");
    for (const level of LEVELS) {
      const noisy = noisyOf(clean, level), before = psnr(noisy, clean);
      const after = psnr(await denoised(noisy), clean);
      assert.ok(after > before - LOSS, `${level}: ${before} -> ${after}`);
    }
  });
}
