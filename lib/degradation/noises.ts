// Simulated noises that are not white and Gaussian: impulses, low frequencies, stripes.
import { checkNotNegative, checkRange } from "../check.ts";
import { createImage, type Image } from "../image/mod.ts";
import { random } from "../random/mod.ts";
import { gaussianBlur } from "./blur_kernels.ts";
import { blurred } from "./deblurring.ts";

const clip = (value: number) => Math.min(Math.max(value, 0), 1);

/**
 * Adds salt and pepper: some samples become 0 or 1 with equal probability.
 *
 * @param image The clean picture.
 * @param fraction The fraction of the samples that are replaced, from 0 to 1.
 * @param seed The same seed gives the same noise.
 * @returns A new image.
 * @throws {RangeError} If `fraction` is out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const grey = createImage({ height: 100, width: 100, channels: 1, data: new Float32Array(1e4).fill(0.5) });
 * const { data } = addImpulseNoise(grey, 0.2, 1);
 * assert.ok(Math.abs(data.filter((value) => value !== 0.5).length / 1e4 - 0.2) < 0.02);
 * ```
 */
export function addImpulseNoise(image: Image, fraction: number, seed: number): Image {
  checkRange("fraction", fraction, 0, 1);
  const { uniform } = random(seed);
  const data = image.data.map((value) => {
    const chance = uniform();
    return chance < fraction / 2 ? 0 : chance < fraction ? 1 : value;
  });
  return { ...image, data };
}

/** Adds noise, scaled to a standard deviation in each channel. */
function added(image: Image, noise: Image, sigma: number): Image {
  checkNotNegative("sigma", sigma);
  const { channels } = image, pixels = image.height * image.width;
  const spreads = Array.from({ length: channels }, (_, c) => {
    let sum = 0, squares = 0;
    for (let i = c; i < noise.data.length; i += channels) {
      sum += noise.data[i]!;
      squares += noise.data[i]! ** 2;
    }
    const mean = sum / pixels;
    return { mean, deviation: Math.sqrt(squares / pixels - mean ** 2) || 1 };
  });
  const data = image.data.map((value, i) => {
    const { mean, deviation } = spreads[i % channels]!;
    return clip(value + sigma * (noise.data[i]! - mean) / deviation);
  });
  return { ...image, data };
}

function white({ height, width, channels }: Image, seed: number): Image {
  const noise = createImage({ height, width, channels });
  random(seed).fillNormal(noise.data, 1);
  return noise;
}

/**
 * Adds noise of low frequencies, that is white noise filtered by a Gaussian, as of uneven light.
 *
 * @param image The clean picture.
 * @param sigma Its standard deviation, in [0, 1].
 * @param seed The same seed gives the same noise.
 * @param correlation The filter's standard deviation in pixels; the noise's spectrum falls as exp(-2 π² correlation²
 * f²).
 * @default {2}
 * @returns A new image, clipped to [0, 1].
 * @throws {RangeError} If `sigma` is negative or not finite, or `correlation` out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage, psnr } from "../image/mod.ts";
 *
 * const grey = createImage({ height: 64, width: 64, channels: 1, data: new Float32Array(4096).fill(0.5) });
 * assert.ok(Math.abs(psnr(addLowFrequencyNoise(grey, 0.1, 1), grey) - 20) < 0.1);
 * ```
 */
export function addLowFrequencyNoise(
  image: Image,
  sigma: number,
  seed: number,
  correlation = 2,
): Image {
  return added(image, blurred(white(image, seed), gaussianBlur(correlation)), sigma);
}

/**
 * Adds stripes: the same error in all pixels of a column, as of a scanner.
 *
 * @param image The clean picture.
 * @param sigma Their standard deviation, in [0, 1].
 * @param seed The same seed gives the same noise.
 * @returns A new image, clipped to [0, 1].
 * @throws {RangeError} If `sigma` is negative or not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const grey = createImage({ height: 2, width: 64, channels: 1, data: new Float32Array(128).fill(0.5) });
 * const { data } = addStripeNoise(grey, 0.1, 1);
 * assert.deepEqual(data.slice(0, 64), data.slice(64));
 * ```
 */
export function addStripeNoise(image: Image, sigma: number, seed: number): Image {
  const { height, width, channels } = image;
  const row = white({ ...image, height: 1, data: new Float32Array(width * channels) }, seed).data;
  const noise = createImage({ height, width, channels });
  for (let y = 0; y < height; y++) noise.data.set(row, y * row.length);
  return added(image, noise, sigma);
}
