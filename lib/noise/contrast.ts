// How much a picture's samples spread, as against a usual photograph.
import type { Image } from "../image/mod.ts";

/** The part of the samples at either end that may be stars, and how many samples are looked at. */
const OUTLIERS = 0.1, LOOKED_AT = 50_000;

/** The samples of a photograph spread at least so much of the range between the outliers. */
const USUAL_SPREAD = 0.3;

/** Rounding to 16 bits leaves no less of a photograph's contrast. */
const LEAST = 255 / 65535;

/**
 * Where most of a picture's samples lie.
 *
 * @param data The samples; of many, some are looked at.
 * @param outliers The part of the samples at either end that lies beyond.
 * @returns The least and the greatest of the others.
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
 * The contrast of a picture: how much of the range its samples take up, but for the tenth at either end, as a part of
 * what a usual photograph does.
 *
 * @param data The samples.
 * @param range The range, in units of the samples.
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

/** A picture's samples as those of a usual photograph: `(value - low) / contrast + USUAL_LOW`. */
export interface ContrastNormalization {
  /** 1 if the picture is one of usual contrast, or has 8 bits. */
  readonly contrast: number;
  /** The value that becomes 1/2. */
  readonly middle: number;
  /** Maps a picture of these samples to usual ones. */
  to(image: Image): Image;
  /** Maps it back. */
  from(image: Image): Image;
}

/** Where the darkest of most samples then lie. */
const USUAL_LOW = 0.2;

/**
 * Maps a picture of little contrast to the range of a usual photograph. A file of 16 bits or floats may hold a
 * picture within a small part of its range, such as a dark frame or 12 bits in 16; what is tuned to photographs, and
 * numbers of 32 bits, then fit it as well. Pictures of 8 bits are left as they are.
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
