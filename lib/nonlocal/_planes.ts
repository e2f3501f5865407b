// A picture as planes of the opponent space.
import type { Image } from "../image/mod.ts";

/** A picture's channels, each a plane of its own. */
export interface Planes {
  readonly height: number;
  readonly width: number;
  readonly planes: readonly Float32Array[];
}

/** Rows of the orthonormal opponent transform: luminance and two colour differences. */
const OPPONENT = [[1, 1, 1], [1, 0, -1], [1, -2, 1]]
  .map((row) => row.map((value) => value / Math.hypot(...row)));

/** The planes of an image: opponent channels of a colour picture, a grey one as it is. */
export function toOpponent({ height, width, channels, data }: Image): Planes {
  if (channels === 1) return { height, width, planes: [data] };
  const planes = OPPONENT.map(([r, g, b]) => {
    const plane = new Float32Array(height * width);
    for (let i = 0, at = 0; i < plane.length; i++, at += 3) {
      plane[i] = r! * data[at]! + g! * data[at + 1]! + b! * data[at + 2]!;
    }
    return plane;
  });
  return { height, width, planes };
}

/** The samples of an image of that shape, from the first rows and columns of the planes. */
export function fromOpponent(
  { width: stride, planes }: Planes,
  { height, width, channels }: Image,
): Float32Array {
  const data = new Float32Array(height * width * channels);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, at = y * stride; x < width; x++, at++) {
      for (let c = 0; c < channels; c++, i++) {
        data[i] = channels === 1
          ? planes[0]![at]!
          : planes[0]![at]! * OPPONENT[0]![c]! + planes[1]![at]! * OPPONENT[1]![c]! +
            planes[2]![at]! * OPPONENT[2]![c]!;
      }
    }
  }
  return data;
}

/**
 * Reflects the last rows and columns until patches at every multiple of `stride` cover the picture.
 */
export function padEnds({ height, width, planes }: Planes, patch: number, stride: number): Planes {
  const padded = (size: number) => Math.ceil((size - patch) / stride) * stride + patch;
  const rows = padded(height), columns = padded(width);
  const mirrored = (i: number, size: number) => i < size ? i : 2 * (size - 1) - i;
  return {
    height: rows,
    width: columns,
    planes: planes.map((plane) => {
      const larger = new Float32Array(rows * columns);
      for (let y = 0; y < rows; y++) {
        const from = mirrored(y, height) * width;
        larger.set(plane.subarray(from, from + width), y * columns);
        for (let x = width; x < columns; x++) {
          larger[y * columns + x] = plane[from + mirrored(x, width)]!;
        }
      }
      return larger;
    }),
  };
}
