// Stripes removed from real pictures, compared with subtracting the means of rows.
import assert from "node:assert/strict";
import { addStripeNoise } from "../../lib/degradation/mod.ts";
import { addGaussianNoise, crop, type Image, psnr, readImage } from "../../lib/image/mod.ts";
import { findStripes, removeStripes } from "../../lib/noise/mod.ts";

const turned = ({ height, width, channels, data }: Image): Image => ({
  ...{ height: width, width: height, channels },
  data: data.map((_, i) => {
    const c = i % channels, pixel = Math.floor(i / channels);
    const y = Math.floor(pixel / height), x = pixel % height;
    return data[(x * width + y) * channels + c]!;
  }),
});

/** Subtracts from each column what its mean differs by from the mean of the 15 around it. */
function withoutMeans({ height, width, channels, data, ...rest }: Image): Image {
  const means = Array.from({ length: width * channels }, (_, i) => {
    let sum = 0;
    for (let y = 0; y < height; y++) sum += data[y * width * channels + i]!;
    return sum / height;
  });
  const at = (x: number, c: number) =>
    means[
      Math.min(Math.max(x < 0 ? -x - 1 : x >= width ? 2 * width - x - 1 : x, 0), width - 1) *
        channels + c
    ]!;
  const off = means.map((mean, i) => {
    const c = i % channels, x = Math.floor(i / channels);
    let around = 0;
    for (let k = -7; k <= 7; k++) around += at(x + k, c) / 15;
    return mean - around;
  });
  const left = data.map((value, i) => value - off[i % (width * channels)]!);
  return { height, width, channels, ...rest, data: left };
}

for (const name of ["camera", "chelsea", "coffee", "cell"]) {
  Deno.test(`stripes are removed from ${name} better than by row means, along either axis`, async () => {
    const clean = crop(await readImage(`data/${name}.png`), 20, 80, 192, 192);
    for (const level of [3, 12]) {
      const noisy = addStripeNoise(clean, level / 255, 1),
        simple = psnr(withoutMeans(noisy), clean);
      const columns = removeStripes(noisy), rows = removeStripes(turned(noisy));
      assert.deepEqual([columns.along, rows.along], ["columns", "rows"]);
      for (const [image, to] of [[columns.image, clean], [rows.image, turned(clean)]] as const) {
        const reached = psnr(image, to);
        assert.ok(reached > simple, `${level}: ${reached}, by means ${simple}`);
      }
      // Weak stripes are believed less than the picture.
      const found = columns.sigma * 255;
      assert.ok(found > 0.4 * level && found < 1.2 * level, `${level}: ${found}`);
    }
  });
}

Deno.test("a picture without stripes is hardly changed, and one of one colour not at all", async () => {
  for (const name of ["camera", "chelsea"]) {
    const clean = await readImage(`data/${name}.png`);
    assert.ok(psnr(removeStripes(clean).image, clean) > 55);
  }
  const data = new Float32Array(400).fill(0.5);
  const flat = { height: 20, width: 20, channels: 1, data } as const;
  assert.deepEqual(removeStripes(flat).image.data, data);
});

Deno.test("stripes are detected along either axis, with noise and without, and only where there are some", async () => {
  for (const name of ["astronaut", "camera", "chelsea", "coffee", "cell"]) {
    const clean = await readImage(`data/${name}.png`);
    for (const noise of [0, 5, 25]) {
      const plain = noise > 0 ? addGaussianNoise(clean, noise / 255, 2) : clean;
      assert.equal(findStripes(plain), undefined, `${name}, noise ${noise}`);
      const striped = addStripeNoise(plain, Math.max(noise, 8) / 255, 1);
      assert.equal(findStripes(striped), "columns", `${name}, noise ${noise}`);
      assert.equal(findStripes(turned(striped)), "rows", `${name}, noise ${noise}`);
    }
  }
});

Deno.test("bars, a ramp and a checkerboard are not stripes", () => {
  const drawn = (valueAt: (x: number, y: number) => number): Image => ({
    ...{ height: 96, width: 96, channels: 1 },
    data: Float32Array.from({ length: 96 * 96 }, (_, i) => valueAt(i % 96, Math.floor(i / 96))),
  });
  // Bars of a code are 2 to 5 pixels wide.
  const code = Array.from({ length: 96 }, (_, x) =>
    [..."2352423534252324"].reduce(
      ({ end, bar }, digit) => end > x ? { end, bar } : { end: end + Number(digit), bar: 1 - bar },
      { end: 0, bar: 0 },
    ).bar);
  for (
    const picture of [
      drawn((x) => code[x]!),
      drawn((x) => x / 95),
      drawn((x) => Math.round(255 * x / 95) / 255),
      drawn((x, y) => (Math.floor(x / 8) + Math.floor(y / 8)) % 2),
      drawn((x) => 0.5 + 0.4 * Math.sin(x)),
      drawn(() => 0.5),
    ]
  ) assert.equal(findStripes(picture), undefined);
});
