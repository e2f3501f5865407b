// The pixels that a run does not see, so that they can judge it.
import type { Degradation } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";
import { random } from "../random/mod.ts";

/** How many of a problem's observed pixels are known. */
export function knownPixels({ observed: { height, width, channels }, known }: Degradation): number {
  if (!known) return height * width;
  let count = 0;
  for (let i = 0; i < known.data.length; i += channels) count += known.data[i]!;
  return count;
}

/**
 * Chooses pixels at random to be held out of the loss.
 *
 * @param problem What was observed; only its known pixels can be held out.
 * @param count How many of them, fewer than there are.
 * @param seed The same seed chooses the same pixels.
 * @returns Of the observed picture's shape: 1 where a pixel is seen, 0 where it is held out, alike in all
 * channels.
 */
export function heldOut({ observed, known }: Degradation, count: number, seed: number): Image {
  const { height, width, channels } = observed;
  const pixels = height * width, stream = random(seed);
  const data = new Float32Array(pixels * channels).fill(1);
  for (let left = count; left > 0;) {
    const at = Math.floor(stream.uniform() * pixels) * channels;
    if (data[at] === 0 || known?.data[at] === 0) continue;
    data.fill(0, at, at + channels);
    left--;
  }
  return { height, width, channels, data };
}
