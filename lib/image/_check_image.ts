// Checks that an image's fields agree with each other.
import type { Image } from "./image.ts";

/** Throws a `RangeError` naming the first field of `image` that does not fit the others. */
export function checkImage({ height, width, channels, data, alpha, bitDepth }: Image): void {
  for (const [name, size] of [["height", height], ["width", width]] as const) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(`\`${name}\` must be a positive whole number: got ${size}`);
    }
  }
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`\`channels\` must be 1 or 3: got ${channels}`);
  }
  if (data.length !== height * width * channels) {
    throw new RangeError(
      `\`data\` must hold ${height}x${width}x${channels} samples: got ${data.length}`,
    );
  }
  if (alpha && alpha.length !== height * width) {
    throw new RangeError(`\`alpha\` must hold ${height}x${width} samples: got ${alpha.length}`);
  }
  if (bitDepth !== undefined && bitDepth !== 8 && bitDepth !== 16) {
    throw new RangeError(`\`bitDepth\` must be 8 or 16: got ${bitDepth}`);
  }
}
