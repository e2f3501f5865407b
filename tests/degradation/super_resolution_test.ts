// The downsampling of super-resolution against the formula of its kernel, with repeated edges.
import assert from "node:assert/strict";
import { downsampled, superResolution } from "../../lib/degradation/mod.ts";
import { createImage, type Image, resample, type ResamplingKernel } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { applied, assertClose, chance, inner, misfitOf, transposed } from "./_operators.ts";

const sinc = (x: number) => x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);

/** The kernels as they are defined, each with the distance where it ends. */
const KERNELS: Record<ResamplingKernel, { ends: number; at(x: number): number }> = {
  lanczos2: { ends: 2, at: (x) => sinc(x) * sinc(x / 2) },
  lanczos3: { ends: 3, at: (x) => sinc(x) * sinc(x / 3) },
  // Keys (1981), a = -1/2.
  bicubic: {
    ends: 2,
    at: (x) => x <= 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2,
  },
  bilinear: { ends: 1, at: (x) => 1 - x },
  box: { ends: 0.5, at: () => 1 },
};

/** The small picture, pixel by pixel, from the large picture's pixels within the stretched kernel. */
function naive(large: Image, factor: number, kernel: ResamplingKernel): Float64Array {
  const { ends, at } = KERNELS[kernel];
  const { channels } = large, height = large.height / factor, width = large.width / factor;
  const small = new Float64Array(height * width * channels);
  const near = (centre: number) => {
    const found: { place: number; weight: number }[] = [];
    for (let place = -100; place < 400; place++) {
      const distance = Math.abs(place - centre) / factor;
      if (distance < ends) found.push({ place, weight: at(distance) });
    }
    return found;
  };
  const within = (place: number, size: number) => Math.min(Math.max(place, 0), size - 1);
  for (let y = 0; y < height; y++) {
    // The middle of the small pixel in the large picture, whose pixels lie at whole numbers.
    const rows = near((y + 0.5) * factor - 0.5);
    for (let x = 0; x < width; x++) {
      const columns = near((x + 0.5) * factor - 0.5);
      for (let c = 0; c < channels; c++) {
        let sum = 0, weights = 0;
        for (const row of rows) {
          for (const column of columns) {
            const pixel = within(row.place, large.height) * large.width +
              within(column.place, large.width);
            sum += row.weight * column.weight * large.data[pixel * channels + c]!;
            weights += row.weight * column.weight;
          }
        }
        small[(y * width + x) * channels + c] = sum / weights;
      }
    }
  }
  return small;
}

for (const kernel of ["lanczos2", "lanczos3", "bicubic", "bilinear", "box"] as const) {
  for (const [factor, channels] of [[2, 3], [3, 1], [4, 1], [8, 1]] as const) {
    Deno.test(`super-resolution by ${factor} with ${kernel} sums the kernel, edges repeated`, () => {
      const small = chance(5, 7, channels, 1);
      const problem = superResolution(small, factor, { kernel });
      const x = chance(5 * factor, 7 * factor, channels, 2);
      assertClose(applied(problem, x, small.data.length), naive(x, factor, kernel));
    });
  }
}

Deno.test("super-resolution's gradient is the transposed downsampling: <Ax, y> = <x, A'y>", () => {
  const cases = [[2, "lanczos2"], [3, "bicubic"], [4, "lanczos3"], [2, "bilinear"], [
    3,
    "box",
  ]] as const;
  for (const [factor, kernel] of cases) {
    const small = chance(6, 5, 3, 3), y = chance(6, 5, 3, 4), count = small.data.length;
    const problem = superResolution(small, factor, { kernel });
    const x = chance(6 * factor, 5 * factor, 3, 5);
    const forward = inner(applied(problem, x, count), y.data);
    const backward = inner(x.data, transposed(problem, y, count));
    assert.ok(Math.abs(forward - backward) < 1e-5 * Math.abs(forward), `${forward} ${backward}`);
  }
});

Deno.test("super-resolution's data term is the mean square of what is missing", () => {
  const small = chance(4, 4, 1, 6), x = chance(8, 8, 1, 7);
  const expected =
    naive(x, 2, "lanczos2").reduce((sum, value, i) => sum + (value - small.data[i]!) ** 2, 0) / 16;
  assertClose([misfitOf(superResolution(small, 2), x)], [expected]);
});

Deno.test("downsampled() makes what the forward operator makes of the same picture", () => {
  const { small, clean } = downsampled(chance(35, 26, 3, 8), 4);
  assert.deepEqual([clean.height, clean.width, small.height, small.width], [32, 24, 8, 6]);
  const expected = naive(clean, 4, "lanczos2").map((value) => Math.min(Math.max(value, 0), 1));
  assertClose(small.data, expected);
});

Deno.test("super-resolution has an initial estimate of the large size, with alpha and bit depth", () => {
  const { data } = chance(16, 17, 1, 9);
  const alpha = new Float32Array(16 * 17).fill(0.5);
  const small = createImage({ height: 16, width: 17, channels: 1, data, alpha, bitDepth: 16 });
  const { initialEstimate } = superResolution(small, 3);
  assert.deepEqual([initialEstimate.height, initialEstimate.width, initialEstimate.bitDepth], [
    48,
    51,
    16,
  ]);
  assert.equal(initialEstimate.alpha!.length, 48 * 51);
  assert.ok(initialEstimate.alpha!.every((value) => Math.abs(value - 0.5) < 1e-6));
});

Deno.test("superResolution() refuses a factor out of range", () => {
  for (const factor of [1, 2.5, 17, NaN]) {
    assert.throws(() => superResolution(chance(16, 16, 1, 1), factor), /`factor`/);
  }
});

Deno.test("the first level is at most five times the error of enlarging the small picture's half", () => {
  const levels = (at: (y: number, x: number) => number) => {
    const data = Float32Array.from({ length: 32 * 32 }, (_, i) => at(i >> 5, i % 32));
    const image = createImage({ height: 32, width: 32, channels: 1, data });
    return { image, levels: superResolution(image, 4).dataStep!.noiseLevels() };
  };
  // Pixels of random brightness: the usual levels.
  const { uniform } = random(1), usual = levels(() => uniform()).levels;
  assert.deepEqual(usual.map((level) => Math.round(level * 2550) / 10), [40, 6]);
  // A slow wave from 0 to 1.
  const wave = levels((y, x) => 0.5 + 0.5 * Math.sin(y / 8) * Math.cos(x / 8)), { image } = wave;
  const again = resample(resample(image, 16, 16, "lanczos2"), 32, 32), [first, last] = wave.levels;
  const square = image.data.reduce((sum, value, i) => sum + (value - again.data[i]!) ** 2, 0);
  assert.ok(first < 20 / 255);
  assert.ok(Math.abs(first - 5 * Math.sqrt(square / 1024)) < 1e-6);
  assert.ok(Math.abs(first / last - 40 / 6) < 1e-6);
});
