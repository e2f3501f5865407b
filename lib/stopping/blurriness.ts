// How blurred a picture is, by how little another blur changes it.
import type { Image } from "../image/mod.ts";
import { check } from "./_check.ts";

/** The length of the box that blurs along one axis. */
const BOX = 9;
/** Rows and columns left out at each side. */
const RIM = 6;

/**
 * The blurriness of a grey picture (Crete, Dolmiere, Ladret and Nicolas 2007), as the paper's code
 * has it.
 *
 * Along each axis the differences `D` of neighbouring pixels are set against the differences `D'`
 * after a blur with a box of 9: `b = sum(min(D, D')) / sum(D)`, without 6 pixels at each side.
 * The blurriness is the larger of both axes' `b`; an axis along which nothing differs says nothing.
 *
 * @param grey A picture of one channel.
 * @returns From 0, sharp, to 1, blurred. NaN if nothing differs or a side is below 12.
 * @throws {RangeError} If `grey` has colours.
 *
 * @example Single pixels against a slope
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 *
 * const picture = (value: (x: number) => number) =>
 *   createImage({
 *     height: 32,
 *     width: 32,
 *     channels: 1,
 *     data: Float32Array.from({ length: 1024 }, (_, i) => value(i % 32)),
 *   });
 * assert.equal(blurriness(picture((x) => x % 2)), 1 / 9);
 * assert.equal(blurriness(picture((x) => x / 32)), 1);
 * assert.equal(blurriness(picture(() => 0.5)), NaN);
 * ```
 */
export function blurriness(grey: Image): number {
  check(grey.channels === 1, "grey", `${grey.channels} channels`, "a picture of one channel");
  const across = along(grey, 1), down = along(grey, grey.width);
  if (Number.isNaN(across)) return down;
  return Number.isNaN(down) ? across : Math.max(across, down);
}

/** The blurriness along the axis on which neighbours are `step` samples apart. */
function along({ data, height, width }: Image, step: number): number {
  const ahead = (BOX >> 1) * step, behind = ahead + step;
  let total = 0, kept = 0;
  for (let y = RIM; y <= height - RIM; y++) {
    for (let i = y * width + RIM, end = (y + 1) * width - RIM; i <= end; i++) {
      const difference = Math.abs(data[i]! - data[i - step]!);
      // Two neighbouring boxes share all but the first pixel of one and the last of the other.
      const blurred = Math.abs(data[i + ahead]! - data[i - behind]!);
      total += BOX * difference;
      kept += Math.min(blurred, BOX * difference);
    }
  }
  return kept / total;
}
