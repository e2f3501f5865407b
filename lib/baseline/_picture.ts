// The pictures that baselines take and give.
import { createImage, type Image } from "../image/mod.ts";
import { checkFinite } from "./_check.ts";

/** The image as it is; a `RangeError` where its fields do not agree or a sample is not finite. */
export function checked(image: Image): Image {
  checkFinite(createImage(image).data);
  return image;
}

/** The image with other samples, clipped to [0, 1]. */
export function withSamples(image: Image, samples: ArrayLike<number>): Image {
  return { ...image, data: Float32Array.from(samples, (value) => Math.min(Math.max(value, 0), 1)) };
}
