// The cosine transforms of a picture's blocks, from which its noise is measured.
import type { Image } from "../image/mod.ts";
import { opponentAt } from "./_opponent.ts";

/** The side of a block, and its samples. */
export const SIDE = 8, SIZE = SIDE * SIDE;

/** The approximate maximum number of blocks; the blocks of a large picture are farther apart. */
const MOST = 8192;

/** Blocks with a clipped sample are left out if at least this part of all blocks remains. */
const ENOUGH = 1 / 20;

/** Rows of the orthonormal cosine transform (DCT-II). */
const BASIS = Float64Array.from({ length: SIZE }, (_, i) => {
  const k = i >> 3, n = i & 7;
  return Math.sqrt((k === 0 ? 1 : 2) / SIDE) * Math.cos(Math.PI * (2 * n + 1) * k / (2 * SIDE));
});

/** The value of basis function `k` at sample `n`. */
export const basis = (k: number, n: number): number => BASIS[k * SIDE + n]!;

/** Blocks of a picture. */
export interface Blocks {
  readonly count: number;
  readonly channels: 1 | 3;
  /** The coefficients, `[count, channels, 8, 8]`, vertical frequency first. */
  readonly coefficients: Float32Array;
  /** The mean luminance of each block, that of the noise model. */
  readonly luminance: Float64Array;
}

/**
 * The cosine transforms of the 8x8 blocks of a picture, in the noise model's channels.
 *
 * Blocks overlap. Their distance is an odd number of pixels, so that they occur at all phases of a colour filter's
 * and a JPEG file's grid.
 *
 * @param image The picture, at least 8x8.
 * @param scale A factor on the samples.
 * @param mayClip Whether samples at 0 and 1 may be clipped: their blocks are left out if enough others remain.
 * @returns The blocks.
 */
export function blocksOf(image: Image, scale: number, mayClip: boolean): Blocks {
  const { height, width, channels } = image;
  const placesFor = (step: number) =>
    (Math.floor((height - SIDE) / step) + 1) * (Math.floor((width - SIDE) / step) + 1);
  let step = 1;
  while (placesFor(step) > MOST) step += 2;
  const places: number[] = [], unclipped: number[] = [];
  for (let y = 0; y + SIDE <= height; y += step) {
    for (let x = 0; x + SIDE <= width; x += step) {
      places.push(y * width + x);
      if (!(mayClip && isClipped(image, y * width + x))) unclipped.push(y * width + x);
    }
  }
  const kept = unclipped.length >= ENOUGH * places.length ? unclipped : places;
  const coefficients = new Float32Array(kept.length * channels * SIZE);
  const luminance = new Float64Array(kept.length);
  const planes = Array.from({ length: channels }, () => new Float64Array(SIZE));
  const pixel = new Float64Array(channels), rows = new Float64Array(SIZE);
  const toLuminance = 1 / (SIDE * (channels === 3 ? Math.sqrt(3) : 1));
  kept.forEach((place, n) => {
    for (let y = 0, i = 0; y < SIDE; y++) {
      for (let x = 0, at = (place + y * width) * channels; x < SIDE; x++, i++, at += channels) {
        opponentAt(image, at, pixel);
        for (let c = 0; c < channels; c++) planes[c]![i] = scale * pixel[c]!;
      }
    }
    for (let c = 0; c < channels; c++) {
      transform(planes[c]!, rows, coefficients, (n * channels + c) * SIZE);
    }
    luminance[n] = coefficients[n * channels * SIZE]! * toLuminance;
  });
  return { count: kept.length, channels, coefficients, luminance };
}

function isClipped({ width, channels, data }: Image, place: number): boolean {
  for (let y = 0; y < SIDE; y++) {
    const from = (place + y * width) * channels;
    for (let i = from; i < from + SIDE * channels; i++) {
      if (data[i]! <= 0 || data[i]! >= 1) return true;
    }
  }
  return false;
}

/** Writes the transform of an 8x8 block to `into` at index `at`; `rows` is a work array. */
function transform(block: Float64Array, rows: Float64Array, into: Float32Array, at: number): void {
  for (let y = 0; y < SIDE; y++) {
    for (let k = 0; k < SIDE; k++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++) sum += BASIS[k * SIDE + x]! * block[y * SIDE + x]!;
      rows[y * SIDE + k] = sum;
    }
  }
  for (let k = 0; k < SIDE; k++) {
    for (let l = 0; l < SIDE; l++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++) sum += BASIS[k * SIDE + y]! * rows[y * SIDE + l]!;
      into[at + k * SIDE + l] = sum;
    }
  }
}
