// Low-pass upsampling: the frequencies that it passes and suppresses.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { lowPassKernel, lowPassUpsampling, Upsampling2x } from "../../lib/network/mod.ts";
import { normals } from "../engine/_agreement.ts";

function upsampled(
  x: tf.Tensor,
  options: Parameters<typeof lowPassUpsampling>[0] = {},
): Float32Array {
  const layer = new Upsampling2x({ upsampling: lowPassUpsampling(options) });
  return tf.tidy(() => (layer.apply(x) as tf.Tensor).dataSync<"float32">());
}

Deno.test("low-pass upsampling keeps a flat picture flat, up to its borders", () => {
  for (const [height, width] of [[2, 2], [3, 9], [16, 5]] as const) {
    for (const taps of [3, 11, 13, 21]) {
      const y = upsampled(tf.fill([1, height, width, 2], 0.7), { taps });
      assert.equal(y.length, 4 * height * width * 2);
      y.forEach((value) => assert.ok(Math.abs(value - 0.7) < 1e-6, `${value}`));
    }
  }
});

Deno.test("low-pass upsampling keeps the small picture's pixels, each channel separately", () => {
  const shape = [1, 5, 7, 3], x = normals(shape, 1), y = upsampled(tf.tensor(x, shape));
  for (let i = 0; i < x.length; i++) {
    const [row, column, channel] = [Math.floor(i / 21), Math.floor(i / 3) % 7, i % 3];
    const same = y[(2 * row * 14 + 2 * column) * 3 + channel]!;
    assert.ok(Math.abs(same - x[i]!) < 1e-6);
  }
});

Deno.test("low-pass upsampling is zero insertion and the filter, the border mirrored about its pixel", () => {
  const x = normals([1, 2, 5, 1], 2), kernel = lowPassKernel(11, 3);
  const mirror = (i: number, n: number): number =>
    i < 0 ? mirror(-i, n) : i >= n ? mirror(2 * (n - 1) - i, n) : i;
  const y = upsampled(tf.tensor(x, [1, 2, 5, 1]), { taps: 11, beta: 3 });
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 10; column++) {
      let sum = 0;
      for (let i = -10; i < 10; i++) {
        for (let j = -10; j < 15; j++) {
          const weight = (kernel[row - 2 * i + 5] ?? 0) * (kernel[column - 2 * j + 5] ?? 0);
          sum += weight * x[mirror(i, 2) * 5 + mirror(j, 5)]!;
        }
      }
      assert.ok(Math.abs(y[row * 10 + column]! - sum) < 1e-5);
    }
  }
});

/** The amplitude of a wave of `cycles` in 64 values, by the definition of the Fourier transform. */
function amplitude(values: Float32Array, cycles: number): number {
  let re = 0, im = 0;
  values.forEach((value, i) => {
    re += value * Math.cos(2 * Math.PI * cycles * i / 64);
    im += value * Math.sin(2 * Math.PI * cycles * i / 64);
  });
  return Math.hypot(re, im) / 32;
}

/** Kaiser's attenuation for β = 4, and the half width of the transition for 13 taps, in cycles per pixel. */
const ATTENUATION = 45, HALF_TRANSITION = (ATTENUATION - 8) / (2.285 * 12) / (4 * Math.PI);

for (const [axis, name] of [[1, "rows"], [2, "columns"]] as const) {
  Deno.test(`low-pass upsampling passes waves along ${name} and suppresses their images as specified by Kaiser's window`, () => {
    for (const cycles of [2, 4, 8]) {
      // `cycles` in 64 pixels of the result; 32 - cycles is the image that zero insertion makes.
      assert.ok(cycles / 64 < 0.25 - HALF_TRANSITION);
      const wave = Float32Array.from(
        { length: 64 },
        (_, i) => Math.cos(2 * Math.PI * cycles * i / 32 + 0.3),
      );
      const shape = axis === 1 ? [1, 64, 1, 1] : [1, 1, 64, 1];
      const x = tf.tensor(wave, shape).tile(axis === 1 ? [1, 1, 4, 1] : [1, 4, 1, 1]);
      const y = upsampled(x);
      const line = Float32Array.from(
        { length: 64 },
        (_, i) => axis === 1 ? y[(i + 32) * 8]! : y[i + 32]!,
      );
      const decibels = (k: number) => 20 * Math.log10(amplitude(line, k));
      assert.ok(Math.abs(decibels(cycles)) < 0.05, `${cycles}: ${decibels(cycles)} dB`);
      assert.ok(decibels(32 - cycles) < -ATTENUATION, `image: ${decibels(32 - cycles)} dB`);
    }
  });
}

Deno.test("each phase of the low-pass filter sums to 1, and the filter is symmetric", () => {
  for (const taps of [3, 7, 12 + 1, 31]) {
    for (const beta of [0, 4, 12]) {
      const kernel = lowPassKernel(taps, beta);
      assert.equal(kernel.length, taps);
      for (const phase of [0, 1]) {
        const sum = kernel.filter((_, i) => i % 2 === phase).reduce((a, b) => a + b);
        assert.ok(Math.abs(sum - 1) < 1e-12);
      }
      kernel.forEach((tap, i) => assert.ok(Math.abs(tap - kernel[taps - 1 - i]!) < 1e-15));
    }
  }
});

Deno.test("an invalid low-pass filter is a RangeError", () => {
  for (const taps of [0, 1, 4, 5.5, NaN, -3]) {
    assert.throws(() => new Upsampling2x({ upsampling: lowPassUpsampling({ taps }) }), RangeError);
  }
  for (const beta of [-1, NaN, Infinity]) {
    assert.throws(() => new Upsampling2x({ upsampling: lowPassUpsampling({ beta }) }), RangeError);
  }
});
