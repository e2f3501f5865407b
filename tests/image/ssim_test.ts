// psnr() and ssim() against their formulas and against scikit-image.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { createImage, type Image, psnr, readImage, ssim } from "../../lib/image/mod.ts";
import { picture } from "./_fixtures.ts";

const shipped = (name: string) =>
  readImage(fileURLToPath(new URL(`../../data/${name}`, import.meta.url)));

/** Adds a pattern that every language computes alike, stronger in the later of three channels. */
function degrade(image: Image): Image {
  const { width, channels } = image;
  const data = image.data.map((value, i) => {
    const c = i % channels, pixel = Math.floor(i / channels);
    const pattern = ((pixel % width * 37 + Math.floor(pixel / width) * 101) % 64) / 64 - 0.5;
    const strength = channels === 3 ? (c + 1) / 3 : 1;
    return Math.min(Math.max(value + 0.2 * pattern * strength, 0), 1);
  });
  return { ...image, data };
}

/** SSIM by its definition: every window position, the 2-D window, central moments. */
function naiveSsim(x: Image, y: Image): number {
  const window = Array.from({ length: 121 }, (_, i) => {
    const dy = Math.floor(i / 11) - 5, dx = i % 11 - 5;
    return Math.exp(-(dy * dy + dx * dx) / 4.5);
  });
  const total = window.reduce((sum, w) => sum + w);
  let sum = 0, count = 0;
  for (let c = 0; c < x.channels; c++) {
    for (let top = 0; top + 11 <= x.height; top++) {
      for (let left = 0; left + 11 <= x.width; left++) {
        const moment = (f: (a: number, b: number) => number) =>
          window.reduce((sum, w, i) => {
            const at = ((top + Math.floor(i / 11)) * x.width + left + i % 11) * x.channels + c;
            return sum + w / total * f(x.data[at]!, y.data[at]!);
          }, 0);
        const mx = moment((a) => a), my = moment((_, b) => b);
        const vx = moment((a) => (a - mx) ** 2), vy = moment((_, b) => (b - my) ** 2);
        const cov = moment((a, b) => (a - mx) * (b - my));
        sum += (2 * mx * my + 0.0001) * (2 * cov + 0.0009) /
          ((mx ** 2 + my ** 2 + 0.0001) * (vx + vy + 0.0009));
        count++;
      }
    }
  }
  return sum / count;
}

Deno.test("ssim() and psnr() are their formulas for every size and channel count", () => {
  const side = fc.integer({ min: 11, max: 16 });
  fc.assert(
    fc.property(side, side, fc.constantFrom(1, 3), fc.nat(), (height, width, channels, seed) => {
      const x = picture(height, width, channels);
      const y = createImage({ height, width, channels });
      for (let i = 0; i < y.data.length; i++) {
        y.data[i] = (x.data[i]! + (Math.sin(i * i + seed) + 1) / 2) / 2;
      }
      assert.ok(Math.abs(ssim(y, x) - naiveSsim(y, x)) < 1e-12);
      const squares = Array.from(x.data, (value, i) => (value - y.data[i]!) ** 2);
      const mse = squares.reduce((sum, square) => sum + square) / squares.length;
      assert.ok(Math.abs(psnr(y, x) - 10 * Math.log10(1 / mse)) < 1e-9);
    }),
    { numRuns: 20, seed: 1 },
  );
});

// From scikit-image 0.26.0, on float32 values in float64: structural_similarity(x, y,
// gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1, channel_axis=-1 for
// colour) and peak_signal_noise_ratio(x, y, data_range=1), where y = degrade(x).
for (
  const [name, similarity, ratio] of [
    ["camera.png", 0.45158310607012575, 24.901671904238786],
    ["chelsea.png", 0.6653290279775329, 27.65335178341685],
  ] as const
) {
  Deno.test(`ssim() and psnr() agree with scikit-image on ${name}`, async () => {
    const clean = await shipped(name);
    const degraded = degrade(clean);
    assert.ok(Math.abs(ssim(degraded, clean) - similarity) < 1e-6, `${ssim(degraded, clean)}`);
    assert.ok(Math.abs(psnr(degraded, clean) - ratio) < 1e-6, `${psnr(degraded, clean)}`);
  });
}

Deno.test("ssim() and psnr() are symmetric and best for equal images", () => {
  const x = picture(20, 15, 3), y = picture(20, 15, 3, { bitDepth: 16 });
  y.data = y.data.map((value) => value ** 2);
  assert.ok(Math.abs(ssim(x, y) - ssim(y, x)) < 1e-12);
  assert.equal(psnr(x, y), psnr(y, x));
  assert.ok(ssim(x, y) < 1);
  assert.ok(Math.abs(ssim(x, x) - 1) < 1e-12);
  assert.equal(psnr(x, x), Infinity);
});

Deno.test("ssim() and psnr() refuse images that cannot be compared", () => {
  const image = picture(12, 12, 3);
  for (const measure of [ssim, psnr]) {
    assert.throws(() => measure(picture(12, 12, 1), image), /RangeError: .*12x12x3: got 12x12x1/);
    assert.throws(() => measure(picture(12, 13, 3), image), RangeError);
  }
  assert.throws(() => ssim(picture(10, 12, 1), picture(10, 12, 1)), /at least 11x11/);
});
