// blurriness() and sharpness() against the paper's code and against their definitions.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { crop, type Image, luminance, readImage } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { blurriness, sharpness } from "../../lib/stopping/mod.ts";
import { grey } from "./_runs.ts";

interface MeasuresFile {
  formula_images: {
    height: number;
    width: number;
    channels: 1 | 3;
    blurriness_a: number;
    blurriness_b: number;
    sharpness_a: number;
    sharpness_b: number;
  }[];
  pictures: {
    file: string;
    even_crop: [height: number, width: number];
    blurriness: number;
    sharpness: number;
    blurriness_block_mean: number;
    sharpness_block_mean: number;
  }[];
}

const golden: MeasuresFile = JSON.parse(
  await Deno.readTextFile(new URL("../golden/measures.json", import.meta.url)),
);

function near(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual / expected - 1) < 1e-6, `${what}: ${actual}, expected ${expected}`);
}

/** Image `k` of the golden file's formula, before clipping. */
function formula(h: number, w: number, channels: number, k: number): Float64Array {
  const { sin, cos, PI } = Math;
  return Float64Array.from({ length: h * w * channels }, (_, i) => {
    const j = i % channels, x = Math.floor(i / channels) % w, y = Math.floor(i / channels / w);
    return 0.5 + 0.22 * sin(2 * PI * (3 + k) * x / w + 0.7 * j) * cos(2 * PI * (2 + j) * y / h) +
      0.18 * sin(2 * PI * ((11 + k) * x + (7 + j) * y) / (w + h)) +
      0.08 * cos(2.3 * x * y / (h + w) + j);
  });
}

for (const measured of golden.formula_images) {
  const { height, width, channels } = measured, shape = { height, width, channels };
  Deno.test(`blurriness and sharpness are the paper's at ${height}x${width}x${channels}`, () => {
    const a = formula(height, width, channels, 0), other = formula(height, width, channels, 9);
    const b = a.map((value, i) => Math.min(Math.max(value + 0.15 * (other[i]! - 0.5), 0), 1));
    for (const [name, data] of [["a", a], ["b", b]] as const) {
      const image = luminance({ ...shape, data: Float32Array.from(data) });
      near(blurriness(image), measured[`blurriness_${name}`], `blurriness of ${name}`);
      near(sharpness(image), measured[`sharpness_${name}`], `sharpness of ${name}`);
    }
  });
}

/** Each 2x2 block replaced by its mean. */
function blockMeans({ height, width, channels, data, ...rest }: Image): Image {
  const means = data.map((_, i) => {
    const c = i % channels, x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    const at = (dy: number, dx: number) =>
      data[((y - y % 2 + dy) * width + x - x % 2 + dx) * channels + c]!;
    return (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4;
  });
  return { ...rest, height, width, channels, data: means };
}

for (const measured of golden.pictures) {
  Deno.test(`blurriness and sharpness of ${measured.file} are the paper's`, async () => {
    const whole = await readImage(
      fileURLToPath(new URL(`../../data/${measured.file}`, import.meta.url)),
    );
    const picture = crop(whole, 0, 0, ...measured.even_crop);
    const image = luminance(picture), blocks = luminance(blockMeans(picture));
    near(blurriness(image), measured.blurriness, "blurriness");
    near(sharpness(image), measured.sharpness, "sharpness");
    near(blurriness(blocks), measured.blurriness_block_mean, "blurriness of the block means");
    near(sharpness(blocks), measured.sharpness_block_mean, "sharpness of the block means");
  });
}

/** The definition, step by step: blur, differences, crops, one axis (`dy`, `dx`). */
function naiveBlurriness({ height, width, data }: Image): number {
  const pixel = (y: number, x: number) =>
    y < 0 || x < 0 || y >= height || x >= width ? 0 : data[y * width + x]!;
  const along = (dy: number, dx: number) => {
    const box = (y: number, x: number) => {
      let sum = 0;
      for (let k = -4; k <= 4; k++) sum += pixel(y + k * dy, x + k * dx) / 9;
      return sum;
    };
    let sumD = 0, sumV = 0;
    for (let y = 6; y < height - 5; y++) {
      for (let x = 6; x < width - 5; x++) {
        const sharp = Math.abs(pixel(y, x) - pixel(y - dy, x - dx));
        sumD += sharp;
        sumV += Math.max(0, sharp - Math.abs(box(y, x) - box(y - dy, x - dx)));
      }
    }
    return (sumD - sumV) / sumD;
  };
  return Math.max(along(0, 1), along(1, 0));
}

/** The definition with a full sort. */
function naiveSharpness({ height, width, data }: Image): number {
  const inner = (y: number, x: number) =>
    y < 2 || x < 2 || y > height - 2 || x > width - 2 ? 0 : data[y * width + x]!;
  const variations: number[] = [];
  for (let y = 2; y <= height - 2; y++) {
    for (let x = 2; x <= width - 2; x++) {
      const around = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [dy, dx] as const))
        .filter(([dy, dx]) => dy !== 0 || dx !== 0);
      variations.push(
        Math.max(...around.map(([dy, dx]) => inner(y + dy, x + dx) - inner(y, x))),
      );
    }
  }
  const weighted = variations.sort((a, b) => b - a).slice(0, 1001)
    .map((value, rank) => (value * Math.exp(-0.01 * rank)) ** 2).slice(2);
  return Math.sqrt(weighted.reduce((sum, value) => sum + value, 0) / weighted.length);
}

function randomGrey(height: number, width: number, seed: number): Image {
  const data = new Float32Array(height * width);
  random(seed).fillUniform(data, 0, 1);
  return grey(height, width, data);
}

Deno.test("blurriness and sharpness keep to their definitions down to the smallest sizes", () => {
  for (const [height, width] of [[12, 12], [13, 40], [16, 16], [17, 12], [64, 45]] as const) {
    for (const contrast of [1, 1e-3]) {
      const { data } = randomGrey(height, width, height);
      const image = grey(height, width, data.map((value) => 0.5 + contrast * (value - 0.5)));
      near(blurriness(image), naiveBlurriness(image), `blurriness at ${height}x${width}`);
      near(sharpness(image), naiveSharpness(image), `sharpness at ${height}x${width}`);
    }
  }
});

Deno.test("sharpness() is the definition's where many variations are equal or below zero", () => {
  const pictures = {
    checks: (i: number) => (i + Math.floor(i / 60)) % 2,
    "a slope": (i: number) => (i % 60) / 60,
    "rare dots": (i: number) => i % 97 === 0 ? 1 : 0.2,
    "rare holes": (i: number) => i % 397 === 0 ? 0 : 0.8,
    "one dot": (i: number) => i === 1234 ? 1 : 0,
  };
  for (const [name, value] of Object.entries(pictures)) {
    const image = grey(60, 60, Float32Array.from({ length: 3600 }, (_, i) => value(i)));
    near(sharpness(image), naiveSharpness(image), name);
  }
});

Deno.test("a box blur makes a picture blurrier and less sharp", () => {
  const image = randomGrey(64, 64, 1);
  const blurred = grey(64, 64, image.data.map((_, i) => (image.data[i]! + image.data[i ^ 1]!) / 2));
  assert.ok(blurriness(blurred) > blurriness(image));
  assert.ok(sharpness(blurred) < sharpness(image));
});

Deno.test("blurriness and sharpness are NaN where the crop leaves nothing", () => {
  assert.equal(blurriness(randomGrey(11, 64, 1)), NaN);
  assert.equal(blurriness(randomGrey(64, 11, 1)), NaN);
  for (const [height, width] of [[1, 1], [2, 9], [3, 9], [4, 4], [4, 5]] as const) {
    assert.equal(sharpness(randomGrey(height, width, 1)), NaN, `${height}x${width}`);
  }
  assert.ok(sharpness(randomGrey(4, 6, 1)) >= 0);
});

Deno.test("a flat picture has no blurriness and no sharpness", () => {
  const flat = grey(32, 32, new Float32Array(1024).fill(0.25));
  assert.equal(blurriness(flat), NaN);
  assert.equal(sharpness(flat), 0);
});

Deno.test("stripes have the blurriness of the axis across them", () => {
  const stripes = (across: (i: number) => number) =>
    grey(32, 32, Float32Array.from({ length: 1024 }, (_, i) => Math.floor(across(i) / 2) % 2));
  const upright = blurriness(stripes((i) => i % 32));
  assert.ok(upright > 0 && upright < 1);
  assert.equal(blurriness(stripes((i) => Math.floor(i / 32))), upright);
});

Deno.test("blurriness() and sharpness() refuse colours", () => {
  const colour: Image = { height: 16, width: 16, channels: 3, data: new Float32Array(768) };
  assert.throws(() => blurriness(colour), { name: "RangeError", message: /`grey`/ });
  assert.throws(() => sharpness(colour), { name: "RangeError", message: /`grey`/ });
});
