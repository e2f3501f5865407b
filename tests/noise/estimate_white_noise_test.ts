// estimateWhiteNoise() against the noise that was added.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { addGaussianNoise, createImage, crop, type Image, readImage } from "../../lib/image/mod.ts";
import { estimateWhiteNoise } from "../../lib/noise/mod.ts";
import { picture } from "../image/_fixtures.ts";

const PICTURES = ["astronaut.png", "camera.png", "cell.png", "chelsea.png", "coffee.png"];
const LEVELS = [5, 10, 15, 25, 35, 50, 75];

const shipped = (name: string) =>
  readImage(fileURLToPath(new URL(`../../data/${name}`, import.meta.url)));

/** Crops of 256x256: the upper left, the middle, the lower right. */
function crops(image: Image): Image[] {
  return [0, 0.5, 1].map((part) =>
    crop(
      image,
      Math.floor(part * (image.height - 256)),
      Math.floor(part * (image.width - 256)),
      256,
      256,
    )
  );
}

function flat(side: number, channels: 1 | 3, value: number): Image {
  const data = new Float32Array(side * side * channels).fill(value);
  return createImage({ height: side, width: side, channels, data });
}

/** How far the estimate is above the truth, as a part of it. */
function errorOf(noisy: Image, sigma: number): number {
  return estimateWhiteNoise(noisy) / sigma - 1;
}

for (const name of PICTURES) {
  for (const clip of [true, false]) {
    Deno.test(`estimateWhiteNoise() is within 10 % on ${name}, ${clip ? "" : "not "}clipped`, async () => {
      const clean = await shipped(name);
      for (const level of LEVELS) {
        const noisy = addGaussianNoise(clean, level / 255, level, { clip });
        for (const [i, part] of [noisy, ...crops(noisy)].entries()) {
          // Grass in focus: no quiet place, and the texture adds to weak noise.
          const texture = name === "camera.png" && i === 3 && level === 5;
          const error = errorOf(part, level / 255);
          const what = `${["whole", "upper left", "middle", "lower right"][i]}, ${level}: ${error}`;
          assert.ok(error > -0.1 && error < (texture ? 0.2 : 0.1), what);
        }
      }
    });
  }
}

Deno.test("estimateWhiteNoise() is within 10 % for a picture of 8 bits", async () => {
  for (const name of PICTURES) {
    const { data, ...rest } = addGaussianNoise(await shipped(name), 10 / 255, 1);
    const rounded = { ...rest, data: data.map((value) => Math.round(value * 255) / 255) };
    // Rounding adds a variance of 1/12 of a level's square.
    assert.ok(Math.abs(errorOf(rounded, Math.sqrt(10 ** 2 + 1 / 12) / 255)) < 0.1, name);
  }
});

Deno.test("estimateWhiteNoise() is within 10 % where highlights are blown", async () => {
  for (const name of PICTURES) {
    const { data, ...rest } = await shipped(name);
    const bright = { ...rest, data: data.map((value) => 1.6 * value) };
    assert.ok(Math.abs(errorOf(addGaussianNoise(bright, 25 / 255, 1), 25 / 255)) < 0.1, name);
  }
});

Deno.test("estimateWhiteNoise() grows with the noise", async () => {
  for (const name of PICTURES) {
    const [, clean] = crops(await shipped(name));
    const estimates = [0, ...LEVELS].map((level) =>
      estimateWhiteNoise(addGaussianNoise(clean!, level / 255, 1))
    );
    assert.deepEqual(estimates, estimates.toSorted((a, b) => a - b), name);
  }
});

Deno.test("estimateWhiteNoise() is deterministic and does not change its argument", () => {
  const noisy = addGaussianNoise(picture(64, 48, 3, { alpha: true }), 0.1, 1);
  const before = structuredClone(noisy);
  assert.equal(estimateWhiteNoise(noisy), estimateWhiteNoise(noisy));
  assert.deepEqual(noisy, before);
});

Deno.test("estimateWhiteNoise() is invariant to the order of channels and to transposition", () => {
  const noisy = addGaussianNoise(picture(96, 96, 3), 0.1, 1);
  const at = (y: number, x: number, c: number) => noisy.data[(y * 96 + x) * 3 + c]!;
  const turned = (sample: (y: number, x: number, c: number) => number) => ({
    ...noisy,
    data: noisy.data.map((_, i) => sample(Math.floor(i / 288), Math.floor(i / 3) % 96, i % 3)),
  });
  const expected = estimateWhiteNoise(noisy);
  for (const other of [turned((y, x, c) => at(y, x, 2 - c)), turned((y, x, c) => at(x, y, c))]) {
    assert.ok(Math.abs(estimateWhiteNoise(other) / expected - 1) < 1e-6);
  }
});

Deno.test("estimateWhiteNoise() treats a grey picture stored in colour as grey", () => {
  const grey = addGaussianNoise(picture(64, 64, 1), 0.1, 1);
  const data = Float32Array.from({ length: 64 * 64 * 3 }, (_, i) => grey.data[Math.floor(i / 3)]!);
  assert.equal(estimateWhiteNoise({ ...grey, channels: 3, data }), estimateWhiteNoise(grey));
});

Deno.test("estimateWhiteNoise() is 0 for a flat picture", () => {
  for (const channels of [1, 3] as const) {
    for (const value of [0, 0.3, 1, 1.7]) {
      assert.ok(estimateWhiteNoise(flat(64, channels, value)) < 1e-9, `${value}`);
    }
  }
});

Deno.test("estimateWhiteNoise() is within 10 % for flat pictures, black and white too", () => {
  for (const channels of [1, 3] as const) {
    for (const value of [0, 0.1, 0.5, 1]) {
      const noisy = addGaussianNoise(flat(128, channels, value), 25 / 255, 1);
      assert.ok(Math.abs(errorOf(noisy, 25 / 255)) < 0.1, `${value}`);
    }
  }
});

// So few patches scatter the eigenvalues, and the rule drops noise with the texture: the bias and
// the scatter of the documentation, five standard errors of 40 seeds apart.
for (const [channels, bias, scatter] of [[1, -0.05, 0.08], [3, -0.14, 0.09]] as const) {
  Deno.test(`estimateWhiteNoise() is biased as documented at 16x16x${channels}`, () => {
    const errors = Array.from(
      { length: 40 },
      (_, seed) => errorOf(addGaussianNoise(flat(16, channels, 0.5), 0.1, 100 + seed), 0.1),
    );
    const mean = errors.reduce((sum, error) => sum + error) / 40;
    assert.ok(Math.abs(mean - bias) < 5 * scatter / Math.sqrt(40), `${mean}`);
  });
}

Deno.test("estimateWhiteNoise() refuses pictures that are too small or have samples that are not finite", () => {
  assert.throws(
    () => estimateWhiteNoise(flat(15, 1, 0)),
    /RangeError: `image` must be at least 16x16/,
  );
  assert.throws(() => estimateWhiteNoise(flat(16, 1, NaN)), /RangeError: .*finite/);
});
