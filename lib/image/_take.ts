// Builds an image from chosen rows and columns of another.
import type { Image } from "./image.ts";

/** The image whose pixel (i, j) is the pixel (`rows[i]`, `columns[j]`) of `image`. */
export function take(image: Image, rows: readonly number[], columns: readonly number[]): Image {
  const pick = (from: Float32Array, channels: number) => {
    const to = new Float32Array(rows.length * columns.length * channels);
    let at = 0;
    for (const y of rows) {
      for (const x of columns) {
        const start = (y * image.width + x) * channels;
        for (let c = 0; c < channels; c++) to[at++] = from[start + c]!;
      }
    }
    return to;
  };
  return {
    ...image,
    height: rows.length,
    width: columns.length,
    data: pick(image.data, image.channels),
    ...(image.alpha && { alpha: pick(image.alpha, 1) }),
  };
}
