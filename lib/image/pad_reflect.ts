// Enlarges an image by reflecting it at its edges.
import type { Image } from "./image.ts";
import { take } from "./_take.ts";

/**
 * Enlarges an image to `height` by `width`, itself in the middle, by reflection at its edges.
 *
 * The edge itself is not repeated (c b | a b c | b a), and the reflections go on for as long as
 * they are needed: index `i` of a side of `n` pixels is folded with the period `2 (n - 1)`. Where
 * the two ends cannot be equal, the end gets one more, as in {@linkcode paddingFor}. `alpha` is
 * padded in the same way.
 *
 * @param image The image.
 * @param height The rows wanted.
 * @param width The columns wanted.
 * @returns A new image.
 * @throws {RangeError} If the image is larger than what is wanted.
 *
 * @example A row of three becomes one of seven
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const row = { height: 1, width: 3, channels: 1, data: Float32Array.of(0, 0.5, 1) } as const;
 * assert.deepEqual(padReflect(row, 1, 7).data, Float32Array.of(1, 0.5, 0, 0.5, 1, 0.5, 0));
 * ```
 */
export function padReflect(image: Image, height: number, width: number): Image {
  return take(
    image,
    reflected("height", image.height, height),
    reflected("width", image.width, width),
  );
}

/** The indices of a side of `size` pixels that fill one of `wanted`. */
function reflected(name: string, size: number, wanted: number): number[] {
  if (!Number.isInteger(wanted) || wanted < size) {
    throw new RangeError(
      `\`${name}\` must be a whole number of at least the image's ${size}: got ${wanted}`,
    );
  }
  const before = Math.floor((wanted - size) / 2);
  const period = Math.max(2 * (size - 1), 1);
  return Array.from({ length: wanted }, (_, i) => {
    const folded = (((i - before) % period) + period) % period;
    return Math.min(folded, period - folded);
  });
}
