// totalVariation() against the problem's own conditions and a slow solver.
import assert from "node:assert/strict";
import { totalVariation, totalVariationWeight } from "../../lib/baseline/mod.ts";
import { addGaussianNoise, type Image, psnr } from "../../lib/image/mod.ts";
import { constant, largestDifference, SIGMA, square, waves, withAlpha } from "./_pictures.ts";

/** weight TV(u) + |u - y|^2 / 2, by its definition. */
function energy({ height, width, channels, data }: Image, y: Image, weight: number): number {
  let sum = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let squared = 0;
      for (let c = 0; c < channels; c++) {
        const i = (row * width + column) * channels + c;
        if (column + 1 < width) squared += (data[i + channels]! - data[i]!) ** 2;
        if (row + 1 < height) squared += (data[i + width * channels]! - data[i]!) ** 2;
        sum += (data[i]! - y.data[i]!) ** 2 / 2;
      }
      sum += weight * Math.sqrt(squared);
    }
  }
  return sum;
}

/**
 * Chambolle's own iteration (2004, equation 9), `p <- (p + t g) / (1 + t |g|)`, `g = grad(div p - y/weight)`,
 * in its plain form over lists, at 1/8.
 */
function chambolle({ height, width, channels, data }: Image, weight: number, iterations: number) {
  const step = 1 / 8, row = width * channels;
  const px = Array.from(data, () => 0), py = px.slice();
  const columnOf = (i: number) => Math.floor(i / channels) % width;
  const div = () =>
    px.map((value, i) =>
      (columnOf(i) < width - 1 ? value : 0) - (columnOf(i) > 0 ? px[i - channels]! : 0) +
      (i < row * (height - 1) ? py[i]! : 0) - (i >= row ? py[i - row]! : 0)
    );
  for (let k = 0; k < iterations; k++) {
    const v = div().map((value, i) => value - data[i]! / weight);
    const gx = v.map((value, i) => columnOf(i) < width - 1 ? v[i + channels]! - value : 0);
    const gy = v.map((value, i) => i < row * (height - 1) ? v[i + row]! - value : 0);
    for (let pixel = 0; pixel < height * width; pixel++) {
      let squared = 0;
      for (let c = 0; c < channels; c++) {
        squared += gx[pixel * channels + c]! ** 2 + gy[pixel * channels + c]! ** 2;
      }
      const scale = 1 / (1 + step * Math.sqrt(squared));
      for (let i = pixel * channels; i < (pixel + 1) * channels; i++) {
        px[i] = (px[i]! + step * gx[i]!) * scale;
        py[i] = (py[i]! + step * gy[i]!) * scale;
      }
    }
  }
  return div().map((value, i) => data[i]! - weight * value);
}

const rms = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum / a.length);
};

Deno.test("totalVariation() is the limit of Chambolle's iteration, grey and RGB, sides odd and 1", () => {
  for (const shape of [[9, 7, 1], [6, 8, 3], [1, 12, 1], [11, 1, 3]] as const) {
    const image = waves(shape[0], shape[1], shape[2]);
    for (const weight of [0.02, 0.1]) {
      const { data } = totalVariation(image, { weight });
      const error = rms(data, chambolle(image, weight, 4000));
      assert.ok(error < 1.2e-3, `${shape}, weight ${weight}: ${error}`);
    }
  }
});

Deno.test("totalVariation() has a lower energy than pictures around it", () => {
  const image = waves(12, 10, 3), weight = 0.05;
  const solution = totalVariation(image, { weight }), lowest = energy(solution, image, weight);
  // The error allowed, 1e-3, may cost this much at most; the energy is strongly convex.
  for (const [amount, wave] of [[0.02, 1.7], [0.05, 0.3], [0.1, 2.2], [0.02, 0]] as const) {
    const data = solution.data.map((value, i) => value + amount * Math.cos(wave * i));
    assert.ok(energy({ ...image, data }, image, weight) > lowest, `${amount}, ${wave}`);
  }
  assert.ok(energy(image, image, weight) > lowest);
});

Deno.test("totalVariation() keeps constants and every channel's mean, and weight 0 changes nothing", () => {
  for (const channels of [1, 3] as const) {
    const even = constant(5, 7, channels, 0.3);
    for (const options of [{ weight: 0.2 }, { sigma: 0.1 }]) {
      assert.ok(largestDifference(totalVariation(even, options).data, even.data) < 1e-6);
    }
    const image = waves(9, 8, channels);
    assert.deepEqual(totalVariation(image, { weight: 0 }).data, image.data);
    assert.deepEqual(totalVariation(image, { sigma: 0 }).data, image.data);
    const mean = ({ data }: Image, c: number) =>
      data.reduce((sum, value, i) => i % channels === c ? sum + value : sum, 0) / data.length;
    const smooth = totalVariation(image, { weight: 0.05 });
    for (let c = 0; c < channels; c++) {
      assert.ok(Math.abs(mean(smooth, c) - mean(image, c)) < 1e-5);
    }
  }
});

Deno.test("totalVariation() of the noise's level leaves as much as the noise", async () => {
  for (const name of ["camera", "coffee"] as const) {
    const noisy = addGaussianNoise(await square(name), SIGMA, 1);
    const residual = rms(totalVariation(noisy, { sigma: SIGMA }).data, noisy.data);
    assert.ok(Math.abs(residual / SIGMA - 1) < 0.011, `${name}: ${residual / SIGMA}`);
  }
  const image = waves(9, 8, 3);
  const flat = totalVariation(image, { sigma: 0.5 }).data;
  for (let i = 3; i < flat.length; i++) assert.equal(flat[i], flat[i - 3]);
});

Deno.test("totalVariation() gains 5 dB on noise of 25", async () => {
  for (const name of ["camera", "coffee"] as const) {
    const clean = await square(name), noisy = addGaussianNoise(clean, SIGMA, 1);
    const weight = totalVariationWeight(noisy, SIGMA);
    const gain = psnr(totalVariation(noisy, { weight }), clean) - psnr(noisy, clean);
    assert.ok(gain > 5, `${name}: ${gain} dB`);
  }
});

Deno.test("totalVariation() keeps alpha and bit depth, leaves its argument, and names a bad one", () => {
  const image = withAlpha(waves(5, 6, 3)), before = structuredClone(image);
  const result = totalVariation(image, { weight: 0.1 });
  assert.deepEqual({ ...result, data: before.data }, before);
  assert.deepEqual(image, before);
  for (const value of [-1, NaN, Infinity]) {
    assert.throws(() => totalVariation(image, { weight: value }), /RangeError: `weight`/);
    assert.throws(() => totalVariation(image, { sigma: value }), /RangeError: `sigma`/);
    assert.throws(() => totalVariationWeight(image, value), /RangeError: `sigma`/);
  }
  const both = { weight: 1, sigma: 1 } as unknown as { weight: number };
  for (const options of [both, {} as { weight: number }]) {
    assert.throws(() => totalVariation(image, options), /`weight` and `sigma`/);
  }
});
