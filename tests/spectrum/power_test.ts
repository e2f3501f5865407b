// effectiveBandwidth(), logPower() and spectrumPicture() against their definitions.
import assert from "node:assert/strict";
import {
  effectiveBandwidth,
  fourier,
  logPower,
  spectrumOf,
  spectrumPicture,
} from "../../lib/spectrum/mod.ts";
import { close, filtered, naiveFourier, noise, periods, randomImage } from "./_planes.ts";

/** The frequency and the power of every coefficient of the whole spectrum but the mean. */
function coefficients(plane: Float64Array, height: number, width: number) {
  const { real, imaginary } = naiveFourier(plane, height, width);
  return Array.from(real, (value, i) => ({
    frequency: Math.hypot(
      periods(i % width, width) / width,
      periods(Math.floor(i / width), height) / height,
    ),
    power: value ** 2 + imaginary[i]! ** 2,
  })).slice(1);
}

Deno.test("effectiveBandwidth() is the smallest radius that contains the fraction", () => {
  for (const [height, width] of [[1, 9], [6, 8], [17, 24], [31, 20], [90, 101]] as const) {
    const plane = noise(height * width, height).map((value) => value + 3);
    const sorted = coefficients(plane, height, width).sort((a, b) => a.frequency - b.frequency);
    const total = sorted.reduce((sum, { power }) => sum + power, 0);
    for (const fraction of [0.01, 0.3, 0.5, 0.8, 0.95, 1]) {
      let held = 0;
      const reached = sorted.find(({ power }) => (held += power) >= fraction * total * (1 - 1e-9));
      const radius = effectiveBandwidth(fourier(plane, height, width), fraction);
      assert.ok(Math.abs(radius - reached!.frequency) < 1e-12, `${fraction}: ${radius}`);
    }
  }
});

Deno.test("effectiveBandwidth() of noise below 0.2 cycles per pixel is 0.2 sqrt(fraction)", () => {
  const [height, width] = [150, 130], spectrum = fourier(noise(height * width, 1), height, width);
  const limited = filtered(spectrum, (i) => {
    const y = Math.floor(i / spectrum.columns), k = i % spectrum.columns;
    return Math.hypot(k / width, periods(y, height) / height) <= 0.2;
  });
  const half = fourier(limited, height, width);
  for (const fraction of [0.25, 0.5, 0.95]) {
    const radius = effectiveBandwidth(half, fraction);
    assert.ok(Math.abs(radius - 0.2 * Math.sqrt(fraction)) < 0.005, `${fraction}: ${radius}`);
  }
  assert.ok(effectiveBandwidth(half, 1) <= 0.2);
});

Deno.test("effectiveBandwidth() is invariant to brightness and contrast", () => {
  const plane = noise(21 * 30, 1);
  const radius = effectiveBandwidth(fourier(plane, 21, 30));
  const other = fourier(plane.map((value) => 0.01 * value + 50), 21, 30);
  assert.equal(effectiveBandwidth(other), radius);
});

Deno.test("effectiveBandwidth() of a flat picture is 0", () => {
  for (const [height, width] of [[1, 1], [8, 8], [21, 30]] as const) {
    const flat = new Float64Array(height * width);
    assert.equal(effectiveBandwidth(fourier(flat, height, width)), 0);
    assert.equal(effectiveBandwidth(fourier(flat.fill(0.7), height, width)), 0);
  }
});

Deno.test("effectiveBandwidth() refuses an invalid fraction", () => {
  const spectrum = fourier([1, 2], 1, 2);
  for (const fraction of [0, -1, 1.1, NaN]) {
    assert.throws(() => effectiveBandwidth(spectrum, fraction), /RangeError: `fraction`/);
  }
});

Deno.test("logPower() is the whole spectrum with frequency zero in the middle", () => {
  for (const [height, width] of [[5, 7], [6, 8], [7, 4], [1, 6], [3, 1]] as const) {
    const plane = noise(height * width, 1);
    const { real, imaginary } = naiveFourier(plane, height, width);
    const power = logPower(fourier(plane, height, width));
    assert.deepEqual([power.height, power.width], [height, width]);
    const expected = real.map((_, i) => {
      // As numpy's fftshift: what was at 0 goes to floor(n / 2).
      const y = (Math.floor(i / width) + Math.ceil(height / 2)) % height;
      const x = (i % width + Math.ceil(width / 2)) % width;
      const at = y * width + x;
      return Math.log10((real[at]! ** 2 + imaginary[at]! ** 2) / (height * width) + 1e-12);
    });
    close(power.data, expected, 1e-5);
  }
});

Deno.test("spectrumPicture() goes from black to white over the range, or its own", () => {
  const power = logPower(spectrumOf(randomImage(9, 14, 3, 1)));
  const picture = spectrumPicture(power);
  assert.deepEqual([picture.height, picture.width, picture.channels], [9, 14, 1]);
  const low = Math.min(...power.data), high = Math.max(...power.data);
  close(picture.data, power.data.map((value) => (value - low) / (high - low)), 1e-6);
  const clipped = spectrumPicture(power, { low: -1, high: 0.5 });
  close(clipped.data, power.data.map((v) => Math.min(Math.max((v + 1) / 1.5, 0), 1)), 1e-6);
});

Deno.test("spectrumPicture() of equal values is black, and a range must be one", () => {
  const power = { height: 1, width: 2, data: Float32Array.of(-3, -3) };
  assert.deepEqual(spectrumPicture(power).data, Float32Array.of(0, 0));
  assert.throws(() => spectrumPicture(power, { low: 1, high: 0 }), /RangeError: `range`.*1, 0/);
  assert.throws(() => spectrumPicture(power, { low: NaN, high: 0 }), RangeError);
});
