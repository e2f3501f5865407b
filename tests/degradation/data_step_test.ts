// The data steps: their result agrees with the observed picture, and is as close to the estimate as possible.
import assert from "node:assert/strict";
import {
  blurred,
  deblocking,
  deblurring,
  downsampled,
  gaussianBlur,
  inpainting,
  motionBlur,
  superResolution,
} from "../../lib/degradation/mod.ts";
import {
  compressJpeg,
  createImage,
  crop,
  type Image,
  luminance,
  psnr,
  readImage,
  resample,
  resamplingMatrix,
} from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";

const chelsea = crop(await readImage("data/chelsea.png"), 60, 120, 64, 72);

/** A picture near another. */
function near(image: Image, sigma: number): Image {
  const noise = new Float32Array(image.data.length);
  random(7).fillNormal(noise, sigma);
  return { ...image, data: image.data.map((value, i) => value + noise[i]!) };
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
};

Deno.test("inpainting: known pixels are restored, the others unchanged", () => {
  const data = Float32Array.from({ length: 64 * 72 }, (_, i) => i % 3 === 0 ? 1 : 0);
  const problem = inpainting(chelsea, createImage({ height: 64, width: 72, channels: 1, data }));
  const estimate = near(chelsea, 0.1), { data: found } = problem.dataStep!.proximal(estimate, 0.1);
  found.forEach((value, i) => {
    const from = data[Math.floor(i / 3)] ? chelsea : estimate;
    assert.equal(value, from.data[i]);
  });
});

for (const factor of [2, 3, 4]) {
  Deno.test(`super-resolution by ${factor}: the small picture of the nearest is the observed one`, () => {
    const { small, clean } = downsampled(chelsea, factor);
    const { proximal: nearest } = superResolution(small, factor).dataStep!;
    const again = resample(nearest(near(clean, 0.02), 0.1), small.height, small.width, "lanczos2");
    assert.ok(largest(again.data, small.data) < 1e-3);
    // The picture itself explains it, and stays.
    assert.ok(psnr(nearest(clean, 0.1), clean) > 60);
  });
}

Deno.test("super-resolution: the correction is in the span of the downsampling's rows", () => {
  const row = { height: 1, width: 24, channels: 1 } as const;
  const observed = createImage({ ...row, width: 6, data: new Float32Array(6).fill(0.5) });
  const noise = new Float32Array(24);
  random(3).fillNormal(noise, 0.1);
  const estimate = createImage({ height: 4, width: 24, channels: 1 });
  for (let y = 0; y < 4; y++) estimate.data.set(noise, y * 24);
  const found = superResolution(observed, 4).dataStep!.proximal(estimate, 0.1);
  const correction = found.data.slice(0, 24).map((value, i) => value - noise[i]!);
  // What is left of it after Gram-Schmidt by the rows of R.
  const matrix = resamplingMatrix(24, 6, "lanczos2"), basis: number[][] = [];
  for (let i = 0; i < 6; i++) {
    let v = [...matrix.subarray(i * 24, i * 24 + 24)];
    for (const b of basis) {
      const dot = b.reduce((sum, value, k) => sum + value * v[k]!, 0);
      v = v.map((value, k) => value - dot * b[k]!);
    }
    const length = Math.hypot(...v);
    basis.push(v.map((value) => value / length));
  }
  let rest = [...correction];
  for (const b of basis) {
    const dot = b.reduce((sum, value, k) => sum + value * rest[k]!, 0);
    rest = rest.map((value, k) => value - dot * b[k]!);
  }
  assert.ok(Math.hypot(...rest) < 1e-5 * Math.hypot(...correction) + 1e-6);
});

for (
  const [name, kernel] of [["Gaussian", gaussianBlur(1.2)], ["motion", motionBlur(7, 20)]] as const
) {
  Deno.test(`deblurring, ${name}: the picture itself is unchanged, and an estimate comes closer to the blurred one`, () => {
    const observed = blurred(chelsea, kernel), problem = deblurring(observed, kernel);
    assert.ok(psnr(problem.dataStep!.proximal(chelsea, 0.01), chelsea) > 45);
    const estimate = near(chelsea, 0.05), found = problem.dataStep!.proximal(estimate, 0.05);
    const inside = (image: Image) => crop(image, 8, 8, 48, 56);
    const misfit = (image: Image) => psnr(inside(blurred(image, kernel)), inside(observed));
    assert.ok(misfit(found) > misfit(estimate) + 3);
    assert.ok(psnr(inside(found), inside(chelsea)) > psnr(inside(estimate), inside(chelsea)));
  });
}

for (const quality of [10, 40]) {
  Deno.test(`deblocking, quality ${quality}: the compressed picture and the JPEG are unchanged`, async () => {
    const { image, quantization } = await compressJpeg(chelsea, quality);
    const { proximal: nearest } = deblocking(image, quantization).dataStep!;
    // It lies within every step, but for the decoder's rounding to whole levels and its clipping.
    assert.ok(psnr(nearest(chelsea, 1e-6), chelsea) > 50);
    assert.ok(largest(nearest(image, 0.05).data, image.data) < 1e-6);
    // A doubtful estimate is taken to the middle of the steps, where they are those of the pixels themselves.
    const grey = luminance(chelsea);
    const jpeg = await compressJpeg(grey, quality);
    const step = deblocking(jpeg.image, jpeg.quantization).dataStep!.proximal,
      estimate = near(grey, 0.2);
    assert.ok(psnr(step(estimate, 10), jpeg.image) > 60);
    assert.ok(psnr(step(estimate, 1e-6), jpeg.image) < 40);
  });
}
