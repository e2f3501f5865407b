// gaussianFilter() and medianFilter() against the plain formulas.
import assert from "node:assert/strict";
import { gaussianFilter, medianFilter } from "../../lib/baseline/mod.ts";
import { addGaussianNoise, type Image, psnr } from "../../lib/image/mod.ts";
import { constant, largestDifference, SIGMA, square, waves, withAlpha } from "./_pictures.ts";

const clamp = (value: number, most: number) => Math.min(Math.max(value, 0), most);

/** Each sample as a function of the square around it, edge pixels repeated. */
function overSquares(
  { height, width, channels, data }: Image,
  radius: number,
  of: (values: { value: number; down: number; across: number }[]) => number,
): number[] {
  return Array.from(data, (_, i) => {
    const c = i % channels, x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    const values = [];
    for (let down = -radius; down <= radius; down++) {
      for (let across = -radius; across <= radius; across++) {
        const row = clamp(y + down, height - 1), column = clamp(x + across, width - 1);
        values.push({ value: data[(row * width + column) * channels + c]!, down, across });
      }
    }
    return of(values);
  });
}

const gaussian = (image: Image, sigma: number) =>
  overSquares(image, Math.ceil(6 * sigma), (values) => {
    let sum = 0, weights = 0;
    for (const { value, down, across } of values) {
      const weight = Math.exp(-(down ** 2 + across ** 2) / (2 * sigma ** 2));
      sum += weight * value;
      weights += weight;
    }
    return sum / weights;
  });

const median = (image: Image, size: number) =>
  overSquares(image, (size - 1) / 2, (values) => {
    const sorted = values.map(({ value }) => value).sort((a, b) => a - b);
    return sorted[(sorted.length - 1) / 2]!;
  });

const SHAPES: [number, number, 1 | 3][] = [[9, 7, 1], [8, 11, 3], [1, 6, 1], [3, 2, 3]];

Deno.test("gaussianFilter() is the formula within 0.001", async () => {
  for (const shape of SHAPES) {
    const image = waves(...shape);
    for (const sigma of [0.3, 0.5, 0.8, 1, 1.7, 3]) {
      const { data } = await gaussianFilter(image, sigma);
      const error = largestDifference(data, gaussian(image, sigma));
      assert.ok(error < 1e-3, `${shape}, sigma ${sigma}: ${error}`);
    }
  }
});

Deno.test("gaussianFilter() of an impulse, the worst case, is within 0.001 and not shifted", async () => {
  const image = constant(25, 25, 1, 0);
  image.data[12 * 25 + 12] = 1;
  for (const sigma of [0.3, 0.4, 0.5, 0.6, 0.8, 1, 2]) {
    const { data } = await gaussianFilter(image, sigma);
    const error = largestDifference(data, gaussian(image, sigma));
    assert.ok(error < 1e-3, `sigma ${sigma}: ${error}`);
    assert.deepEqual(data, data.toReversed(), `sigma ${sigma}`);
  }
});

Deno.test("medianFilter() is the formula to half a level of 16 bits", async () => {
  for (const shape of SHAPES) {
    const image = waves(...shape);
    for (const size of [1, 3, 5, 7]) {
      if (size > Math.min(shape[0], shape[1])) continue;
      const { data } = await medianFilter(image, size);
      const error = largestDifference(data, median(image, size));
      assert.ok(error < 0.51 / 65535, `${shape}, size ${size}: ${error}`);
    }
  }
});

Deno.test("the filters keep constants, alpha and bit depth, and leave their argument as it was", async () => {
  for (const channels of [1, 3] as const) {
    const filters = [
      (image: Image) => gaussianFilter(image, 1.2),
      (image: Image) => medianFilter(image, 3),
    ];
    for (const filter of filters) {
      const even = await filter(constant(5, 4, channels, 0.3));
      assert.ok(even.data.every((value) => Math.abs(value - 0.3) < 1e-4));
      const image = withAlpha(waves(5, 7, channels)), before = structuredClone(image);
      const result = await filter(image);
      assert.deepEqual({ ...result, data: before.data }, before);
      assert.deepEqual(image, before);
    }
  }
});

Deno.test("the filters improve a noisy picture", async () => {
  for (const name of ["camera", "coffee"] as const) {
    const clean = await square(name), noisy = addGaussianNoise(clean, SIGMA, 1);
    const before = psnr(noisy, clean);
    assert.ok(psnr(await gaussianFilter(noisy, 0.8), clean) > before + 4);
    assert.ok(psnr(await medianFilter(noisy, 3), clean) > before + 3);
  }
});

Deno.test("the filters name the invalid argument", async () => {
  const image = waves(4, 4, 1);
  for (const sigma of [0, 0.29, -1, 1001, NaN]) {
    await assert.rejects(gaussianFilter(image, sigma), /RangeError: `sigma`/);
  }
  for (const size of [0, 2, 5, 1001, 1.5, NaN]) {
    await assert.rejects(medianFilter(image, size), /RangeError: `size`/);
  }
  const hole = { ...image, data: image.data.map(() => NaN) };
  await assert.rejects(medianFilter(hole, 3), /RangeError: `image`/);
  await assert.rejects(gaussianFilter({ ...image, width: 3 }, 1), /RangeError: `data`/);
});
