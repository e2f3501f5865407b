// bandCorrespondence() against the paper's code, and bandTransfer() where it differs.
import assert from "node:assert/strict";
import { crop, type Image } from "../../lib/image/mod.ts";
import {
  bandCorrespondence,
  bandTransfer,
  fourier,
  inverseFourier,
  isotropicRings,
  paperRings,
  spectrumOf,
} from "../../lib/spectrum/mod.ts";
import { close, noise, shipped } from "./_planes.ts";

interface MeasuresFile {
  formula_images: {
    height: number;
    width: number;
    channels: 1 | 3;
    fbc_output_a_target_b: number[];
    fbc_output_b_target_a: number[];
  }[];
  pictures: {
    file: string;
    even_crop: [height: number, width: number];
    fbc_block_mean_as_output: number[];
  }[];
}

const golden: MeasuresFile = JSON.parse(
  await Deno.readTextFile(new URL("../golden/measures.json", import.meta.url)),
);

const clip = (value: number) => Math.min(Math.max(value, 0), 1);

/** The golden file's formula for image `k`, in float64. */
function formula(h: number, w: number, channels: number, k: number): Float64Array {
  const { PI, sin, cos } = Math;
  return Float64Array.from({ length: h * w * channels }, (_, i) => {
    const j = i % channels, x = Math.floor(i / channels) % w, y = Math.floor(i / channels / w);
    return 0.5 + 0.22 * sin(2 * PI * (3 + k) * x / w + 0.7 * j) * cos(2 * PI * (2 + j) * y / h) +
      0.18 * sin(2 * PI * ((11 + k) * x + (7 + j) * y) / (w + h)) +
      0.08 * cos(2.3 * x * y / (h + w) + j);
  });
}

for (const expected of golden.formula_images) {
  const { height, width, channels } = expected;
  const name = `${height}x${width}x${channels}`;
  Deno.test(`bandCorrespondence() agrees with the paper's code on the formula's ${name}`, () => {
    // In float64, as the golden numbers: where a target has next to nothing, the rounding of an
    // Image's float32 samples shows in the sixth digit.
    const grey = (data: Float64Array) =>
      fourier(
        Float64Array.from({ length: height * width }, (_, i) => {
          const [r, g, b] = data.subarray(i * channels, (i + 1) * channels);
          return clip(channels === 1 ? r! : 0.2989 * r! + 0.587 * g! + 0.114 * b!);
        }),
        height,
        width,
      );
    const first = formula(height, width, channels, 0), second = formula(height, width, channels, 9);
    const a = grey(first);
    const b = grey(first.map((value, i) => clip(value + 0.15 * (second[i]! - 0.5))));
    const rings = paperRings(height, width);
    close(bandCorrespondence(a, b, rings), expected.fbc_output_a_target_b, 1e-9, "a of b, band");
    close(bandCorrespondence(b, a, rings), expected.fbc_output_b_target_a, 1e-9, "b of a, band");
  });
}

/** Each block of 2x2 replaced by its mean. */
function blockMean(image: Image): Image {
  const { width, channels, data } = image;
  return {
    ...image,
    data: data.map((_, i) => {
      const c = i % channels, pixel = Math.floor(i / channels);
      const x = pixel % width & ~1, y = Math.floor(pixel / width) & ~1;
      const at = (dy: number, dx: number) => data[((y + dy) * width + x + dx) * channels + c]!;
      return (at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4;
    }),
  };
}

for (const { file, even_crop: [height, width], fbc_block_mean_as_output } of golden.pictures) {
  Deno.test(`bandCorrespondence() agrees with the paper's code on ${file}`, async () => {
    const picture = crop(await shipped(file), 0, 0, height, width);
    const output = spectrumOf(blockMean(picture)), target = spectrumOf(picture);
    const bands = bandCorrespondence(output, target, paperRings(height, width));
    close(bands, fbc_block_mean_as_output, 1e-6, "band");
  });
}

Deno.test("bandCorrespondence() is clipped, and a number where there is nothing", () => {
  const plane = noise(63, 1), none = fourier(new Float64Array(63), 7, 9);
  const once = fourier(plane, 7, 9), twice = fourier(plane.map((value) => 2 * value), 7, 9);
  const rings = isotropicRings(7, 9);
  assert.deepEqual(bandCorrespondence(twice, once, rings), [1, 1, 1, 1, 1]);
  assert.deepEqual(bandCorrespondence(none, once, rings), [0, 0, 0, 0, 0]);
  assert.deepEqual(bandCorrespondence(none, none, rings), [0, 0, 0, 0, 0]);
  assert.deepEqual(bandCorrespondence(twice, once, paperRings(7, 9, 9)).length, 9);
  const thin = fourier([1, 2, 3], 3, 1);
  assert.deepEqual(bandCorrespondence(thin, thin, paperRings(3, 1)).slice(1), [0, 0, 0, 0]);
});

const rings = isotropicRings(48, 61);
const target = noise(48 * 61, 1);
const spectrum = fourier(target, 48, 61);

Deno.test("bandTransfer() of a multiple is its factor, whatever the mean", () => {
  for (const factor of [0.3, 1, -2]) {
    const output = fourier(target.map((value) => factor * value + 7), 48, 61);
    const { gain, coherence } = bandTransfer(output, spectrum, rings);
    close(gain, rings.sizes.map(() => factor), 1e-12);
    close(coherence, rings.sizes.map(() => 1), 1e-12);
  }
});

Deno.test("bandTransfer() is the regression of the output's band on the target's, in pixels", () => {
  const output = fourier(noise(48 * 61, 2).map((value, i) => value + 0.5 * target[i]!), 48, 61);
  const { gain, coherence } = bandTransfer(output, spectrum, rings);
  for (const ring of rings.sizes.keys()) {
    const band = ({ real, imaginary }: typeof output) => {
      const only = (values: Float64Array) =>
        values.map((value, i) => i > 0 && rings.of[i] === ring ? value : 0);
      return inverseFourier({ ...output, real: only(real), imaginary: only(imaginary) });
    };
    const a = band(output), b = band(spectrum);
    const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, i) => sum + v * y[i]!, 0);
    assert.ok(Math.abs(gain[ring]! - dot(a, b) / dot(b, b)) < 1e-12);
    assert.ok(Math.abs(coherence[ring]! - dot(a, b) ** 2 / (dot(a, a) * dot(b, b))) < 1e-12);
  }
});

Deno.test("bandTransfer() detects scrambled phases, which the paper's correspondence does not", () => {
  // The target's amplitudes with the phases of noise: none of its structure is left.
  const other = fourier(noise(48 * 61, 3), 48, 61);
  const scrambled = (part: Float64Array) =>
    part.map((value, i) => {
      const amplitude = Math.hypot(spectrum.real[i]!, spectrum.imaginary[i]!);
      return value * amplitude / Math.hypot(other.real[i]!, other.imaginary[i]!);
    });
  const output = { ...other, real: scrambled(other.real), imaginary: scrambled(other.imaginary) };
  for (const band of bandCorrespondence(output, spectrum, rings)) assert.ok(band > 0.999999);
  const { gain, coherence } = bandTransfer(output, spectrum, rings);
  rings.sizes.forEach((size, ring) => {
    // By chance alone the coherence is 1 / size on average; 16 is its bound at four sigmas.
    assert.ok(coherence[ring]! < 16 / size, `coherence ${coherence[ring]} of ${size}`);
    assert.ok(Math.abs(gain[ring]!) < 4 / Math.sqrt(size), `gain ${gain[ring]} of ${size}`);
  });
});

Deno.test("bandTransfer() of a shifted picture keeps low bands and loses high ones", () => {
  const shifted = fourier(target.map((_, i) => target[i - i % 61 + (i + 1) % 61]!), 48, 61);
  const { gain, coherence } = bandTransfer(shifted, spectrum, rings);
  assert.ok(gain[0]! > 0.9 && coherence[0]! > 0.8, `${gain}, ${coherence}`);
  assert.ok(Math.abs(gain[4]!) < 0.4 && coherence[4]! < 0.16, `${gain}, ${coherence}`);
  for (const band of bandCorrespondence(shifted, spectrum, rings)) assert.ok(band > 0.999999);
});

Deno.test("bandTransfer() is 0 where the output or the target has nothing", () => {
  const flat = fourier(new Float64Array(48 * 61).fill(0.7), 48, 61);
  const zeros = [0, 0, 0, 0, 0];
  for (const [a, b] of [[flat, spectrum], [spectrum, flat], [flat, flat]] as const) {
    const { gain, coherence } = bandTransfer(a, b, rings);
    close(gain, zeros, 1e-12);
    assert.deepEqual(coherence, zeros);
  }
});

Deno.test("the band measures refuse spectra and rings of other sizes", () => {
  const other = fourier(target, 61, 48);
  for (const measure of [bandCorrespondence, bandTransfer]) {
    assert.throws(() => measure(other, spectrum, rings), /RangeError: `output`.*48x61: got 61x48/);
    assert.throws(
      () => measure(spectrum, spectrum, isotropicRings(61, 48)),
      /RangeError: `rings`.*48x61: got 61x48/,
    );
  }
});
