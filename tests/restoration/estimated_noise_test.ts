// The noise of a camera's JPEG.
import assert from "node:assert/strict";
import { addCameraNoise } from "../../lib/degradation/mod.ts";
import {
  addGaussianNoise,
  compressJpeg,
  createImage,
  type Image,
  meanSquaredError,
} from "../../lib/image/mod.ts";
import { estimateNoise, noiseSigma } from "../../lib/noise/mod.ts";
import { estimatedNoise, isCameraNoise } from "../../lib/restoration/estimated_noise.ts";

const SIDE = 256;
const smooth = createImage({ height: SIDE, width: SIDE, channels: 3 });
smooth.data.forEach((_, i) => {
  const [y, x] = [Math.floor(i / 3 / SIDE), Math.floor(i / 3) % SIDE];
  smooth.data[i] = 0.4 + 0.2 * Math.sin(x / 40 + i % 3) * Math.cos(y / 50);
});

const error = (image: Image) => Math.sqrt(meanSquaredError(image, smooth));

Deno.test("a camera's noise is found in its JPEG", async () => {
  const photograph = await addCameraNoise(smooth, 6400, 1, {
    demosaicing: "bilinear",
    quality: 97,
  });
  const { image, quantization } = await compressJpeg(photograph, 97);
  const noise = estimatedNoise(image, quantization), truth = error(image);
  assert.ok(isCameraNoise(image, noise));
  const sigma = noiseSigma(noise, image);
  assert.ok(Math.abs(sigma - truth) < 0.25 * truth, `${255 * sigma} of ${255 * truth}`);
});

Deno.test("white noise in a JPEG is estimated with the file's steps", async () => {
  const { image, quantization } = await compressJpeg(addGaussianNoise(smooth, 0.06, 2), 75);
  assert.deepEqual(estimatedNoise(image, quantization), estimateNoise(image, { quantization }));
  assert.deepEqual(estimatedNoise(image, undefined), estimateNoise(image));
});
