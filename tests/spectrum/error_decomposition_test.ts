// errorDecomposition(): its parts add up, and constructed errors are separated correctly.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Image } from "../../lib/image/mod.ts";
import {
  type ErrorDecomposition,
  errorDecomposition,
  fourier,
  isotropicRings,
  paperRings,
  spectraOf,
} from "../../lib/spectrum/mod.ts";
import { close, filtered, mean, noise, randomImage } from "./_planes.ts";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** `a A + b B` sample by sample, which multiples of 1/1024 and few bits in `a` and `b` keep exact. */
const combine = (a: number, imageA: Image, b: number, imageB: Image): Image => ({
  ...imageA,
  data: imageA.data.map((value, i) => a * value + b * imageB.data[i]!),
});

/** The mean square error in float64; a Float32Array's own `map` would round the squares. */
function mse(a: Image, b: Image): number {
  return mean(Array.from(a.data, (value, i) => (value - b.data[i]!) ** 2));
}

function checkSums(account: ErrorDecomposition, expected: number): void {
  const { signal, noise, cross, remainder, total } = account;
  const parts = signal.map((value, i) => value + noise[i]! + cross[i]! + remainder[i]!);
  close(parts, total, 1e-12 * sum(total), "ring");
  assert.ok(Math.abs(sum(parts) - expected) <= 1e-9 * expected, `${sum(parts)}, not ${expected}`);
  for (const value of [...signal, ...noise, ...remainder]) assert.ok(value >= 0);
}

Deno.test("errorDecomposition() adds up to the mean square error on pictures of every size", () => {
  const side = fc.integer({ min: 1, max: 33 });
  fc.assert(
    fc.property(side, side, fc.constantFrom(1, 3), fc.nat(), (height, width, channels, seed) => {
      const [clean, observed, output] = [0, 1, 2].map((i) =>
        randomImage(height, width, channels, seed + i)
      ) as [Image, Image, Image];
      checkSums(errorDecomposition(clean, observed)(output), mse(output, clean));
      checkSums(errorDecomposition(clean, clean)(output), mse(output, clean));
      checkSums(errorDecomposition(clean, observed)(observed), mse(observed, clean));
    }),
    { numRuns: 50, seed: 1 },
  );
});

for (const channels of [1, 3] as const) {
  const [height, width] = [30, 41];
  const clean = randomImage(height, width, channels, 1);
  const noises = combine(1, randomImage(height, width, channels, 2), -0.5, {
    ...clean,
    data: new Float32Array(clean.data.length).fill(1),
  });
  const observed = combine(1, clean, 1, noises);
  const rings = isotropicRings(height, width);
  const account = errorDecomposition(clean, observed, rings);
  const count = rings.sizes.length;
  const all = (value: number) => Array<number>(count).fill(value);
  /** The mean square of each ring of a picture. */
  const powers = (image: Image) => {
    const spectra = spectraOf(image);
    return rings.sizes.map((_, ring) =>
      mean(
        spectra.map((spectrum) =>
          mean(filtered(spectrum, (i) => rings.of[i] === ring).map((value) => value ** 2))
        ),
      )
    );
  };

  Deno.test(`errorDecomposition() separates missing signal and learned noise, ${channels} channels`, () => {
    const u = 0.25, v = 0.375;
    const parts = account(combine(1 - u, clean, v, noises));
    close(parts.signalGain, all(1 - u), 1e-12);
    close(parts.noiseGain, all(v), 1e-12);
    close(parts.signal, powers(clean).map((power) => u * u * power), 1e-12);
    close(parts.noise, powers(noises).map((power) => v * v * power), 1e-12);
    close(parts.remainder, all(0), 1e-12);
    checkSums(parts, mse(combine(1 - u, clean, v, noises), clean));
  });

  Deno.test(`errorDecomposition() of (1 - u) X is signal alone, ${channels} channels`, () => {
    const parts = account(combine(0.75, clean, 0, clean));
    close(parts.signal, powers(clean).map((power) => power / 16), 1e-12);
    for (const part of [parts.noise, parts.cross, parts.remainder]) close(part, all(0), 1e-12);
    close(parts.noiseGain, all(0), 1e-12);
  });

  Deno.test(`errorDecomposition() of the clean picture is 0, of the noisy one noise, ${channels} channels`, () => {
    const none = account(clean);
    for (const part of ["signal", "noise", "cross", "remainder", "total", "noiseGain"] as const) {
      close(none[part], all(0), 0);
    }
    close(none.signalGain, all(1), 0);
    const noisy = account(observed);
    close(noisy.noise, powers(noises), 1e-12);
    close(noisy.noiseGain, all(1), 1e-12);
    close(noisy.signalGain, all(1), 1e-12);
  });

  Deno.test(`errorDecomposition() leaves a remainder at right angles to signal and noise, ${channels} channels`, () => {
    const output = randomImage(height, width, channels, 3);
    const parts = account(output);
    const [e, x, n] = [combine(1, output, -1, clean), clean, noises].map((image) =>
      spectraOf(image)
    );
    for (let ring = 0; ring < count; ring++) {
      const u = 1 - parts.signalGain[ring]!, v = parts.noiseGain[ring]!;
      let rx = 0, rn = 0, rr = 0;
      for (let c = 0; c < channels; c++) {
        const band = (spectra: typeof e) => filtered(spectra![c]!, (i) => rings.of[i] === ring);
        const [be, bx, bn] = [band(e), band(x), band(n)];
        be.forEach((value, i) => {
          const r = value + u * bx[i]! - v * bn[i]!;
          rx += r * bx[i]!;
          rn += r * bn[i]!;
          rr += r * r;
        });
      }
      const samples = height * width * channels;
      close([rx / samples, rn / samples], [0, 0], 1e-12);
      close([rr / samples], [parts.remainder[ring]!], 1e-12);
    }
  });
}

Deno.test("errorDecomposition() finds noise that was learned in one ring only", () => {
  const [height, width] = [45, 32], rings = isotropicRings(height, width);
  const clean = randomImage(height, width, 1, 1);
  const n = noise(height * width, 2).map((value) => 0.1 * value);
  const band = filtered(fourier(n, height, width), (i) => rings.of[i] === 3);
  const image = (data: Float64Array): Image => ({ ...clean, data: Float32Array.from(data) });
  const observed = image(n.map((value, i) => clean.data[i]! + value));
  const output = image(band.map((value, i) => clean.data[i]! + 0.4 * value));
  const parts = errorDecomposition(clean, observed)(output);
  // The pictures are rounded to float32, by 3e-8 a sample.
  close(parts.noiseGain, [0, 0, 0, 0.4, 0], 1e-6);
  close(parts.signalGain, [1, 1, 1, 1, 1], 1e-6);
  const learned = 0.16 * mean(band.map((value) => value ** 2));
  close(parts.noise, [0, 0, 0, learned, 0], 1e-7 * learned);
  close(parts.remainder, [0, 0, 0, 0, 0], 1e-7 * learned);
});

Deno.test("errorDecomposition() projects on what there is", () => {
  const clean = randomImage(20, 20, 3, 1), output = randomImage(20, 20, 3, 2);
  const black = { ...clean, data: new Float32Array(clean.data.length) };

  const noiseless = errorDecomposition(clean, clean)(output);
  close(noiseless.noiseGain, [0, 0, 0, 0, 0], 0);
  assert.ok(noiseless.signal.every((value) => value > 0));

  const signalless = errorDecomposition(black, clean)(output);
  close(signalless.signalGain, [1, 1, 1, 1, 1], 0);
  assert.ok(signalless.noise.every((value) => value > 0));

  // Observed with less contrast: what is missing is a matter of the signal.
  const faded = combine(0.625, clean, 0, clean);
  const collinear = errorDecomposition(clean, faded)(faded);
  close(collinear.signalGain, Array<number>(5).fill(0.625), 1e-12);
  close(collinear.noiseGain, [0, 0, 0, 0, 0], 0);

  const nothing = errorDecomposition(black, black)(output);
  close(nothing.remainder, nothing.total, 0);
  checkSums(nothing, mse(output, black));
});

Deno.test("errorDecomposition() ignores the rounding of a flat picture", () => {
  // 21x30 goes through Bluestein's algorithm, which leaves 1e-16 where there should be 0.
  const flat: Image = { ...randomImage(21, 30, 1, 1), data: new Float32Array(630).fill(0.7) };
  const observed = randomImage(21, 30, 1, 2);
  const { signal, signalGain } = errorDecomposition(flat, observed)(randomImage(21, 30, 1, 3));
  close(signal.slice(1), [0, 0, 0, 0], 0);
  close(signalGain.slice(1), [1, 1, 1, 1], 0);
});

Deno.test("errorDecomposition() uses the given rings", () => {
  const [clean, observed, output] = [1, 2, 3].map((seed) => randomImage(32, 32, 1, seed)) as [
    Image,
    Image,
    Image,
  ];
  const one = errorDecomposition(clean, observed, isotropicRings(32, 32, 1))(output);
  assert.equal(one.total.length, 1);
  checkSums(one, mse(output, clean));
  const paper = errorDecomposition(clean, observed, paperRings(32, 32))(output);
  assert.ok(sum(paper.total) < one.total[0]!);
});

Deno.test("errorDecomposition() refuses pictures and rings of other shapes", () => {
  const clean = randomImage(6, 8, 3, 1), other = randomImage(8, 6, 3, 1);
  const grey = randomImage(6, 8, 1, 1);
  assert.throws(() => errorDecomposition(clean, other), /RangeError: `observed`.*6x8x3: got 8x6x3/);
  assert.throws(
    () => errorDecomposition(clean, clean)(grey),
    /RangeError: `output`.*6x8x3: got 6x8x1/,
  );
  assert.throws(
    () => errorDecomposition(clean, clean, isotropicRings(8, 6)),
    /RangeError: `rings`.*6x8: got 8x6/,
  );
});
