// The Image type, a picture as plain numbers; its creation and checks.
import { check, checkSides } from "../check.ts";

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
  /** The opacity, `[height, width]`, in [0, 1]. It is passed through and never restored. */
  alpha?: Float32Array;
  /**
   * The bits a sample has in the picture's file.
   *
   * @default {8}
   */
  bitDepth?: 8 | 16;
}

/** The parts of an {@linkcode Image}; the samples may be left out. */
export interface ImageParts extends Omit<Image, "data"> {
  /**
   * The samples, `[height, width, channels]`, in [0, 1]. They are kept, not copied.
   *
   * @default {zeros, a black picture}
   */
  data?: Float32Array;
}

/**
 * Makes an {@linkcode Image} and checks that its fields are consistent.
 *
 * @param parts The picture's fields.
 * @returns The image.
 * @throws {RangeError} If a size is not a positive whole number, or an array's length does not match the sizes.
 *
 * @example A black picture and one from samples
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const black = createImage({ height: 2, width: 3, channels: 3 });
 * assert.equal(black.data.length, 18);
 *
 * const data = Float32Array.of(0, 0.25, 0.5, 1);
 * assert.equal(createImage({ height: 2, width: 2, channels: 1, data }).data, data);
 * assert.throws(() => createImage({ height: 2, width: 3, channels: 1, data }), RangeError);
 * ```
 */
export function createImage(parts: ImageParts): Image {
  const { height, width, channels } = parts;
  const data = parts.data ?? new Float32Array(Math.max(height * width * channels, 0));
  const image = { ...parts, data };
  checkImage(image);
  return image;
}

/** Throws a `RangeError` that names the first field of `image` that is inconsistent. */
export function checkImage({ height, width, channels, data, alpha, bitDepth }: Image): void {
  checkSides({ height, width });
  check(channels === 1 || channels === 3, "channels", channels, "1 or 3");
  if (data.length !== height * width * channels) {
    throw new RangeError(
      `\`data\` must hold ${height}x${width}x${channels} samples: got ${data.length}`,
    );
  }
  if (alpha && alpha.length !== height * width) {
    throw new RangeError(`\`alpha\` must hold ${height}x${width} samples: got ${alpha.length}`);
  }
  check(
    bitDepth === undefined || bitDepth === 8 || bitDepth === 16,
    "bitDepth",
    bitDepth,
    "8 or 16",
  );
}
