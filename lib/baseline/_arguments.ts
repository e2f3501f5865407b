// Checks of the baselines' arguments, and the picture that they return.
import { checkFinite } from "../check.ts";
import { createImage, type Image } from "../image/mod.ts";

/** Checks an image: a `RangeError` if its fields are inconsistent or a sample is not finite. Returns it. */
export function checked(image: Image): Image {
  checkFinite("image", createImage(image).data);
  return image;
}

/** The image with other samples, clipped to [0, 1]. */
export function withSamples(image: Image, samples: ArrayLike<number>): Image {
  return { ...image, data: Float32Array.from(samples, (value) => Math.min(Math.max(value, 0), 1)) };
}
