// Converts colour to grey.
import type { Image } from "./image.ts";

/**
 * The grey picture of an image: `0.2989 R + 0.5870 G + 0.1140 B`, clipped to [0, 1].
 *
 * These are the weights of the paper's code, section 4, which measures colour pictures by their luminance. A grey
 * image is only clipped.
 *
 * @param image The image.
 * @returns A new image of one channel; `alpha` and `bitDepth` are the image's.
 *
 * @example Green counts for most
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
 * const grey = luminance({ height: 1, width: 3, channels: 3, data });
 * assert.deepEqual(grey.data, Float32Array.of(0.2989, 0.587, 0.114));
 * ```
 */
export function luminance(image: Image): Image {
  const { data, channels } = image;
  const grey = new Float32Array(image.height * image.width);
  for (let i = 0; i < grey.length; i++) {
    const value = channels === 1
      ? data[i]!
      : 0.2989 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!;
    grey[i] = Math.min(Math.max(value, 0), 1);
  }
  return { ...image, channels: 1, data: grey };
}
