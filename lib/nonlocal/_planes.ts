// A picture as planes of the opponent space, in memory that workers share.
import type { Image } from "../image/mod.ts";
import { OPPONENT_TRANSFORM } from "../noise/mod.ts";

/** A picture's channels as separate planes, `[height, width]`. */
export interface Planes {
  readonly height: number;
  readonly width: number;
  readonly planes: readonly Float32Array[];
}

/** Zeros in shared memory. */
export const sharedPlane = (length: number): Float32Array =>
  new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));

/**
 * The planes of an image: the opponent channels of a colour picture; a grey one unchanged. They are extended by
 * reflection until the patches at multiples of `stride` cover the picture.
 */
export function toPlanes(
  { height, width, channels, data }: Image,
  patch: number,
  stride: number,
): Planes {
  const covered = (size: number) => Math.ceil((size - patch) / stride) * stride + patch;
  const mirrored = (i: number, size: number) => i < size ? i : 2 * (size - 1) - i;
  const rows = covered(height), columns = covered(width);
  const planes = Array.from({ length: channels }, (_, c) => {
    const plane = sharedPlane(rows * columns), [r, g, b] = OPPONENT_TRANSFORM[c]!;
    for (let y = 0, i = 0; y < rows; y++) {
      const from = mirrored(y, height) * width;
      for (let x = 0; x < columns; x++, i++) {
        const at = (from + mirrored(x, width)) * channels;
        plane[i] = channels === 1
          ? data[at]!
          : r! * data[at]! + g! * data[at + 1]! + b! * data[at + 2]!;
      }
    }
    return plane;
  });
  return { height: rows, width: columns, planes };
}

/** The image with the first rows and columns of planes as its samples. */
export function fromPlanes(
  { width: row, planes }: Planes,
  { height, width, channels }: Pick<Image, "height" | "width" | "channels">,
): Float32Array {
  const data = new Float32Array(height * width * channels);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, at = y * row; x < width; x++, at++) {
      for (let c = 0; c < channels; c++, i++) {
        if (channels === 1) data[i] = planes[0]![at]!;
        else for (let d = 0; d < 3; d++) data[i]! += OPPONENT_TRANSFORM[d]![c]! * planes[d]![at]!;
      }
    }
  }
  return data;
}
