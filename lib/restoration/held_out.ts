// The pixels that a run does not see, so that they can judge it.
import type { Image } from "../image/mod.ts";
import { random } from "../random/mod.ts";

/**
 * Chooses pixels at random to be held out of the loss.
 *
 * @param image The observed picture.
 * @param count How many of its pixels, fewer than it has.
 * @param seed The same seed chooses the same pixels.
 * @returns A picture of 1 where a pixel is seen, 0 where it is held out, alike in all channels.
 */
export function heldOut(image: Image, count: number, seed: number): Image {
  const { height, width, channels } = image;
  const pixels = height * width, stream = random(seed);
  const data = new Float32Array(pixels * channels).fill(1);
  for (let left = count; left > 0;) {
    const at = Math.floor(stream.uniform() * pixels) * channels;
    if (data[at] === 0) continue;
    data.fill(0, at, at + channels);
    left--;
  }
  return { height, width, channels, data };
}
