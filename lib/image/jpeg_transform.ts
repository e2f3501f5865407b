// The transforms of JPEG compression: colours to luminance and colour differences, and blocks to cosine coefficients.

/** The side of JPEG's blocks. */
export const JPEG_BLOCK = 8;

/** Rows of the transform from RGB to Y, Cb, Cr (ITU-T T.871), without the offsets, which cancel in a difference. */
export const RGB_TO_YCBCR = [
  [0.299, 0.587, 0.114],
  [-0.168736, -0.331264, 0.5],
  [0.5, -0.418688, -0.081312],
] as const;

/** The inverse transform. */
export const YCBCR_TO_RGB = [[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]] as const;

/**
 * A basis function of the orthonormal cosine transform of a block's row or column (ITU-T T.81, A.3.3).
 *
 * @param frequency The frequency, 0 to 7.
 * @param place The sample, 0 to 7.
 * @returns The value there.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(jpegBasis(0, 3), Math.sqrt(1 / 8));
 * ```
 */
export const jpegBasis = (frequency: number, place: number): number =>
  Math.sqrt((frequency === 0 ? 1 : 2) / JPEG_BLOCK) *
  Math.cos((2 * place + 1) * frequency * Math.PI / (2 * JPEG_BLOCK));

/** All basis functions, `[frequency, place]`. */
const BASIS = Float64Array.from(
  { length: JPEG_BLOCK ** 2 },
  (_, i) => jpegBasis(i >> 3, i & 7),
);

/**
 * The orthonormal two-dimensional cosine transform of a block, in place.
 *
 * @param block The block, `[8, 8]`: samples, or for the inverse coefficients, vertical frequency first.
 * @param isInverse Whether coefficients are transformed back.
 *
 * @example There and back
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const block = new Float64Array(64).fill(3);
 * transformJpegBlock(block, false);
 * assert.ok(Math.abs(block[0]! - 24) < 1e-12);
 * transformJpegBlock(block, true);
 * assert.ok(Math.abs(block[63]! - 3) < 1e-12);
 * ```
 */
export function transformJpegBlock(block: Float64Array, isInverse: boolean): void {
  const side = JPEG_BLOCK, half = new Float64Array(side * side);
  const at = (u: number, x: number) => isInverse ? BASIS[x * side + u]! : BASIS[u * side + x]!;
  for (let u = 0; u < side; u++) {
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (let y = 0; y < side; y++) sum += at(u, y) * block[y * side + x]!;
      half[u * side + x] = sum;
    }
  }
  for (let u = 0; u < side; u++) {
    for (let v = 0; v < side; v++) {
      let sum = 0;
      for (let x = 0; x < side; x++) sum += at(v, x) * half[u * side + x]!;
      block[u * side + v] = sum;
    }
  }
}
