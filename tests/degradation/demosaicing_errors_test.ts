// Pictures behind a camera's colour filter: their detection, and how far enlargement trusts them.
import assert from "node:assert/strict";
import {
  addCameraNoise,
  demosaic,
  isDemosaiced,
  mosaic,
  superResolution,
} from "../../lib/degradation/mod.ts";
import {
  addGaussianNoise,
  compressJpeg,
  createImage,
  crop,
  type Image,
  luminance,
  readImage,
  resample,
} from "../../lib/image/mod.ts";

const NAMES = ["astronaut", "camera", "cell", "chelsea", "coffee"];
const pictures = await Promise.all(
  NAMES.map(async (name) => ({
    name,
    clean: crop(await readImage(`data/${name}.png`), 20, 90, 256, 256),
  })),
);
const colour = pictures.filter(({ clean }) => clean.channels === 3);

Deno.test("no picture that was made smaller, is noisy or a JPEG seems to be behind a colour filter", async () => {
  for (const { name, clean } of pictures) {
    const small = resample(clean, 100, 110),
      versions = [
        clean,
        small,
        addGaussianNoise(small, 0.04, 3),
        (await compressJpeg(small, 75)).image,
        // A grid of JPEG blocks that does not begin at the corner.
        crop((await compressJpeg(clean, 50)).image, 3, 2, 128, 128),
      ];
    for (const [i, version] of versions.entries()) {
      assert.equal(isDemosaiced(version), false, `${name}, version ${i}`);
    }
  }
});

Deno.test("a picture behind a colour filter is detected, also cut, compressed or made grey", async () => {
  for (const { name, clean } of colour) {
    for (const demosaicing of ["bilinear", "malvar"] as const) {
      const picture = await addCameraNoise(clean, 200, 1, { demosaicing, quality: 98 });
      const versions = [
        picture,
        crop(picture, 1, 0, 254, 255),
        crop(picture, 3, 4, 250, 240),
        (await compressJpeg(picture, 90)).image,
        luminance(picture),
        await addCameraNoise(clean, 3200, 1, { demosaicing }),
      ];
      for (const [i, version] of versions.entries()) {
        assert.equal(isDemosaiced(version), true, `${name}, ${demosaicing}, version ${i}`);
      }
    }
  }
});

Deno.test("a picture without detail, and a tiny one, are not", () => {
  const even = createImage({ height: 80, width: 80, channels: 3 });
  assert.equal(isDemosaiced(even), false);
  const noise = addGaussianNoise(createImage({ height: 48, width: 48, channels: 3 }), 0.1, 1);
  assert.equal(isDemosaiced(demosaic(mosaic(noise), "bilinear")), false);
});

/** The mean square of green less the mean of its neighbours, in the 7x7 pixels around a place within the picture. */
function energy({ width, channels, data }: Image, y: number, x: number): number {
  const green = (v: number, u: number) =>
    data[(v * width + u) * channels + (channels === 3 ? 1 : 0)]!;
  let sum = 0;
  for (let v = y - 3; v <= y + 3; v++) {
    for (let u = x - 3; u <= x + 3; u++) {
      const around = green(v - 1, u) + green(v + 1, u) + green(v, u - 1) + green(v, u + 1);
      sum += (green(v, u) - around / 4) ** 2;
    }
  }
  return sum / 49;
}

for (const factor of [2, 4]) {
  for (const channels of [1, 3] as const) {
    Deno.test(`super-resolution by ${factor} of a demosaiced picture, ${channels} channels: the small picture is approached by its weights`, () => {
      const [first] = colour, part = crop(first!.clean, 40, 60, 20, 24), sigma = 0.05;
      const observed = channels === 3 ? part : luminance(part);
      const { initialEstimate: estimate, dataStep } = superResolution(observed, factor, {
        demosaiced: true,
      });
      const next = dataStep!.proximal(estimate, sigma);
      const [before, after] = [estimate, next].map((image) => resample(image, 20, 24, "lanczos2"));
      const weight = (relative: number, y: number, x: number) =>
        (sigma / factor) ** 2 /
        ((sigma / factor) ** 2 + relative ** 2 * energy(observed, y, x));
      for (let y = 4; y < 16; y++) {
        for (let x = 4; x < 20; x++) {
          const of = ({ data }: Image) =>
            Array.from({ length: channels }, (_, c) => data[(y * 24 + x) * channels + c]!);
          const misses = of(observed).map((value, c) => value - of(before!)[c]!);
          const shared = channels === 1
            ? misses[0]!
            : (misses[0]! + 2 * misses[1]! + misses[2]!) / 4;
          misses.forEach((miss, c) => {
            const expected = of(before!)[c]! + weight(1, y, x) * shared +
              weight(4, y, x) * (miss - shared);
            assert.ok(Math.abs(of(after!)[c]! - expected) < 1e-3, `${y}, ${x}, ${c}`);
          });
        }
      }
    });
  }
}

Deno.test("where a demosaiced picture has no detail it is trusted", () => {
  const observed = createImage({
    height: 16,
    width: 16,
    channels: 3,
    data: new Float32Array(768).fill(0.5),
  });
  const estimate = createImage({ height: 32, width: 32, channels: 3 });
  const trusted = superResolution(observed, 2, { demosaiced: true });
  const usual = superResolution(observed, 2);
  assert.deepEqual(
    trusted.dataStep!.proximal(estimate, 0.1).data,
    usual.dataStep!.proximal(estimate, 0.1).data,
  );
});
