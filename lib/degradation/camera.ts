// Simulated noise of photographs: of a sensor, demosaiced and compressed; of film; compressed as JPEG.
import { checkNotNegative, checkPositive } from "../check.ts";
import {
  addGaussianNoise,
  compressJpeg,
  createImage,
  type Image,
  luminance,
} from "../image/mod.ts";
import { random } from "../random/mod.ts";
import { demosaic, type Demosaicing, mosaic } from "./bayer.ts";
import { gaussianBlur } from "./blur_kernels.ts";
import { blurred } from "./deblurring.ts";

/** Options for {@linkcode addCameraNoise}. */
export interface CameraOptions {
  /** @default {"malvar"} */
  demosaicing?: Demosaicing;
  /** JPEG quality, 1 to 100; colour is stored at half the size. @default {92} */
  quality?: number;
}

/** Photons of a pixel at full exposure at ISO 3200, a typical number for full-frame sensors. */
const PHOTONS = 830;

/** Standard deviation of the read noise at ISO 3200, as a part of full exposure, and its lower limit at any ISO. */
const READ = 0.0022, LEAST = 3e-4;

/** Sensitivity of red and blue relative to green, which the white balance compensates. */
const BALANCE = [1 / 2, 1, 1 / 1.6] as const;

/** A picture's values are light to the power of 1 / 2.2, nearly sRGB's curve. */
const GAMMA = 2.2;

/**
 * Simulates a camera's noise: photon and read noise behind a Bayer filter in linear light; then demosaicing, white
 * balance, gamma curve and JPEG compression. The noise is stronger in shadows and middle tones than in highlights,
 * and correlated over pixels; in colour it has low frequencies only.
 *
 * @param image The clean picture; a grey one is treated as colour and made grey again.
 * @param iso The sensitivity. The standard deviation, of 255, is 3 in the middle tones and 4 in the shadows at 1600,
 * 7 and 12 at 6400; five real photographs have 4 at 1600, 5 to 6 at 3200 and 8 at 6400 on the whole.
 * @param seed The same seed gives the same noise.
 * @param options Demosaicing and JPEG quality.
 * @returns A new image; `alpha` and `bitDepth` are the picture's.
 * @throws {RangeError} If `iso` is not positive, or an option out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage, psnr } from "../image/mod.ts";
 *
 * const data = new Float32Array(64 * 64 * 3).fill(0.5);
 * const grey = createImage({ height: 64, width: 64, channels: 3, data });
 * const noise = psnr(await addCameraNoise(grey, 3200, 1), grey);
 * assert.ok(noise > 33 && noise < 36);
 * ```
 */
export async function addCameraNoise(
  image: Image,
  iso: number,
  seed: number,
  options: CameraOptions = {},
): Promise<Image> {
  const { demosaicing = "malvar", quality = 92 } = options;
  checkPositive("iso", iso);
  const { height, width, channels } = image, gain = iso / 3200;
  const light = createImage({ height, width, channels: 3 });
  for (let i = 0; i < light.data.length; i++) {
    const value = image.data[channels === 3 ? i : Math.floor(i / 3)]!;
    light.data[i] = BALANCE[i % 3]! * Math.min(Math.max(value, 0), 1) ** GAMMA;
  }
  const { normal } = random(seed);
  const raw = mosaic(light);
  raw.data.forEach((value, i) => {
    const variance = gain * value / PHOTONS + (gain * READ) ** 2 + LEAST ** 2;
    raw.data[i] = value + Math.sqrt(variance) * normal();
  });
  const developed = demosaic(raw, demosaicing);
  developed.data.forEach((value, i) => {
    developed.data[i] = Math.min(Math.max(value / BALANCE[i % 3]!, 0), 1) ** (1 / GAMMA);
  });
  const shown = channels === 3 ? developed : luminance(developed);
  return { ...image, data: (await compressJpeg(shown, quality)).image.data };
}

/** Standard deviation of the Gaussian by which film grain is smoothed, in pixels. */
const GRAIN = 0.8;

/**
 * Simulates film grain: luminance noise, smoothed over pixels and strongest in the middle tones, where it has the
 * given standard deviation; √(4 x (1 - x)) of it at luminance x, at least a fifth.
 *
 * @param image The clean picture.
 * @param sigma The standard deviation in the middle tones, in [0, 1].
 * @param seed The same seed gives the same noise.
 * @returns A new image, clipped to [0, 1].
 * @throws {RangeError} If `sigma` is negative or not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage, psnr } from "../image/mod.ts";
 *
 * const grey = createImage({ height: 64, width: 64, channels: 1, data: new Float32Array(4096).fill(0.5) });
 * assert.ok(Math.abs(psnr(addFilmGrain(grey, 0.1, 1), grey) - 20) < 0.5);
 * ```
 */
export function addFilmGrain(image: Image, sigma: number, seed: number): Image {
  const { height, width, channels, data } = image;
  const kernel = gaussianBlur(GRAIN);
  const white = addGaussianNoise(createImage({ height, width, channels: 1 }), 1, seed, {
    clip: false,
  });
  // The filter multiplies the variance of white noise by the sum of its squared weights.
  const scale = sigma / Math.hypot(...kernel.weights);
  const grain = blurred(white, kernel);
  return added(image, (pixel) => {
    let tone = 0;
    for (let c = 0; c < channels; c++) tone += data[pixel * channels + c]! / channels;
    return scale * grain.data[pixel]! * Math.sqrt(Math.max(4 * tone * (1 - tone), 0.04));
  }, sigma);
}

/**
 * Adds luminance noise: the same white noise in all channels.
 *
 * @param image The clean picture.
 * @param sigma Its standard deviation, in [0, 1].
 * @param seed The same seed gives the same noise.
 * @returns A new image, clipped to [0, 1].
 * @throws {RangeError} If `sigma` is negative or not finite.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = new Float32Array(12).fill(0.5);
 * const noisy = addLuminanceNoise({ height: 2, width: 2, channels: 3, data }, 0.1, 1).data;
 * assert.ok(noisy[0] !== 0.5 && noisy[0] === noisy[1] && noisy[1] === noisy[2]);
 * ```
 */
export function addLuminanceNoise(image: Image, sigma: number, seed: number): Image {
  const { normal } = random(seed);
  return added(image, () => sigma * normal(), sigma);
}

/** Adds a number to all samples of a pixel. */
function added(image: Image, noiseAt: (pixel: number) => number, sigma: number): Image {
  checkNotNegative("sigma", sigma);
  const { height, width, channels } = image;
  const data = new Float32Array(image.data.length);
  for (let pixel = 0; pixel < height * width; pixel++) {
    const noise = noiseAt(pixel);
    for (let i = pixel * channels; i < (pixel + 1) * channels; i++) {
      data[i] = Math.min(Math.max(image.data[i]! + noise, 0), 1);
    }
  }
  return { ...image, data };
}

/**
 * White noise that was then compressed as JPEG with colour at half the size, as in a noisy picture that was saved: in
 * colour it has low frequencies only.
 *
 * @param image The clean picture.
 * @param sigma The noise's standard deviation before compression, in [0, 1].
 * @param seed The same seed gives the same noise.
 * @param quality JPEG's, 1 to 100. @default {92}
 * @returns A new image.
 * @throws {RangeError} If `sigma` is negative or not finite, or `quality` out of range.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage, psnr } from "../image/mod.ts";
 *
 * const data = new Float32Array(64 * 64 * 3).fill(0.5);
 * const grey = createImage({ height: 64, width: 64, channels: 3, data });
 * assert.ok(psnr(await addJpegCompressedNoise(grey, 0.1, 1), grey) > 22);
 * ```
 */
export async function addJpegCompressedNoise(
  image: Image,
  sigma: number,
  seed: number,
  quality = 92,
): Promise<Image> {
  return (await compressJpeg(addGaussianNoise(image, sigma, seed), quality)).image;
}
