// enlarge() against its formula, and how sharp's enlargement differs.
import assert from "node:assert/strict";
import fc from "fast-check";
import sharp from "sharp";
import { enlarge, type EnlargeOptions } from "../../lib/baseline/mod.ts";
import type { Image } from "../../lib/image/mod.ts";
import { constant, largestDifference, waves, withAlpha } from "./_pictures.ts";

const KERNELS: EnlargeOptions["kernel"][] = ["bicubic", "lanczos3"];

const sinc = (x: number) => x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);

/** The kernels as their authors define them. */
const FORMULAS = {
  bicubic(x: number) {
    const d = Math.abs(x), a = -0.5;
    if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
    return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
  },
  lanczos3: (x: number) => Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0,
};

/** Every new sample as the mean of all old ones, edges repeated, the kernel's weight that of rows times columns. */
function naive({ height, width, channels, data }: Image, factor: number, k: (x: number) => number) {
  const result: number[] = [];
  for (let i = 0; i < height * factor; i++) {
    for (let j = 0; j < width * factor; j++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0, weights = 0;
        for (let y = -4; y < height + 4; y++) {
          for (let x = -4; x < width + 4; x++) {
            const weight = k((i + 0.5) / factor - 0.5 - y) * k((j + 0.5) / factor - 0.5 - x);
            const row = Math.min(Math.max(y, 0), height - 1);
            const column = Math.min(Math.max(x, 0), width - 1);
            weights += weight;
            sum += weight * data[(row * width + column) * channels + c]!;
          }
        }
        result.push(sum / weights);
      }
    }
  }
  return result;
}

/** The centre of gravity of what lies above the picture's first value, in pixels. */
function centroid({ height, width, data }: Image): [number, number] {
  let mass = 0, down = 0, across = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = data[y * width + x]! - data[0]!;
      mass += value;
      down += value * y;
      across += value * x;
    }
  }
  return [down / mass, across / mass];
}

function impulse(size: number): Image {
  const image = constant(size, size, 1, 0.4);
  image.data[(size * size - 1) / 2] = 0.6;
  return image;
}

Deno.test("enlarge() is the formula, by any factor, grey and RGB, sides odd and small", () => {
  for (const kernel of KERNELS) {
    for (const [height, width, channels] of [[7, 5, 1], [4, 9, 3], [1, 6, 1], [2, 1, 3]] as const) {
      for (const factor of [1, 2, 3, 4]) {
        const image = waves(height, width, channels);
        const large = enlarge(image, factor, { kernel });
        assert.deepEqual([large.height, large.width], [height * factor, width * factor]);
        const expected = naive(image, factor, FORMULAS[kernel]);
        assert.ok(largestDifference(large.data, expected) < 1e-6, `${kernel} x${factor}`);
      }
    }
  }
});

Deno.test("enlarge() shifts nothing: an impulse stays in the middle", () => {
  for (const kernel of KERNELS) {
    for (const factor of [2, 3, 4, 8]) {
      const centre = (17 * factor - 1) / 2;
      for (const at of centroid(enlarge(impulse(17), factor, { kernel }))) {
        assert.ok(Math.abs(at - centre) < 1e-3, `${kernel} x${factor}: ${at}, expected ${centre}`);
      }
    }
  }
});

Deno.test("sharp's enlargement is shifted and has one kernel, so enlarge() does not use it", async () => {
  const size = 17, factor = 2;
  const levels = Uint16Array.from(impulse(size).data, (value) => Math.round(value * 65535));
  const enlarged = async (kernel: "cubic" | "lanczos3") => {
    const bytes = await sharp(levels, { raw: { height: size, width: size, channels: 1 } })
      .pipelineColourspace("grey16").toColourspace("grey16")
      .resize({ height: size * factor, width: size * factor, kernel, fit: "fill" })
      .raw({ depth: "ushort" }).toBuffer();
    return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  };
  const cubic = await enlarged("cubic");
  assert.deepEqual(await enlarged("lanczos3"), cubic);
  const data = Float32Array.from(cubic, (level) => level / 65535);
  const [down] = centroid({ height: 2 * size, width: 2 * size, channels: 1, data });
  assert.ok(Math.abs(down - ((size * factor - 1) / 2 + 0.5)) < 1e-3, `${down}`);
});

Deno.test("enlarge() keeps constants, is linear, and leaves its argument as it was", () => {
  const shape = fc.record({
    height: fc.integer({ min: 1, max: 8 }),
    width: fc.integer({ min: 1, max: 8 }),
    channels: fc.constantFrom(1 as const, 3 as const),
    factor: fc.integer({ min: 1, max: 4 }),
    kernel: fc.constantFrom(...KERNELS),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(fc.property(shape, ({ height, width, channels, factor, kernel, part }) => {
    const even = enlarge(constant(height, width, channels, part), factor, { kernel });
    assert.ok(even.data.every((value) => Math.abs(value - part) < 1e-6));

    const a = waves(height, width, channels), before = a.data.slice();
    const b = { ...a, data: a.data.map((value, i) => 0.5 + (value - 0.5) * Math.cos(i)) };
    const mixed = { ...a, data: a.data.map((value, i) => part * value + (1 - part) * b.data[i]!) };
    const [ea, eb, em] = [a, b, mixed].map((image) => enlarge(image, factor, { kernel }));
    const expected = ea!.data.map((value, i) => part * value + (1 - part) * eb!.data[i]!);
    assert.ok(largestDifference(em!.data, expected) < 1e-6);
    assert.deepEqual(a.data, before);
  }));
});

Deno.test("enlarge() clips overshoot, enlarges alpha and keeps the bit depth", () => {
  const image = withAlpha(waves(6, 5, 3));
  image.data.forEach((value, i) => image.data[i] = value > 0.5 ? 1 : 0);
  for (const kernel of KERNELS) {
    const large = enlarge(image, 2, { kernel });
    assert.ok(large.data.every((value) => value >= 0 && value <= 1));
    assert.equal(large.bitDepth, 16);
    const grey = { height: 6, width: 5, channels: 1, data: image.alpha! } as const;
    assert.deepEqual(large.alpha, enlarge(grey, 2, { kernel }).data);
  }
});

Deno.test("enlarge() names the invalid argument", () => {
  const image = waves(4, 4, 1);
  for (const factor of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => enlarge(image, factor, { kernel: "bicubic" }), /RangeError: `factor`/);
  }
  for (const kernel of ["nearest", "toString"]) {
    assert.throws(() => enlarge(image, 2, { kernel: kernel as "bicubic" }), /RangeError: `kernel`/);
  }
  const cut = { ...image, data: image.data.slice(1) };
  assert.throws(() => enlarge(cut, 2, { kernel: "bicubic" }), /RangeError: `data`/);
  const hole = { ...image, data: image.data.map((value, i) => i === 3 ? NaN : value) };
  assert.throws(() => enlarge(hole, 2, { kernel: "bicubic" }), /RangeError: `image`/);
});
