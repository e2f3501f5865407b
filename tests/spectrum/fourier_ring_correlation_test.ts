// fourierRingCorrelation() on pictures whose correlation is known.
import assert from "node:assert/strict";
import {
  fourier,
  fourierRingCorrelation,
  isotropicRings,
  radialPower,
  type Spectrum,
} from "../../lib/spectrum/mod.ts";
import { close, filtered, noise, periods } from "./_planes.ts";

Deno.test("fourierRingCorrelation() of a picture with itself is 1 and never falls", () => {
  for (const [height, width] of [[40, 61], [33, 32], [1, 50], [7, 7]] as const) {
    const spectrum = fourier(noise(height * width, 1), height, width);
    const { correlation, resolution } = fourierRingCorrelation(spectrum, spectrum);
    close(correlation, correlation.map(() => 1), 1e-12);
    assert.deepEqual(resolution, { halfBit: null, oneSeventh: null });
  }
});

Deno.test("fourierRingCorrelation() takes rings one coefficient of the shorter side wide", () => {
  const [height, width] = [33, 50];
  const spectrum = fourier(noise(height * width, 1), height, width);
  const { frequency, halfBit } = fourierRingCorrelation(spectrum, spectrum);
  const sums = new Float64Array(17), sizes = new Float64Array(17);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const f = Math.hypot(periods(x, width) / width, periods(y, height) / height);
      const ring = Math.round(f * 33);
      if (ring > 16) continue;
      sums[ring]! += f;
      sizes[ring]!++;
    }
  }
  close(frequency, sums.map((sum, ring) => sum / sizes[ring]!), 1e-12);
  // The constants as van Heel and Schatz 2005 print them.
  const printed = Array.from(
    sizes,
    (n) => (0.2071 + 1.9102 / Math.sqrt(n)) / (1.2071 + 0.9102 / Math.sqrt(n)),
  );
  close(halfBit, printed, 1e-4);
});

Deno.test("fourierRingCorrelation() of independent noise is 0 within its standard error", () => {
  const [height, width] = [128, 150];
  const [a, b] = [1, 2].map((seed) => fourier(noise(height * width, seed), height, width));
  const rings = isotropicRings(height, width, 40);
  const { correlation } = fourierRingCorrelation(a!, b!, rings);
  // Of n coefficients n / 2 are independent, and each has a variance of 1/2: 1 / n in all.
  const scores = correlation.map((value, ring) => value * Math.sqrt(rings.sizes[ring]!));
  for (const score of scores) assert.ok(Math.abs(score) < 4, `${scores}`);
  const variance = scores.reduce((sum, score) => sum + score ** 2, 0) / scores.length;
  assert.ok(Math.abs(variance - 1) < 4 * Math.sqrt(2 / scores.length), `${variance}`);
});

Deno.test("fourierRingCorrelation() of a signal in noise is S / (S + N)", () => {
  const [height, width] = [96, 111];
  const [s, n, m] = [1, 2, 3].map((seed) => noise(height * width, seed));
  const noisy = (noise: Float64Array) =>
    fourier(s!.map((value, i) => 2 * value + noise[i]!), height, width);
  const { correlation } = fourierRingCorrelation(
    noisy(n!),
    noisy(m!),
    isotropicRings(height, width),
  );
  close(correlation, [0.8, 0.8, 0.8, 0.8, 0.8], 0.04);
});

Deno.test("fourierRingCorrelation() is symmetric and blind to contrast, and a negative is -1", () => {
  const a = noise(30 * 41, 1), b = noise(30 * 41, 2).map((value, i) => value + a[i]!);
  const fa = fourier(a, 30, 41), fb = fourier(b, 30, 41);
  const { correlation } = fourierRingCorrelation(fa, fb);
  const scaled = fourier(b.map((value) => 5 * value), 30, 41);
  close(fourierRingCorrelation(fb, fa).correlation, correlation, 1e-12);
  close(fourierRingCorrelation(fa, scaled).correlation, correlation, 1e-12);
  const negative = fourierRingCorrelation(fa, fourier(a.map((value) => -value), 30, 41));
  close(negative.correlation, correlation.map(() => -1), 1e-12);
});

/** Spectra of one row of 16 pixels whose correlations are given for 0, 1, ... periods. */
function correlated(correlations: readonly number[]): [Spectrum, Spectrum] {
  const size = { height: 1, width: 16, columns: 9 };
  const cos = Float64Array.from({ length: 9 }, (_, k) => correlations[k]!);
  const real = new Float64Array(9).fill(1), imaginary = new Float64Array(9);
  return [
    { ...size, real, imaginary },
    { ...size, real: cos, imaginary: cos.map((c) => Math.sqrt(1 - c * c)) },
  ];
}

Deno.test("fourierRingCorrelation() gives the frequency of the first crossing", () => {
  const [a, b] = correlated([1, 1, 1, 0.3, -0.1, 1, 0, 0, 1]);
  const { correlation, frequency, halfBit, resolution } = fourierRingCorrelation(a, b);
  close(correlation.slice(0, 8), [1, 1, 1, 0.3, -0.1, 1, 0, 0], 1e-12);
  close(frequency, Array.from({ length: 9 }, (_, k) => k / 16), 1e-15);
  close([resolution.oneSeventh!], [(3 + (0.3 - 1 / 7) / 0.4) / 16], 1e-12);
  // Two coefficients a ring: 1 is above the threshold, 0.3 below it.
  const above = 1 - halfBit[2]!, below = halfBit[3]! - 0.3;
  close([resolution.halfBit!], [(2 + above / (above + below)) / 16], 1e-12);
});

Deno.test("fourierRingCorrelation() crosses at once where nothing agrees, and may never cross", () => {
  const nothing = fourierRingCorrelation(...correlated([1, -1, 0, 0, 0, 0, 0, 0, 1]));
  close([nothing.resolution.oneSeventh!, nothing.resolution.halfBit!], [0, 0], 1e-12);
  const enough = fourierRingCorrelation(...correlated([1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1]));
  assert.equal(enough.resolution.oneSeventh, null);
});

Deno.test("fourierRingCorrelation() finds how far two noisy pictures share a signal", () => {
  const [height, width] = [128, 140];
  const rings = isotropicRings(height, width, 5);
  const whole = fourier(noise(height * width, 1), height, width);
  const signal = filtered(whole, (i) => rings.of[i]! < 2);
  const noisy = (seed: number) => {
    const n = noise(height * width, seed);
    return fourier(signal.map((value, i) => 3 * value + n[i]!), height, width);
  };
  const { resolution } = fourierRingCorrelation(noisy(2), noisy(3));
  for (const frequency of Object.values(resolution)) {
    assert.ok(Math.abs(frequency! - 0.2) < 1.5 / height, `${frequency}`);
  }
});

Deno.test("radialPower() of white noise is its variance, and adds up over the rings", () => {
  const [height, width] = [100, 117];
  const plane = noise(height * width, 1), spectrum = fourier(plane, height, width);
  const rings = isotropicRings(height, width);
  const { power, frequency } = radialPower(spectrum, rings);
  assert.deepEqual(frequency, rings.frequencies);
  // Powers of complex coefficients are exponential, in pairs: a standard error of sqrt(2 / n).
  power.forEach((value, ring) =>
    assert.ok(Math.abs(value - 1) < 4 * Math.sqrt(2 / rings.sizes[ring]!), `${power}`)
  );
  const squares = plane.reduce((sum, value) => sum + value ** 2, 0);
  const total = power.reduce((sum, value, ring) => sum + value * rings.sizes[ring]!, 0);
  assert.ok(Math.abs(total - squares) < 1e-12 * squares);
});

Deno.test("radialPower() finds a wave at its frequency", () => {
  const [height, width] = [24, 35];
  const wave = Float64Array.from(
    { length: height * width },
    (_, i) => 0.5 + Math.cos(2 * Math.PI * 6 * Math.floor(i / width) / height),
  );
  const { power } = radialPower(fourier(wave, height, width));
  assert.equal(power.length, 13);
  const highest = power.indexOf(Math.max(...power.slice(1)));
  assert.equal(highest, 6);
  assert.ok(Math.abs(power[0]! - 0.25 * height * width) < 1e-9);
});

Deno.test("the ring measures refuse spectra and rings of other sizes", () => {
  const a = fourier(noise(12, 1), 3, 4), b = fourier(noise(12, 1), 4, 3);
  assert.throws(() => fourierRingCorrelation(a, b), /RangeError: `b` must be of 3x4: got 4x3/);
  assert.throws(() => radialPower(a, isotropicRings(4, 3)), /RangeError: `rings`.*3x4: got 4x3/);
});
