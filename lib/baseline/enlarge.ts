// Enlarges a picture by interpolation.
import { check, checkWholeNumber } from "../check.ts";
import { type Image, resample } from "../image/mod.ts";
import { checked } from "./_arguments.ts";

/** Options for {@linkcode enlarge}. */
export interface EnlargeOptions {
  /** Keys's cubic convolution with a = -1/2, or a sinc windowed to three lobes. */
  kernel: "bicubic" | "lanczos3";
}

const NAMES: readonly string[] = ["bicubic", "lanczos3"] satisfies EnlargeOptions["kernel"][];

/**
 * Enlarges a picture by a whole factor, `[height, width]` to `[factor height, factor width]`.
 *
 * The centre of the new pixel `i` lies at `(i + 1/2) / factor - 1/2` old pixels, so that the picture is not shifted.
 * A new pixel is the mean of old ones weighted by `k(distance)`, along columns and then rows, with weights normalised
 * to sum 1; edge pixels are repeated. The kernels are Keys's (1981, "Cubic Convolution Interpolation for Digital
 * Image Processing", a = -1/2) and Lanczos's, `sinc(x) sinc(x/3)` (Duchon 1979). Overshoot is clipped to [0, 1];
 * `alpha` is enlarged in the same way.
 *
 * sharp is not used here, because it enlarges with a shift of half a new pixel, and always with the cubic kernel.
 *
 * @param image The picture.
 * @param factor The factor of enlargement of each side, a whole number from 1.
 * @param options The kernel.
 * @returns A new picture.
 * @throws {RangeError} If `factor` is out of range, `kernel` is unknown, or the image's fields are inconsistent.
 *
 * @example A ramp stays a ramp
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.from({ length: 9 }, (_, x) => x / 8);
 * const ramp = { height: 1, width: 9, channels: 1, data } as const;
 * const twice = enlarge(ramp, 2, { kernel: "bicubic" });
 * assert.equal(twice.width, 18);
 * assert.ok(Math.abs(twice.data[8]! - 3.75 / 8) < 1e-6); // the pixel 8 is at 8.5 / 2 - 0.5
 * ```
 */
export function enlarge(image: Image, factor: number, { kernel }: EnlargeOptions): Image {
  checkWholeNumber("factor", factor, 1);
  check(NAMES.includes(kernel), "kernel", kernel, `one of ${NAMES.join(", ")}`);
  const { height, width } = checked(image);
  return resample(image, height * factor, width * factor, kernel);
}
