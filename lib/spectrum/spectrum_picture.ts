// A spectrum as a grey picture.
import { createImage, type Image } from "../image/mod.ts";
import type { LogPower } from "./log_power.ts";

/** What is shown black and what white. */
export interface PowerRange {
  /** The logarithm shown black. */
  readonly low: number;
  /** The logarithm shown white. */
  readonly high: number;
}

/**
 * A spectrum as a grey picture. One range for several makes them comparable by eye.
 *
 * @param logPower The logarithms of the power, from the function {@linkcode logPower}.
 * @param range What is black and what white; by default the least and the greatest there is.
 * @returns A grey picture.
 * @throws {RangeError} If `range` is not two finite numbers, the lower first.
 *
 * @example From black to white
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const power = { height: 1, width: 3, data: Float32Array.of(-2, 0, 2) };
 * assert.deepEqual(spectrumPicture(power).data, Float32Array.of(0, 0.5, 1));
 * assert.deepEqual(spectrumPicture(power, { low: 0, high: 4 }).data, Float32Array.of(0, 0, 0.5));
 * ```
 */
export function spectrumPicture(logPower: LogPower, range?: PowerRange): Image {
  const { height, width, data } = logPower;
  const { low, high } = range ?? extremes(data);
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
    throw new RangeError(`\`range\` must be two numbers, the lower first: got ${low}, ${high}`);
  }
  const span = high - low || 1;
  const grey = data.map((value) => Math.min(Math.max((value - low) / span, 0), 1));
  return createImage({ height, width, channels: 1, data: grey });
}

function extremes(data: Float32Array): PowerRange {
  let low = Infinity, high = -Infinity;
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { low, high };
}
