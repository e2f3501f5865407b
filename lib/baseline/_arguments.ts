// What several baselines do with their arguments, and the picture that they return.
import { createImage, type Image } from "../image/mod.ts";

/** Throws a `RangeError` unless `value` is a whole number from `least` to `most`. */
export function checkWhole(name: string, value: number, least: number, most = Infinity): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  throw new RangeError(`\`${name}\` must be a whole number ${range}: got ${value}`);
}

/** Throws a `RangeError` unless `value` is an odd whole number from `least` to `most`. */
export function checkOdd(name: string, value: number, least: number, most = Infinity): void {
  checkWhole(name, value, least, most);
  if (value % 2 === 0) throw new RangeError(`\`${name}\` must be odd: got ${value}`);
}

/** Throws a `RangeError` unless `value` is a finite number from 0. */
export function checkNotNegative(name: string, value: number): void {
  if (value >= 0 && value < Infinity) return;
  throw new RangeError(`\`${name}\` must be a finite number from 0: got ${value}`);
}

/** Throws a `RangeError` where a sample is not finite. */
function checkFinite(data: Float32Array): void {
  if (!data.every(Number.isFinite)) throw new RangeError("`image` must hold finite samples");
}

/** The image as it is; a `RangeError` where its fields do not agree or a sample is not finite. */
export function checked(image: Image): Image {
  checkFinite(createImage(image).data);
  return image;
}

/** The image with other samples, clipped to [0, 1]. */
export function withSamples(image: Image, samples: ArrayLike<number>): Image {
  return { ...image, data: Float32Array.from(samples, (value) => Math.min(Math.max(value, 0), 1)) };
}
