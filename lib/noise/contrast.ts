// The contrast of a picture relative to a usual photograph.
import type { Image } from "../image/mod.ts";

/** The fraction of samples at either end that may be outliers such as stars, and the number of samples used. */
const OUTLIERS = 0.1, LOOKED_AT = 50_000;

/** The range of a usual photograph without outliers, as a fraction of the whole range, is at least this. */
const USUAL_SPREAD = 0.3;

/** The contrast of a photograph that rounding to 16 bits still preserves. */
const LEAST = 255 / 65535;

/**
 * The range of a picture's samples without outliers.
 *
 * @param data The samples; of many, a part is used.
 * @param outliers The fraction of outliers at either end.
 * @returns The least and the greatest of the other samples.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(percentileRange(Float32Array.from({ length: 101 }, (_, i) => i), 0.1), [10, 90]);
 * ```
 */
export function percentileRange(
  data: Float32Array,
  outliers = OUTLIERS,
): readonly [low: number, high: number] {
  const step = Math.max(1, Math.floor(data.length / LOOKED_AT));
  const sorted = data.filter((_, i) => i % step === 0).sort();
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))]!;
  return [at(outliers), at(1 - outliers)];
}

/**
 * The contrast of a picture: the range of its samples without a tenth at either end, relative to that of a usual
 * photograph.
 *
 * @param data The samples.
 * @param range The whole range, in units of the samples.
 * @returns In [0, 1]; 1 for a usual photograph.
 *
 * @example A picture at a tenth of its contrast
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.from({ length: 1000 }, (_, i) => i / 1000);
 * assert.equal(relativeContrast(data, 1), 1);
 * assert.ok(relativeContrast(data.map((value) => value / 10), 1) < 0.3);
 * ```
 */
export function relativeContrast(data: Float32Array, range: number): number {
  const [low, high] = percentileRange(data);
  return contrastBetween(low, high, range);
}

const contrastBetween = (low: number, high: number, range: number): number =>
  Math.min(1, (high - low) / (USUAL_SPREAD * range));

/** Maps a picture's samples to those of a usual photograph: `(value - low) / contrast + USUAL_LOW`. */
export interface ContrastNormalization {
  /** 1 if the picture has usual contrast, or 8 bits. */
  readonly contrast: number;
  /** The value that becomes 1/2. */
  readonly middle: number;
  /** Maps a picture to usual contrast. */
  to(image: Image): Image;
  /** The inverse mapping. */
  from(image: Image): Image;
}

/** The value to which the lower end of the range is mapped. */
const USUAL_LOW = 0.2;

/**
 * Maps a picture of little contrast to the range of a usual photograph. The samples of a file of 16 bits or floats
 * may use a small part of its range, such as a dark frame or 12 bits in 16. After the mapping, parameters tuned to
 * photographs and float32 arithmetic suit it. Pictures of 8 bits are not changed.
 *
 * @param image The picture.
 * @returns The mapping.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.from({ length: 1000 }, (_, i) => 0.9 + i / 30_000);
 * const image = { height: 10, width: 100, channels: 1, bitDepth: 16, data } as const;
 * const { contrast, to, from } = normalizeContrast(image);
 * assert.ok(contrast < 0.1 && Math.abs(relativeContrast(to(image).data, 1) - 1) < 1e-3);
 * from(to(image)).data.forEach((value, i) => assert.ok(Math.abs(value - data[i]!) < 1e-6));
 * ```
 */
export function normalizeContrast({ data, bitDepth = 8 }: Image): ContrastNormalization {
  const same = (image: Image) => image;
  if (bitDepth === 8) return { contrast: 1, middle: 0.5, to: same, from: same };
  const [low, high] = percentileRange(data);
  const contrast = Math.max(contrastBetween(low, high, 1), LEAST);
  if (contrast === 1) return { contrast, middle: 0.5, to: same, from: same };
  const mapped = (map: (value: number) => number) => (image: Image): Image => ({
    ...image,
    data: image.data.map(map),
  });
  return {
    contrast,
    middle: low + (0.5 - USUAL_LOW) * contrast,
    to: mapped((value) => (value - low) / contrast + USUAL_LOW),
    from: mapped((value) => (value - USUAL_LOW) * contrast + low),
  };
}
