// drawNoise(): its draws have the model's variance, autocorrelation and correlation of channels.
import assert from "node:assert/strict";
import { createImage, type Image } from "../../lib/image/mod.ts";
import {
  drawNoise,
  estimateNoise,
  type NoiseModel,
  noiseSigma,
  poissonGaussian,
  whiteNoise,
} from "../../lib/noise/mod.ts";
import { random } from "../../lib/random/mod.ts";

const SIDE = 128, DRAWS = 6;
const OPPONENT = [[1, 1, 1], [1, 0, -1], [1, -2, 1]]
  .map((row) => row.map((value) => value / Math.hypot(...row)));

const flat = (channels: 1 | 3, value = 0.5): Image =>
  createImage({
    height: SIDE,
    width: SIDE,
    channels,
    data: new Float32Array(SIDE * SIDE * channels).fill(value),
  });

/** The planes of the model's channels. */
function planesOf(noise: Float32Array, channels: 1 | 3): Float64Array[] {
  return Array.from(
    { length: channels },
    (_, c) =>
      Float64Array.from(
        { length: noise.length / channels },
        (_, p) =>
          channels === 1
            ? noise[p]!
            : OPPONENT[c]!.reduce((sum, weight, d) => sum + weight * noise[3 * p + d]!, 0),
      ),
  );
}

/** The mean product of two planes, the second moved. */
function covariance(a: Float64Array, b: Float64Array, dy = 0, dx = 0): number {
  let sum = 0;
  for (let y = 0; y < SIDE - dy; y++) {
    for (let x = 0; x < SIDE - dx; x++) sum += a[y * SIDE + x]! * b[(y + dy) * SIDE + x + dx]!;
  }
  return sum / ((SIDE - dy) * (SIDE - dx));
}

const gaussian = (sigma: number) =>
  Array.from(
    { length: 64 },
    (_, i) => Math.exp(-(Math.floor(i / 8) ** 2 + (i % 8) ** 2) / (4 * sigma ** 2)),
  );

const COLOURED: NoiseModel = {
  channels: 3,
  luminance: [0.5],
  variance: [[0.01], [0.004], [0.0025]],
  autocorrelation: [gaussian(0.6), gaussian(1.2), [1]],
  correlation: [[1, 0.5, -0.3], [0.5, 1, 0.2], [-0.3, 0.2, 1]],
};

Deno.test("draws have the model's variance, autocorrelation and correlation of channels", () => {
  const stream = random(1);
  const draws = Array.from(
    { length: DRAWS },
    () => planesOf(drawNoise(COLOURED, flat(3), stream), 3),
  );
  const mean = (c: number, d: number, dy = 0, dx = 0) =>
    draws.reduce((sum, planes) => sum + covariance(planes[c]!, planes[d]!, dy, dx), 0) / DRAWS;
  for (let c = 0; c < 3; c++) {
    const variance = COLOURED.variance[c]![0]!;
    // Four standard errors: correlated samples count for a tenth of their number at most.
    const error = 4 * Math.sqrt(2 / (DRAWS * SIDE * SIDE / 10));
    for (const [dy, dx] of [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [0, 3]] as const) {
      const expected = dy + dx === 0 ? 1 : COLOURED.autocorrelation[c]![8 * dy + dx] ?? 0;
      assert.ok(Math.abs(mean(c, c, dy, dx) / variance - expected) < error, `${c}, ${dy}, ${dx}`);
    }
    for (let d = 0; d < c; d++) {
      const both = Math.sqrt(variance * COLOURED.variance[d]![0]!);
      assert.ok(Math.abs(mean(c, d) / both - COLOURED.correlation[c]![d]!) < error, `${c}, ${d}`);
    }
  }
});

Deno.test("draws have the model's variance at each luminance", () => {
  const model = poissonGaussian(0.01, 0.001, 1);
  for (const value of [0, 0.3, 1]) {
    const [plane] = planesOf(drawNoise(model, flat(1, value), random(2)), 1);
    const ratio = covariance(plane!, plane!) / (0.01 * value + 0.001);
    assert.ok(Math.abs(ratio - 1) < 4 * Math.sqrt(2) / SIDE, `${value}: ${ratio}`);
  }
});

Deno.test("white noise is white in red, green and blue", () => {
  const noise = drawNoise(whiteNoise(0.1, 3), flat(3), random(3));
  const plane = (c: number) =>
    Float64Array.from({ length: SIDE * SIDE }, (_, p) => noise[3 * p + c]!);
  for (let c = 0; c < 3; c++) {
    for (let d = 0; d <= c; d++) {
      const found = covariance(plane(c), plane(d)) / 0.01;
      assert.ok(Math.abs(found - (c === d ? 1 : 0)) < 4 * Math.sqrt(2) / SIDE);
    }
  }
});

Deno.test("draws repeat with their seed, at any size", () => {
  for (const [height, width] of [[16, 16], [17, 31], [1, 40]] as const) {
    const image = createImage({ height, width, channels: 3 });
    const noise = drawNoise(COLOURED, image, random(4));
    assert.equal(noise.length, height * width * 3);
    assert.ok(noise.every(Number.isFinite));
    assert.deepEqual(noise, drawNoise(COLOURED, image, random(4)));
    assert.notDeepEqual(noise, drawNoise(COLOURED, image, random(5)));
  }
  assert.throws(() => drawNoise(COLOURED, flat(1), random(1)), /RangeError: `image` must have 3/);
});

Deno.test("the estimate from draws over a flat picture is the model", () => {
  const model: NoiseModel = {
    ...COLOURED,
    variance: COLOURED.variance.map(([value]) => [value! / 10]),
  };
  const image = flat(3), noise = drawNoise(model, image, random(6));
  const noisy = { ...image, data: image.data.map((value, i) => value + noise[i]!) };
  const found = estimateNoise(noisy);
  assert.ok(Math.abs(noiseSigma(found) / noiseSigma(model) - 1) < 0.2, `${noiseSigma(found)}`);
  for (let c = 0; c < 2; c++) {
    const [expected, rho] = [model, found].map(({ autocorrelation }) => autocorrelation[c]!);
    assert.ok(Math.abs(rho![1]! - expected![1]!) < 0.1, `${c}: ${rho![1]}`);
  }
});
