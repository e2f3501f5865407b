// estimateNoise() against noise whose level, spectrum and dependence on luminance are known.
import assert from "node:assert/strict";
import {
  addGaussianNoise,
  addPoissonNoise,
  createImage,
  type Image,
  readImage,
} from "../../lib/image/mod.ts";
import {
  estimateNoise,
  isWhiteNoise,
  type NoiseModel,
  noiseSigma,
  noiseVariance,
} from "../../lib/noise/mod.ts";
import { addFilmGrain, addLuminanceNoise } from "../../lib/degradation/mod.ts";
import { KINDS, levelOf, square, twoDraws } from "./_kinds.ts";

/** Squares with quiet places and without, colour and grey. */
const SQUARES = [["coffee", 0.5, 0.5], ["chelsea", 0.5, 0.5], ["astronaut", 0, 0.2], [
  "camera",
  0,
  0.5,
]] as const;

/** Kinds that need colours. */
const IN_COLOUR = ["demosaiced of 15", "camera at ISO 6400", "luma of 15"];

for (const [name, down, across] of SQUARES) {
  for (const [kind, add] of Object.entries(KINDS)) {
    if (name === "camera" && IN_COLOUR.includes(kind)) continue;
    Deno.test(`estimateNoise() finds the level of ${kind} on ${name}`, async () => {
      const draws = await twoDraws(add, await square(name, down, across));
      const model = estimateNoise(draws[0]);
      const ratio = noiseSigma(model, draws[0]) / levelOf(draws);
      assert.ok(ratio > 0.8 && ratio < 1.3, `${ratio}`);
      const [, level] = kind.split("white of ");
      if (level) assert.ok(isWhiteNoise(model));
    });
  }

  Deno.test(`estimateNoise() finds little noise on ${name} as it is`, async () => {
    const clean = await square(name, down, across);
    const level = 255 * noiseSigma(estimateNoise(clean), clean);
    // Fur in focus: the most that texture has been taken for.
    assert.ok(level < (name === "chelsea" ? 2.5 : 1.5), `${level}`);
  });
}

/** A ramp from dark to light, in columns. */
const ramp = (channels: 1 | 3): Image =>
  createImage({
    height: 256,
    width: 256,
    channels,
    data: Float32Array.from(
      { length: 256 * 256 * channels },
      (_, i) => 0.1 + 0.8 * (Math.floor(i / channels) % 256) / 255,
    ),
  });

Deno.test("estimateNoise() finds the variance at each luminance", () => {
  for (const channels of [1, 3] as const) {
    const noisy = addPoissonNoise(ramp(channels), 300, 1), model = estimateNoise(noisy);
    for (const luminance of [0.2, 0.5, 0.8]) {
      for (let c = 0; c < channels; c++) {
        const ratio = noiseVariance(model, c, luminance) / (luminance / 300);
        assert.ok(Math.abs(ratio - 1) < 0.25, `${channels}, ${c}, ${luminance}: ${ratio}`);
      }
    }
  }
});

/** The autocorrelation of a channel at a distance. */
const rho = ({ autocorrelation }: NoiseModel, channel: number, dy: number, dx: number) => {
  const lags = Math.sqrt(autocorrelation[channel]!.length);
  return dy < lags && dx < lags ? autocorrelation[channel]![dy * lags + dx]! : 0;
};

Deno.test("estimateNoise() finds the autocorrelation of film grain", () => {
  const model = estimateNoise(addFilmGrain(ramp(1), 0.06, 1));
  for (const [dy, dx] of [[0, 1], [1, 0], [1, 1], [0, 2], [2, 1]] as const) {
    // White noise behind a Gaussian of 0.8 pixels.
    const expected = Math.exp(-(dy ** 2 + dx ** 2) / (4 * 0.8 ** 2));
    assert.ok(Math.abs(rho(model, 0, dy, dx) - expected) < 0.08, `${rho(model, 0, dy, dx)}`);
  }
});

Deno.test("estimateNoise() finds noise of brightness alone, and of one colour", () => {
  const luma = estimateNoise(addLuminanceNoise(ramp(3), 0.06, 1));
  assert.ok(Math.abs(Math.sqrt(noiseVariance(luma, 0, 0.5) / 3) / 0.06 - 1) < 0.15);
  for (const c of [1, 2]) {
    assert.ok(noiseVariance(luma, c, 0.5) < 0.002 * noiseVariance(luma, 0, 0.5));
  }

  const clean = ramp(3), noisy = addGaussianNoise(clean, 0.06, 1);
  const red = {
    ...noisy,
    data: noisy.data.map((value, i) => i % 3 === 0 ? value : clean.data[i]!),
  };
  const model = estimateNoise(red);
  assert.ok(Math.abs(noiseSigma(model, red) / (0.06 / Math.sqrt(3)) - 1) < 0.15);
  // Red alone is a third of luminance's variance, half of C1's and a sixth of C2's, wholly correlated.
  for (const [c, d] of [[0, 1], [0, 2], [1, 2]] as const) {
    assert.ok(model.correlation[c]![d]! > 0.9, `${model.correlation[c]}`);
  }
});

Deno.test("estimateNoise() gives the noise in units of the samples, whatever their range", async () => {
  const clean = await square("coffee", 0.5, 0.5);
  const noisy = addGaussianNoise(clean, 10 / 255, 1, { clip: false });
  const sigma = noiseSigma(estimateNoise(noisy));
  assert.ok(Math.abs(sigma * 255 / 10 - 1) < 0.1);
  for (const [scale, offset] of [[1000, -300], [1e-3, 0.5], [65535, 0]] as const) {
    const data = noisy.data.map((value) => scale * value + offset);
    const ratio = noiseSigma(estimateNoise({ ...noisy, data })) / scale / sigma;
    assert.ok(Math.abs(ratio - 1) < 0.05, `${scale}: ${ratio}`);
  }
});

Deno.test("estimateNoise() gives a model of the picture's channels, with positive spectra", async () => {
  const noisy = addFilmGrain(await square("chelsea", 0, 0), 0.05, 1);
  const { channels, luminance, variance, autocorrelation, correlation } = estimateNoise(noisy);
  assert.equal(channels, 3);
  assert.deepEqual(luminance, luminance.toSorted((a, b) => a - b));
  assert.ok(luminance.every((value, i) => value >= 0 && value <= 1 && value !== luminance[i - 1]));
  for (let c = 0; c < 3; c++) {
    assert.equal(variance[c]!.length, luminance.length);
    assert.ok(variance[c]!.every((value) => value > 0));
    assert.equal(autocorrelation[c]![0], 1);
    assert.ok(autocorrelation[c]!.every((value) => Math.abs(value) <= 1));
    assert.deepEqual(correlation[c], correlation.map((row) => row[c]!));
  }
});

Deno.test("estimateNoise() is deterministic and does not change its argument", async () => {
  const noisy = addFilmGrain(await square("coffee", 0, 0), 0.05, 1),
    before = structuredClone(noisy);
  assert.deepEqual(estimateNoise(noisy), estimateNoise(noisy));
  assert.deepEqual(noisy, before);
});

Deno.test("estimateNoise() takes small and flat pictures", () => {
  for (const channels of [1, 3] as const) {
    for (const side of [16, 31, 32, 40]) {
      const data = new Float32Array(side * side * channels).fill(0.5);
      const flat = createImage({ height: side, width: side, channels, data });
      assert.equal(noiseSigma(estimateNoise(flat)), 0);
      const ratio = noiseSigma(estimateNoise(addGaussianNoise(flat, 0.1, side))) / 0.1;
      assert.ok(ratio > 0.6 && ratio < 1.3, `${side}: ${ratio}`);
    }
  }
  const grey = createImage({ height: 15, width: 16, channels: 1 });
  assert.throws(() => estimateNoise(grey), /RangeError: `image` must be at least 16x16/);
});

Deno.test("estimateNoise() gives finite numbers where texture leaves no noise at some luminance", async () => {
  const chelsea = await readImage("data/chelsea.png");
  const { luminance, variance, autocorrelation, correlation } = estimateNoise(chelsea);
  assert.ok(variance[0]!.some((value) => value === 0), "the case is met");
  for (const numbers of [luminance, ...variance, ...autocorrelation, ...correlation]) {
    assert.ok(numbers.every(Number.isFinite), `${numbers}`);
  }
});
