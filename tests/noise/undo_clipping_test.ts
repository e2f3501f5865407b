// The effect of clipping on an estimate is removed, only where clipping was its cause.
import assert from "node:assert/strict";
import { addGaussianNoise, createImage, type Image, psnr } from "../../lib/image/mod.ts";
import { undoClipping } from "../../lib/noise/mod.ts";
import { random } from "../../lib/random/mod.ts";

const SIGMA = 0.1;

/** Columns of one level each, from `from` to `to`; white is 1. */
function columns(from: number, to: number): Image {
  const [height, width] = [512, 64];
  const data = Float32Array.from(
    { length: height * width },
    (_, i) => from + (to - from) * (i % width) / (width - 1),
  );
  return createImage({ height, width, channels: 1, data });
}

/** Each column's mean: what an estimate shows of it. */
function means(image: Image): Image {
  const { height, width, data } = image, sums = new Float64Array(width);
  data.forEach((value, i) => sums[i % width]! += value / height);
  return { ...image, data: data.map((_, i) => sums[i % width]!) };
}

Deno.test("the means of clipped noise become the levels before clipping", () => {
  for (const [from, to] of [[0, 0.4], [0.6, 1], [0, 1]] as const) {
    const clean = columns(from, to), noisy = addGaussianNoise(clean, SIGMA, 1);
    const estimate = means(noisy), corrected = undoClipping(noisy, estimate, SIGMA)(estimate);
    assert.ok(psnr(corrected, clean) > psnr(estimate, clean) + 6, `${from} to ${to}`);
    assert.ok(psnr(corrected, clean) > 38, `${psnr(corrected, clean)}`);
  }
});

Deno.test("an estimate is unchanged where nothing was clipped", () => {
  const clean = columns(0.4, 0.6),
    noisy = addGaussianNoise(clean, 0.05, 1),
    estimate = means(noisy);
  assert.deepEqual(undoClipping(noisy, estimate, 0.05)(estimate).data, estimate.data);
  const dark = columns(0, 0.5), noise = new Float32Array(dark.data.length);
  random(1).fillNormal(noise, SIGMA);
  const whole = { ...dark, data: dark.data.map((value, i) => value + noise[i]!) };
  const inside = { ...dark, data: means(whole).data.map((value) => Math.max(value, 0)) };
  assert.deepEqual(undoClipping(whole, inside, SIGMA)(inside).data, inside.data);
});

Deno.test("noise that is weaker in the dark does not darken the picture", () => {
  const clean = columns(0.02, 0.5), stream = random(2);
  // As a camera's: its variance falls with the light.
  const data = clean.data.map((x) => {
    const value = x + SIGMA * Math.sqrt(x / 0.5) * stream.normal();
    return Math.min(Math.max(value, 0), 1);
  });
  const noisy = { ...clean, data }, estimate = means(noisy);
  assert.ok(noisy.data.includes(0), "some samples are clipped");
  assert.deepEqual(undoClipping(noisy, estimate, SIGMA)(estimate).data, estimate.data);
});

Deno.test("black without noise is unchanged", () => {
  const black = createImage({ height: 32, width: 32, channels: 3 });
  assert.deepEqual(undoClipping(black, black, SIGMA)(black).data, black.data);
});
