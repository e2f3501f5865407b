// estimateNoise() of JPEG files: the level and spectrum of white noise after compression.
import assert from "node:assert/strict";
import { addCameraNoise, denoising } from "../../lib/degradation/mod.ts";
import {
  addGaussianNoise,
  compressJpeg,
  createImage,
  type Image,
  type JpegQuantization,
  psnr,
} from "../../lib/image/mod.ts";
import { estimateNoise, isWhiteNoise, noiseSigma, noiseVariance } from "../../lib/noise/mod.ts";
import { restore } from "../../lib/restoration/mod.ts";
import { levelOf, square } from "./_kinds.ts";

/** Level before compression, of 255, quality, sampling of the colours. */
const FILES = [[20, 75, "4:4:4"], [10, 75, "4:4:4"], [20, 50, "4:2:0"], [10, 85, "4:2:0"]] as const;

for (const [sigma, quality, sampling] of FILES) {
  for (const [name, down, across] of [["coffee", 0.5, 0.5], ["astronaut", 0, 0.2]] as const) {
    Deno.test(`noise of ${sigma} in a JPEG of quality ${quality}, ${sampling}, on ${name}`, async () => {
      const clean = await square(name, down, across);
      const draw = (seed: number) =>
        compressJpeg(addGaussianNoise(clean, sigma / 255, seed), quality, sampling);
      const [{ image, quantization }, second] = [await draw(1), await draw(2)];
      const model = estimateNoise(image, { quantization });
      const ratio = noiseSigma(model, image) / levelOf([image, second.image]);
      assert.ok(ratio > 0.8 && ratio < 1.2, `${ratio}`);
    });
  }
}

Deno.test("coarse quantisation removes noise from colour and from high frequencies", async () => {
  const grey = createImage({ height: 128, width: 128, channels: 3 });
  grey.data.fill(0.5);
  const { image, quantization } = await compressJpeg(
    addGaussianNoise(grey, 15 / 255, 1),
    50,
    "4:2:0",
  );
  const model = estimateNoise(image, { quantization });
  const [luminance, ...colours] = [0, 1, 2].map((c) => noiseVariance(model, c, 0.5));
  for (const colour of colours) assert.ok(colour < luminance! / 20);
  assert.ok(!isWhiteNoise(model));
  // On flat grey the noise is what the picture differs in from its mean: an independent measure.
  const { data } = image, mean = data.reduce((sum, value) => sum + value) / data.length;
  const level = Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length);
  assert.ok(Math.abs(noiseSigma(model, image) / level - 1) < 0.15);
});

Deno.test("the quantisation does not change the estimate of a camera's noise, which was not white before", async () => {
  const clean = await square("astronaut", 0, 0.2);
  const noisy = await addCameraNoise(clean, 6400, 1);
  const { image, quantization } = await compressJpeg(noisy, 92);
  assert.deepEqual(estimateNoise(image, { quantization }), estimateNoise(image));
});

/** PSNR gained by the initial estimate, in dB. */
async function gainOf(image: Image, clean: Image, quantization?: JpegQuantization) {
  const run = restore(denoising(image, { quantization }), { quality: "fast", measure: false });
  return psnr((await run.result).image, clean) - psnr(image, clean);
}

Deno.test("a clean JPEG loses nothing, whatever its quality", async () => {
  for (const [name, down, across] of [["coffee", 0.5, 0.5], ["astronaut", 0, 0.2]] as const) {
    const clean = await square(name, down, across);
    for (const quality of [50, 75, 92]) {
      const { image, quantization } = await compressJpeg(clean, quality);
      const gain = await gainOf(image, clean, quantization);
      assert.ok(gain > -0.1, `${name}, ${quality}: ${gain}`);
    }
  }
});

Deno.test("denoising gains by how the picture was compressed", async () => {
  const clean = await square("astronaut", 0, 0.2), noisy = addGaussianNoise(clean, 10 / 255, 1);
  const { image, quantization } = await compressJpeg(noisy, 75, "4:4:4");
  assert.ok(await gainOf(image, clean, quantization) > 3);
});
