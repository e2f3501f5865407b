// Fills a picture's holes smoothly from their borders: for a picture, and within a traced step.
import type { tf } from "../engine/mod.ts";
import type { Image } from "../image/mod.ts";
import { separable } from "./_planes.ts";

interface Level {
  readonly height: number;
  readonly width: number;
  /** Sums of samples times weights, and of the weights. */
  readonly sums: Float64Array;
  readonly weights: Float64Array;
}

/**
 * Fills unknown pixels by a pyramid of weighted means (pull-push, Gortler et al. 1996): each gets the mean of the
 * known pixels in the smallest square around it that contains any.
 *
 * @param image The picture.
 * @param isKnown 1 for a known pixel, 0 for an unknown one, `[height, width]`; some must be known.
 * @returns The picture; known pixels are unchanged.
 */
export function filled(image: Image, isKnown: Float32Array): Image {
  const { height, width, channels, data } = image;
  const levels: Level[] = [{
    height,
    width,
    sums: Float64Array.from(data, (value, i) => value * isKnown[Math.floor(i / channels)]!),
    weights: Float64Array.from(isKnown),
  }];
  while (levels.at(-1)!.height > 1 || levels.at(-1)!.width > 1) {
    levels.push(halved(levels.at(-1)!, channels));
  }
  // Begin with the coarsest level, in which everything is known.
  let filling = meansOf(levels.at(-1)!, undefined, channels);
  for (const level of levels.slice(0, -1).reverse()) {
    filling = meansOf(level, { width: Math.ceil(level.width / 2), values: filling }, channels);
  }
  return {
    ...image,
    data: Float32Array.from(
      filling,
      (value, i) => isKnown[Math.floor(i / channels)] ? data[i]! : value,
    ),
  };
}

function halved({ height, width, sums, weights }: Level, channels: number): Level {
  const rows = Math.ceil(height / 2), columns = Math.ceil(width / 2);
  const level = {
    height: rows,
    width: columns,
    sums: new Float64Array(rows * columns * channels),
    weights: new Float64Array(rows * columns),
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = y * width + x, to = (y >> 1) * columns + (x >> 1);
      level.weights[to]! += weights[from]!;
      for (let c = 0; c < channels; c++) {
        level.sums[to * channels + c]! += sums[from * channels + c]!;
      }
    }
  }
  return level;
}

/** A level's means; where nothing is known, the coarser level is interpolated. */
function meansOf(
  { height, width, sums, weights }: Level,
  coarse: { width: number; values: Float64Array } | undefined,
  channels: number,
): Float64Array {
  const values = new Float64Array(height * width * channels);
  const rows = coarse ? coarse.values.length / channels / coarse.width : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x, weight = weights[pixel]!;
      for (let c = 0; c < channels; c++) {
        const at = pixel * channels + c;
        values[at] = weight > 0
          ? sums[at]! / weight
          : between(coarse!, rows, (y - 0.5) / 2, (x - 0.5) / 2, c, channels);
      }
    }
  }
  return values;
}

/** Bilinear interpolation with repeated edges. */
function between(
  { width, values }: { width: number; values: Float64Array },
  height: number,
  y: number,
  x: number,
  channel: number,
  channels: number,
): number {
  const top = Math.floor(y), left = Math.floor(x);
  const at = (row: number, column: number) => {
    const inRow = Math.min(Math.max(row, 0), height - 1);
    const inColumn = Math.min(Math.max(column, 0), width - 1);
    return values[(inRow * width + inColumn) * channels + channel]!;
  };
  const down = y - top, across = x - left;
  const upper = (1 - across) * at(top, left) + across * at(top, left + 1);
  const lower = (1 - across) * at(top + 1, left) + across * at(top + 1, left + 1);
  return (1 - down) * upper + down * lower;
}

/**
 * Standard deviations of the Gaussians, in pixels. Each has FADING times the weight of the narrower one, so it
 * matters only where that has no known pixel.
 */
const SIGMAS = [0.8, 2.5, 8, 32] as const, FADING = 1e-3;

/**
 * Fills pixels that are not visible with weighted means of visible ones (normalised convolution, Knutsson and Westin
 * 1993), in which near pixels outweigh far ones; part of a traced step.
 *
 * @param observed `[1, height, width, channels]`.
 * @param visible 1 for a visible pixel, 0 for another, `[1, height, width, 1]`.
 * @returns `[1, height, width, channels]`; visible pixels are unchanged.
 */
export function filledWithin(observed: tf.Tensor, visible: tf.Tensor): tf.Tensor {
  const [, height, width] = observed.shape as [number, number, number, number];
  const seen = observed.mul(visible);
  const parts = SIGMAS.map((sigma, i) => {
    const rows = gaussians(height, sigma), columns = gaussians(width, sigma);
    const spread = (x: tf.Tensor) => separable(x, rows, columns).mul(FADING ** i);
    return { sum: spread(seen), weight: spread(visible) };
  });
  const sum = parts.map(({ sum }) => sum).reduce((a, b) => a.add(b));
  const weight = parts.map(({ weight }) => weight).reduce((a, b) => a.add(b));
  return seen.add(sum.div(weight.add(1e-20)).mul(visible.neg().add(1)));
}

/** Row i is a Gaussian around i of sum 1; `[size, size]`. */
function gaussians(size: number, sigma: number): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) {
      sum += matrix[i * size + j] = Math.exp(-((i - j) ** 2) / (2 * sigma * sigma));
    }
    for (let j = 0; j < size; j++) matrix[i * size + j]! /= sum;
  }
  return matrix;
}
