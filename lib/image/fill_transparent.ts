// Gives transparent pixels the colour of visible pixels nearby.
import type { Image } from "./image.ts";

/**
 * Gives every fully transparent pixel the colour of the nearest visible one, by city-block distance. The colour
 * stored in transparent pixels is rarely intended, such as the green behind a sprite, and would change the edges of
 * visible parts when an operation mixes neighbouring pixels.
 *
 * @param image The picture; without `alpha`, or if all of it is transparent, it is returned as it is.
 * @returns A new picture with the same `alpha`; visible pixels are unchanged.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const image = { height: 1, width: 3, channels: 1, data: Float32Array.of(0.5, 1, 0) } as const;
 * const { data } = fillTransparent({ ...image, alpha: Float32Array.of(1, 0, 0) });
 * assert.deepEqual(data, Float32Array.of(0.5, 0.5, 0.5));
 * ```
 */
export function fillTransparent(image: Image): Image {
  const { height, width, channels, alpha } = image;
  if (!alpha?.some((value) => value === 0) || !alpha.some((value) => value > 0)) return image;
  const data = image.data.slice();
  const isFilled = Uint8Array.from(alpha, (value) => value > 0 ? 1 : 0);
  const pixels = new Uint32Array(height * width);
  let end = 0;
  isFilled.forEach((one, i) => {
    if (one) pixels[end++] = i;
  });
  for (let next = 0; next < end; next++) {
    const i = pixels[next]!, x = i % width;
    const spread = (j: number, isInside: boolean) => {
      if (!isInside || isFilled[j]) return;
      data.copyWithin(j * channels, i * channels, (i + 1) * channels);
      isFilled[j] = 1;
      pixels[end++] = j;
    };
    spread(i - 1, x > 0);
    spread(i + 1, x < width - 1);
    spread(i - width, i >= width);
    spread(i + width, i < width * (height - 1));
  }
  return { ...image, data };
}
