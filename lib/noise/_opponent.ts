// The orthonormal opponent space of the noise model's channels.
import type { Image } from "../image/mod.ts";

/**
 * Rows of the transform from R, G, B, `[3, 3]`: luminance and two colour differences. It is orthonormal, so white
 * noise stays white.
 */
export const OPPONENT_TRANSFORM: readonly (readonly number[])[] = [[1, 1, 1], [1, 0, -1], [
  1,
  -2,
  1,
]]
  .map((row) => row.map((value) => value / Math.hypot(...row)));

/** The channels of the noise model at a pixel whose first sample is `data[at]`. */
export function opponentAt(
  { channels, data }: Pick<Image, "channels" | "data">,
  at: number,
  into: Float64Array,
): void {
  if (channels === 1) {
    into[0] = data[at]!;
    return;
  }
  const r = data[at]!, g = data[at + 1]!, b = data[at + 2]!;
  for (let c = 0; c < 3; c++) {
    const [x, y, z] = OPPONENT_TRANSFORM[c]! as [number, number, number];
    into[c] = x * r + y * g + z * b;
  }
}
