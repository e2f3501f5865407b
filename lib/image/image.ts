// The Image type: a picture as plain numbers.

/**
 * A picture as plain data.
 *
 * `data` is laid out `[height, width, channels]`, row by row, with values in [0, 1]: the sample of
 * row `y`, column `x` and channel `c` is `data[(y * width + x) * channels + c]`. Colours are sRGB.
 *
 * @example A grey ramp
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const image: Image = { height: 1, width: 3, channels: 1, data: Float32Array.of(0, 0.5, 1) };
 * assert.equal(image.data.length, image.height * image.width * image.channels);
 * ```
 */
export interface Image {
  /** The number of rows. */
  height: number;
  /** The number of columns. */
  width: number;
  /** 1 for a grey picture, 3 for red, green and blue. */
  channels: 1 | 3;
  /** The samples, `[height, width, channels]`, in [0, 1]. */
  data: Float32Array;
  /** The opacity, `[height, width]`, in [0, 1]. It is carried along and never restored. */
  alpha?: Float32Array;
  /**
   * The bits a sample has in the picture's file.
   *
   * @default {8}
   */
  bitDepth?: 8 | 16;
}
