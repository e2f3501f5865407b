// Impulses: single samples that are black or white independent of the picture, such as hot pixels or salt and pepper.
import type { Image } from "../image/mod.ts";
import { MAD_TO_SIGMA, median } from "./_statistics.ts";

/**
 * The least difference between an impulse and the median around it: absolute, and relative to the usual difference in
 * the picture.
 */
const LEAST_STEP = 0.25, LEAST_SCALES = 6;

/** The same once the picture is known to have impulses; smaller differences then suffice. */
const DOUBTED_STEP = 0.04, DOUBTED_SCALES = 3;

/** A sample with more similar neighbours than MOST_ALIKE belongs to a line or a spot. */
const MOST_ALIKE = 1, ALIKE = 0.1;

/** With a smaller fraction of samples, the picture has no impulses: stars, glints and dots of letters are as many. */
const FEWEST = 0.005;

/** With a greater fraction of samples at the ends, it is a black and white picture, such as a fax. */
const MOST = 0.95;

/** Options of {@linkcode findImpulses}. */
export interface FindImpulsesOptions {
  /** The smallest fraction of samples; 0 if the picture is known to have impulses. @default {0.005} */
  fewest?: number;
}

const isExtreme = (value: number) => value <= 0 || value >= 1;

/** The sorted samples that are at neither end. */
const between = (sorted: Float64Array): Float64Array => {
  const from = sorted.findIndex((value) => value > 0);
  return from < 0
    ? sorted.subarray(0, 0)
    : sorted.subarray(from, sorted.findLastIndex((value) => value < 1) + 1);
};

/** Returns the sorted samples of the same channel around a sample; the next call overwrites the array. */
function neighboursIn({ height, width, channels, data }: Image): (i: number) => Float64Array {
  const all = new Float64Array(8);
  return (i) => {
    const channel = i % channels, pixel = (i - channel) / channels;
    const x = pixel % width, y = (pixel - x) / width;
    let count = 0;
    for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++) {
      for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) {
        if (u === x && v === y) continue;
        const value = data[(v * width + u) * channels + channel]!;
        let at = count++;
        for (; at > 0 && all[at - 1]! > value; at--) all[at] = all[at - 1]!;
        all[at] = value;
      }
    }
    return all.subarray(0, count);
  };
}

/**
 * Finds impulses: samples at 0 or 1 that differ from the median of their neighbours far more than is usual in the
 * picture, and that have at most one similar neighbour. Strong Gaussian noise, which is clipped at 0 and 1 too, has
 * no such unusual samples. If there are enough impulses, all samples at the same end count that differ from their
 * neighbours. A sample whose neighbours are all at an end belongs to a black or white area, unless both ends are
 * as frequent among the neighbours: dense salt and pepper.
 *
 * @param image The picture.
 * @param options The smallest fraction.
 * @returns 1 for each sample that is an impulse, else 0, in the order of `image.data`; or undefined if they are fewer
 * than `fewest`, as stars or glints may be, or if the picture is black and white.
 *
 * @example Grey with every 47th sample white
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const data = Float32Array.from({ length: 51 * 50 }, (_, i) => i % 47 === 0 ? 1 : 0.4);
 * const found = findImpulses(createImage({ height: 50, width: 51, channels: 1, data }))!;
 * assert.ok(found.every((value, i) => value === Number(i % 47 === 0)));
 * ```
 */
export function findImpulses(
  image: Image,
  { fewest = FEWEST }: FindImpulsesOptions = {},
): Uint8Array | undefined {
  const { data } = image;
  // Most pictures have few samples at the ends; then nothing needs sorting.
  let extremes = 0;
  for (let i = 0; i < data.length; i++) if (isExtreme(data[i]!)) extremes++;
  if (extremes === 0 || extremes < fewest * data.length || extremes > MOST * data.length) {
    return undefined;
  }
  const neighbours = neighboursIn(image);
  const differences = new Float64Array(data.length);
  // The differences of the samples that are not at an end, from neighbours that are not either.
  const usual = new Float64Array(data.length - extremes);
  let inner = 0;
  for (let i = 0; i < data.length; i++) {
    const around = neighbours(i);
    differences[i] = Math.abs(data[i]! - median(around));
    if (isExtreme(data[i]!)) continue;
    const others = between(around);
    if (others.length > 0) usual[inner++] = Math.abs(data[i]! - median(others));
  }
  const scale = inner > 0 ? MAD_TO_SIGMA * median(usual.subarray(0, inner).sort()) : 0;
  const least = Math.max(LEAST_STEP, LEAST_SCALES * scale);
  const found = new Uint8Array(data.length);
  let count = 0, same = 0, opposite = 0;
  for (let i = 0; i < data.length; i++) {
    if (!isExtreme(data[i]!)) continue;
    let alike = 0;
    for (const value of neighbours(i)) {
      if (Math.abs(value - data[i]!) < ALIKE) alike++;
      if (isExtreme(value)) {
        if (value === data[i]) same++;
        else opposite++;
      }
    }
    if (differences[i]! < least || alike > MOST_ALIKE) continue;
    found[i] = 1;
    count++;
  }
  if (count === 0 || count < fewest * data.length) return undefined;
  // Now that impulses are known, search again for the same value with lower thresholds.
  const [low, high] = [0, 1].map((end) =>
    data.some((value, i) => found[i] === 1 && (end === 0 ? value <= 0 : value >= 1))
  );
  const lesser = Math.max(DOUBTED_STEP, DOUBTED_SCALES * scale);
  // In black or white areas and drawings, neighbours at the same end are far more than those at the other one; in
  // dense salt and pepper they are as many.
  const isDense = opposite > same / 2;
  for (let i = 0; i < data.length; i++) {
    if (!(data[i]! <= 0 && low) && !(data[i]! >= 1 && high)) continue;
    const around = neighbours(i), others = between(around);
    if (others.length > 0) {
      if (Math.abs(data[i]! - median(others)) >= lesser) found[i] = 1;
    } else if (isDense && around[0] !== around.at(-1)) found[i] = 1;
  }
  return found;
}
