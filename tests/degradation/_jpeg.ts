// JPEG's arithmetic from the definitions: cosine transforms, colours, tables.
import type { Image } from "../../lib/image/mod.ts";

/** ITU-T T.81, table K.1. */
export const LUMINANCE = [
  ...[16, 11, 10, 16, 24, 40, 51, 61],
  ...[12, 12, 14, 19, 26, 58, 60, 55],
  ...[14, 13, 16, 24, 40, 57, 69, 56],
  ...[14, 17, 22, 29, 51, 87, 80, 62],
  ...[18, 22, 37, 56, 68, 109, 103, 77],
  ...[24, 35, 55, 64, 81, 104, 113, 92],
  ...[49, 64, 78, 87, 103, 121, 120, 101],
  ...[72, 92, 95, 98, 112, 100, 103, 99],
];

/** ITU-T T.81, table K.2. */
export const CHROMINANCE = [
  ...[17, 18, 24, 47, 99, 99, 99, 99],
  ...[18, 21, 26, 66, 99, 99, 99, 99],
  ...[24, 26, 56, 99, 99, 99, 99, 99],
  ...[47, 66, 99, 99, 99, 99, 99, 99],
  ...Array<number>(32).fill(99),
];

/** A plane of numbers. */
export interface Plane {
  readonly height: number;
  readonly width: number;
  at(y: number, x: number): number;
}

const scale = (u: number) => u === 0 ? Math.SQRT1_2 : 1;
const wave = (u: number, x: number) => Math.cos((2 * x + 1) * u * Math.PI / 16);

/** The 64 coefficients of a block, row-major, vertical frequency first (T.81, A.3.3). */
export function coefficients(at: (y: number, x: number) => number): number[] {
  return Array.from({ length: 64 }, (_, k) => {
    const v = k >> 3, u = k & 7;
    let sum = 0;
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) sum += at(y, x) * wave(v, y) * wave(u, x);
    }
    return scale(u) * scale(v) * sum / 4;
  });
}

/** The block that has these coefficients. */
export function block(coefficients: readonly number[]): number[] {
  return Array.from({ length: 64 }, (_, i) => {
    const y = i >> 3, x = i & 7;
    return coefficients.reduce(
      (sum, c, k) => sum + scale(k & 7) * scale(k >> 3) * c * wave(k >> 3, y) * wave(k & 7, x) / 4,
      0,
    );
  });
}

/** The coefficients of all blocks of a plane, from its first row and column on; the last ones repeated. */
export function allCoefficients({ height, width, at }: Plane): number[][] {
  const blocks: number[][] = [];
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      blocks.push(
        coefficients((y, x) => at(Math.min(top + y, height - 1), Math.min(left + x, width - 1))),
      );
    }
  }
  return blocks;
}

/** Rows of RGB to Y, Cb, Cr (ITU-T T.871), without the offsets. */
const COLOURS = [[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]] as const;

/**
 * Luminance and colour differences of a picture, the latter the means of `down` by `across` pixels; the
 * last row and column repeated until both are whole blocks.
 */
export function planesOf(
  { height, width, channels, data }: Image,
  [down, across]: readonly [number, number],
): Plane[] {
  const sample = (y: number, x: number, c: number) =>
    data[(Math.min(y, height - 1) * width + Math.min(x, width - 1)) * channels + c]!;
  if (channels === 1) return [{ height, width, at: (y, x) => sample(y, x, 0) }];
  const whole = (size: number, unit: number) => Math.ceil(size / unit) * unit;
  const rows = whole(height, 8 * down), columns = whole(width, 8 * across);
  return COLOURS.map(([r, g, b], i) => {
    const colour = (y: number, x: number) =>
      r * sample(y, x, 0) + g * sample(y, x, 1) + b * sample(y, x, 2);
    if (i === 0) return { height: rows, width: columns, at: colour };
    const at = (y: number, x: number) => {
      let sum = 0;
      for (let v = 0; v < down; v++) {
        for (let u = 0; u < across; u++) sum += colour(y * down + v, x * across + u);
      }
      return sum / (down * across);
    };
    return { height: rows / down, width: columns / across, at };
  });
}
