// The noise model as a description, as JSON, from a flat region, and its measures.
import assert from "node:assert/strict";
import { addGaussianNoise, createImage, type Image } from "../../lib/image/mod.ts";
import { addFilmGrain, addLuminanceNoise } from "../../lib/degradation/mod.ts";
import {
  describeNoise,
  isWhiteNoise,
  noiseFromJson,
  type NoiseModel,
  noiseOfRegion,
  noiseSigma,
  noiseSpectrum,
  noiseToJson,
  poissonGaussian,
  whiteNoise,
} from "../../lib/noise/mod.ts";

const GAUSSIAN = Array.from(
  { length: 64 },
  (_, i) => Math.exp(-(Math.floor(i / 8) ** 2 + (i % 8) ** 2) / 4),
);

const CAMERA: NoiseModel = {
  channels: 3,
  luminance: [0.1, 0.5, 0.9],
  variance: [[9, 16, 16], [12, 80, 80], [12, 96, 96]].map((row) => row.map((v) => v / 255 ** 2)),
  autocorrelation: [GAUSSIAN, GAUSSIAN, GAUSSIAN],
  correlation: [[1, 0.2, 0], [0.2, 1, 0], [0, 0, 1]],
};

Deno.test("describeNoise() has level, luminance, extent and colour", () => {
  assert.equal(
    describeNoise(CAMERA),
    "noise: about 8 of 255 in the middle tones, 4 in the shadows, over 3 pixels, mostly in colour",
  );
  assert.equal(
    describeNoise({ ...CAMERA, variance: [[0.001, 0.001, 0.001], [0, 0, 0], [0, 0, 0]] }),
    "noise: about 5 of 255, over 3 pixels, mostly in brightness",
  );
  assert.equal(
    describeNoise(whiteNoise(1.25 / 255, 1)),
    "noise: about 1.3 of 255, independent from pixel to pixel",
  );
  assert.equal(describeNoise(whiteNoise(0.3 / 255, 1)), "noise: none to speak of");
});

Deno.test("isWhiteNoise() is true for one level without correlation only", () => {
  assert.ok(isWhiteNoise(whiteNoise(0.1, 1)) && isWhiteNoise(whiteNoise(0, 3)));
  assert.ok(!isWhiteNoise(poissonGaussian(0.01, 0.001, 1)));
  const white = whiteNoise(0.1, 3);
  assert.ok(!isWhiteNoise({ ...white, autocorrelation: [[1], [1], GAUSSIAN] }));
  assert.ok(!isWhiteNoise({ ...white, correlation: CAMERA.correlation }));
  assert.ok(!isWhiteNoise({ ...white, variance: [[0.01], [0.01], [0.02]] }));
});

Deno.test("noiseSigma() is the mean over the picture, or over the model's luminances", () => {
  const model = poissonGaussian(0.04, 0.01, 1);
  assert.ok(Math.abs(noiseSigma(model) - Math.sqrt(0.03)) < 1e-12);
  const data = Float32Array.of(0, 0, 0, 1);
  const sigma = noiseSigma(model, { height: 2, width: 2, channels: 1, data });
  assert.ok(Math.abs(sigma - Math.sqrt((3 * 0.01 + 0.05) / 4)) < 1e-12);
});

Deno.test("noiseSpectrum() is the Gaussian of a Gaussian autocorrelation", () => {
  const spectrum = noiseSpectrum({ ...CAMERA, channels: 1, autocorrelation: [GAUSSIAN] }, 0, 64);
  // exp(-d² / 4) has the transform 4 π exp(-4 π² f²).
  for (const r of [0, 4, 8, 12]) {
    const expected = 4 * Math.PI * Math.exp(-4 * Math.PI ** 2 * (r / 64) ** 2);
    assert.ok(Math.abs(spectrum[r]! / expected - 1) < 0.05, `${r}: ${spectrum[r]}, ${expected}`);
  }
});

Deno.test("a model is the same after JSON", () => {
  for (const model of [CAMERA, whiteNoise(0.1, 1), poissonGaussian(0.01, 0.1, 3)]) {
    assert.deepEqual(noiseFromJson(noiseToJson(model)), model);
  }
});

Deno.test("noiseFromJson() refuses an invalid model, in one line that names the field", () => {
  const cases: [unknown, RegExp][] = [
    [null, /JSON object/],
    [{ ...CAMERA, channels: 2 }, /`channels`/],
    [{ ...CAMERA, luminance: [] }, /`luminance`/],
    [{ ...CAMERA, luminance: [0.5, 0.5, 0.9] }, /`luminance` must be ascending/],
    [{ ...CAMERA, luminance: [0, null, 1] }, /`luminance` must be finite/],
    [{ ...CAMERA, variance: [[1], [1], [1]] }, /`variance` must be a list of 3/],
    [{ ...CAMERA, variance: CAMERA.variance.slice(1) }, /`variance` must be 3 lists/],
    [
      { ...CAMERA, variance: [[-1, 1, 1], [1, 1, 1], [1, 1, 1]] },
      /`variance` must be finite .* from 0/,
    ],
    [
      { ...CAMERA, autocorrelation: [[1, 0], [1], [1]] },
      /`autocorrelation` must be a square number/,
    ],
    [{ ...CAMERA, autocorrelation: [[0.5], [1], [1]] }, /`autocorrelation`.* first 1/],
    [{ ...CAMERA, autocorrelation: [[1, 2, 0, 0], [1], [1]] }, /`autocorrelation`.* from -1 to 1/],
    [{ ...CAMERA, correlation: [[1, 0, 0], [0.5, 1, 0], [0, 0, 1]] }, /`correlation` must be symm/],
    [{ ...CAMERA, correlation: "none" }, /`correlation`/],
  ];
  for (const [value, message] of cases) {
    assert.throws(() => noiseFromJson(JSON.stringify(value)), (error: Error) => {
      assert.equal(error.name, "NoiseModelError");
      assert.match(error.message, message);
      return !error.message.includes("\n");
    });
  }
  assert.throws(() => noiseFromJson("{"), /must be JSON/);
});

/** A wall that is lit from one side. */
const wall = (channels: 1 | 3): Image =>
  createImage({
    height: 96,
    width: 96,
    channels,
    data: Float32Array.from(
      { length: 96 * 96 * channels },
      (_, i) => 0.4 + 0.002 * (Math.floor(i / channels) % 96),
    ),
  });

Deno.test("noiseOfRegion() measures a wall that is lit from one side", () => {
  const region = { x: 10, y: 4, width: 80, height: 90 };
  const white = noiseOfRegion(addGaussianNoise(wall(3), 0.05, 1), region);
  assert.ok(Math.abs(noiseSigma(white) / 0.05 - 1) < 0.03);
  assert.deepEqual(white.autocorrelation, [[1], [1], [1]]);

  const grain = noiseOfRegion(addFilmGrain(wall(1), 0.05, 1), region);
  assert.ok(Math.abs(noiseSigma(grain) / 0.05 - 1) < 0.1);
  assert.ok(Math.abs(grain.autocorrelation[0]![1]! - Math.exp(-1 / (4 * 0.64))) < 0.06);

  const luma = noiseOfRegion(addLuminanceNoise(wall(3), 0.05, 1), region);
  assert.ok(luma.variance[1]![0]! < 1e-9 && Math.abs(luma.variance[0]![0]! / 0.0075 - 1) < 0.06);
});

Deno.test("noiseOfRegion() refuses a region that is too small, or not in the picture", () => {
  for (const region of [[0, 0, 15, 40], [90, 0, 20, 20], [-1, 0, 20, 20], [0, 0.5, 20, 20]]) {
    const [x, y, width, height] = region as [number, number, number, number];
    assert.throws(() => noiseOfRegion(wall(1), { x, y, width, height }), /RangeError: `region`/);
  }
});
