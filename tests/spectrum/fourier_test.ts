// fourier() and inverseFourier() against the transform's definition and its identities.
import assert from "node:assert/strict";
import fc from "fast-check";
import { fourier, inverseFourier, type Spectrum } from "../../lib/spectrum/mod.ts";
import { close, naiveFourier, noise } from "./_planes.ts";

const SIZES = [
  ...[[1, 1], [1, 2], [2, 1], [1, 3], [1, 17], [23, 1], [2, 2], [3, 3], [5, 7], [8, 6]],
  ...[[16, 16], [15, 32], [31, 17], [64, 5], [63, 50]],
] as [number, number][];

for (const [height, width] of SIZES) {
  Deno.test(`fourier() is the transform's definition on ${height}x${width}`, () => {
    const plane = noise(height * width, 1);
    const { real, imaginary } = naiveFourier(plane, height, width);
    const spectrum = fourier(plane, height, width);
    const { columns } = spectrum;
    assert.equal(columns, Math.floor(width / 2) + 1);
    const half = (whole: Float64Array) => whole.filter((_, i) => i % width < columns);
    const scale = Math.max(...real.map(Math.abs), ...imaginary.map(Math.abs));
    close(spectrum.real, half(real), 1e-12 * scale, "real part");
    close(spectrum.imaginary, half(imaginary), 1e-12 * scale, "imaginary part");
    close(inverseFourier(spectrum), plane, 1e-12, "plane");
  });
}

const side = fc.integer({ min: 1, max: 40 });
const size = fc.record({ height: side, width: side, seed: fc.nat() });
const check = (property: (height: number, width: number, seed: number) => void) =>
  fc.assert(
    fc.property(size, ({ height, width, seed }) => property(height, width, seed)),
    { numRuns: 60, seed: 1 },
  );

Deno.test("fourier() is linear", () => {
  check((height, width, seed) => {
    const a = noise(height * width, seed), b = noise(height * width, seed + 1);
    const sum = fourier(a.map((value, i) => 3 * value - 0.5 * b[i]!), height, width);
    const fa = fourier(a, height, width), fb = fourier(b, height, width);
    close(sum.real, fa.real.map((value, i) => 3 * value - 0.5 * fb.real[i]!), 1e-10);
    close(sum.imaginary, fa.imaginary.map((value, i) => 3 * value - 0.5 * fb.imaginary[i]!), 1e-10);
  });
});

Deno.test("fourier() keeps the power, counting the mirrored half", () => {
  check((height, width, seed) => {
    const plane = noise(height * width, seed);
    const { columns, real, imaginary } = fourier(plane, height, width);
    let power = 0;
    for (let i = 0; i < real.length; i++) {
      const k = i % columns, copies = k === 0 || k === width - k ? 1 : 2;
      power += copies * (real[i]! ** 2 + imaginary[i]! ** 2);
    }
    const squares = plane.reduce((sum, value) => sum + value ** 2, 0);
    assert.ok(Math.abs(power / (height * width) - squares) <= 1e-12 * squares);
  });
});

Deno.test("fourier() of a shifted plane turns the phases in proportion to the frequency", () => {
  check((height, width, seed) => {
    const dy = seed % height, dx = (seed >> 8) % width;
    const plane = noise(height * width, seed);
    const shifted = plane.map((_, i) => {
      const y = (Math.floor(i / width) + dy) % height, x = (i % width + dx) % width;
      return plane[y * width + x]!;
    });
    const { columns, real, imaginary } = fourier(plane, height, width);
    const turned = (i: number, shift: number) => {
      const angle = 2 * Math.PI *
        (Math.floor(i / columns) * dy / height + i % columns * dx / width);
      return real[i]! * Math.cos(angle + shift) - imaginary[i]! * Math.sin(angle + shift);
    };
    const spectrum = fourier(shifted, height, width);
    close(spectrum.real, real.map((_, i) => turned(i, 0)), 1e-9);
    close(spectrum.imaginary, real.map((_, i) => turned(i, -Math.PI / 2)), 1e-9);
  });
});

Deno.test("inverseFourier() undoes fourier() and leaves the spectrum as it is", () => {
  check((height, width, seed) => {
    const plane = noise(height * width, seed);
    const spectrum = fourier(plane, height, width);
    const real = spectrum.real.slice(), imaginary = spectrum.imaginary.slice();
    close(inverseFourier(spectrum), plane, 1e-12);
    assert.deepEqual([spectrum.real, spectrum.imaginary], [real, imaginary]);
  });
});

Deno.test("inverseFourier() takes the mean where a spectrum contradicts its mirror image", () => {
  const [height, width] = [8, 6];
  const spectrum = fourier(new Float64Array(height * width), height, width);
  // Row 1 of the first and the last column without their mirror images in row 7: half of
  // 2 cos(2 pi y / 8) and of the same times (-1)^x.
  spectrum.real[spectrum.columns] = spectrum.real[2 * spectrum.columns - 1] = height * width;
  const wave = Float64Array.from(
    { length: height * width },
    (_, i) => Math.cos(2 * Math.PI * Math.floor(i / width) / height) * (1 + (-1) ** (i % width)),
  );
  close(inverseFourier(spectrum), wave, 1e-12);
});

Deno.test("fourier() overwrites the spectrum it is given, and no other", () => {
  const a = noise(35, 1), b = noise(35, 2);
  const kept = fourier(a, 5, 7), into = fourier(a, 5, 7);
  const result: Spectrum = fourier(b, 5, 7, into);
  assert.equal(result, into);
  assert.deepEqual(into, fourier(b, 5, 7));
  assert.deepEqual(kept, fourier(a, 5, 7));
});

Deno.test("fourier() reads single precision and plain arrays", () => {
  const values = [0.5, -1, 2, 0.25, 8, 3];
  assert.deepEqual(fourier(Float32Array.from(values), 2, 3), fourier(values, 2, 3));
});

Deno.test("fourier() is accurate on sides that are large primes", () => {
  const [height, width] = [1, 1009];
  const plane = noise(width, 3);
  const { real, imaginary } = naiveFourier(plane, height, width);
  const spectrum = fourier(plane, height, width);
  close(spectrum.real, real.subarray(0, 505), 1e-10);
  close(spectrum.imaginary, imaginary.subarray(0, 505), 1e-10);
});

Deno.test("fourier() refuses sizes that do not match", () => {
  const message = (call: () => unknown, pattern: RegExp) =>
    assert.throws(call, (error) => error instanceof RangeError && pattern.test(error.message));
  message(() => fourier([1, 2, 3], 2, 2), /`plane` must hold 2x2 numbers: got 3/);
  message(() => fourier([], 0, 2), /`height`.*got 0/);
  message(() => fourier([1], 1, 1.5), /`width`.*got 1.5/);
  const transposed = fourier([1, 2, 3, 4, 5, 6], 3, 2);
  message(() => fourier([1, 2, 3, 4, 5, 6], 2, 3, transposed), /`into` must be of 2x3: got 3x2/);
});
