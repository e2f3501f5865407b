// Checks that two images can be compared sample by sample.
import type { Image } from "./image.ts";

const shape = ({ height, width, channels }: Image) => `${height}x${width}x${channels}`;

/** Throws a `RangeError` with both shapes where they differ. */
export function checkSameShape(image: Image, reference: Image): void {
  if (shape(image) !== shape(reference)) {
    throw new RangeError(
      `\`image\` must have the shape of \`reference\`, ${shape(reference)}: got ${shape(image)}`,
    );
  }
}
