// Measures noise in a flat region of a picture.
import { crop, type Image } from "../image/mod.ts";
import { luminances } from "./measures.ts";
import type { NoiseModel } from "./model.ts";
import { opponentAt } from "./_opponent.ts";
import { madePositive } from "./_spectrum.ts";

/** A part of a picture, in pixels. */
export interface FlatRegion {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The smallest side of a region. */
const SMALLEST = 16;

/** Distances over which the autocorrelation is measured. */
const LAGS = 8;

/** A correlation below this number of standard errors counts as 0. */
const ERRORS = 4;

/**
 * Measures the noise of a picture in a region that should have one colour, such as a wall or the sky. All variation
 * there counts as noise, except a linear slope. The level is used for the whole picture.
 *
 * @param image The picture.
 * @param region The part, at least 16x16.
 * @returns The noise, of one level at every luminance.
 * @throws {RangeError} If the region is too small, or not within the picture.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { addGaussianNoise, createImage } from "../image/mod.ts";
 *
 * const data = new Float32Array(64 * 64).fill(0.5);
 * const noisy = addGaussianNoise(createImage({ height: 64, width: 64, channels: 1, data }), 0.1, 1);
 * const { variance } = noiseOfRegion(noisy, { x: 8, y: 8, width: 48, height: 48 });
 * assert.ok(Math.abs(Math.sqrt(variance[0]![0]!) / 0.1 - 1) < 0.1);
 * ```
 */
export function noiseOfRegion(image: Image, region: FlatRegion): NoiseModel {
  const { x, y, width, height } = region;
  const isInside = [x, y, width, height].every(Number.isInteger) && x >= 0 && y >= 0 &&
    x + width <= image.width && y + height <= image.height;
  if (!isInside || Math.min(width, height) < SMALLEST) {
    throw new RangeError(
      `\`region\` must be at least ${SMALLEST}x${SMALLEST} pixels within ${image.width}x${image.height}: ` +
        `got ${width}x${height} from ${x},${y}`,
    );
  }
  const part = crop(image, y, x, height, width), { channels } = image, pixels = height * width;
  const planes = Array.from({ length: channels }, () => new Float64Array(pixels));
  const pixel = new Float64Array(channels);
  for (let p = 0; p < pixels; p++) {
    opponentAt(part, p * channels, pixel);
    for (let c = 0; c < channels; c++) planes[c]![p] = pixel[c]!;
  }
  planes.forEach((plane) => takeSlope(plane, height, width));
  const product = (a: Float64Array, b: Float64Array) =>
    // A plane of three parameters was subtracted.
    a.reduce((sum, value, p) => sum + value * b[p]!, 0) / (pixels - 3);
  const variance = planes.map((plane) => product(plane, plane));
  const sum = luminances(part).reduce((a, b) => a + b, 0);
  return {
    channels,
    luminance: [sum / pixels],
    variance: variance.map((value) => [value]),
    autocorrelation: planes.map((plane, c) =>
      variance[c]! > 0 ? correlationOf(plane, height, width) : [1]
    ),
    correlation: planes.map((a, c) =>
      planes.map((b, d) => {
        const both = Math.sqrt(variance[c]! * variance[d]!);
        return c === d ? 1 : both > 0 ? product(a, b) / both : 0;
      })
    ),
  };
}

/** Subtracts a plane's mean and slope, found by least squares. */
function takeSlope(plane: Float64Array, height: number, width: number): void {
  let mean = 0, down = 0, across = 0, downs = 0, acrosses = 0;
  const at = (p: number) => [Math.floor(p / width) - (height - 1) / 2, p % width - (width - 1) / 2];
  plane.forEach((value, p) => {
    const [v, u] = at(p) as [number, number];
    mean += value / plane.length;
    down += v * value;
    across += u * value;
    downs += v * v;
    acrosses += u * u;
  });
  plane.forEach((value, p) => {
    const [v, u] = at(p) as [number, number];
    plane[p] = value - mean - v * down / downs - u * across / acrosses;
  });
}

/** The autocorrelation over distances in both directions; only the first number for white noise. */
function correlationOf(plane: Float64Array, height: number, width: number): number[] {
  const lags = new Float64Array(LAGS * LAGS);
  for (let dy = 0; dy < LAGS; dy++) {
    for (let dx = 0; dx < LAGS; dx++) {
      let sum = 0, count = 0;
      for (let y = 0; y + dy < height; y++) {
        for (let x = 0; x + dx < width; x++) {
          const below = (y + dy) * width;
          sum += plane[y * width + x]! * plane[below + x + dx]!;
          sum += plane[y * width + x + dx]! * plane[below + x]!;
          count += 2;
        }
      }
      lags[dy * LAGS + dx] = sum / count;
    }
  }
  const none = ERRORS * lags[0]! / Math.sqrt(height * width);
  if (lags.every((value, i) => i === 0 || Math.abs(value) < none)) return [1];
  const windowed = lags.map((value, i) =>
    value * Math.cos(Math.PI * Math.floor(i / LAGS) / (2 * LAGS)) *
    Math.cos(Math.PI * (i % LAGS) / (2 * LAGS))
  );
  return madePositive(windowed);
}
