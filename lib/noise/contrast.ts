// How much a picture's samples spread, as against a usual photograph.

/** The part of the samples at either end that may be stars, and how many samples are looked at. */
const OUTLIERS = 0.1, LOOKED_AT = 50_000;

/** The samples of a photograph spread at least so much of the range between the outliers. */
const USUAL_SPREAD = 0.3;

/**
 * The contrast of a picture: how much of the range its samples take up, but for the tenth at either end, as a part of
 * what a usual photograph does. A file of 16 bits or floats may hold a picture within a small part of its range, such
 * as a dark frame or 12 bits in 16.
 *
 * @param data The samples.
 * @param range The range, in units of the samples.
 * @returns In [0, 1]; 1 for a usual photograph.
 *
 * @example A picture at a quarter of its contrast
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const data = Float32Array.from({ length: 1000 }, (_, i) => i / 1000);
 * assert.equal(contrastOf(data, 1), 1);
 * assert.ok(contrastOf(data.map((value) => value / 10), 1) < 0.3);
 * ```
 */
export function contrastOf(data: Float32Array, range: number): number {
  const step = Math.max(1, Math.floor(data.length / LOOKED_AT));
  const sorted = data.filter((_, i) => i % step === 0).sort();
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))]!;
  return Math.min(1, (at(1 - OUTLIERS) - at(OUTLIERS)) / (USUAL_SPREAD * range));
}
