// Small pictures and networks for runs of seconds.
import { addGaussianNoise, createImage, type Image } from "../../lib/image/mod.ts";
import { decoder, dip } from "../../lib/network/mod.ts";

/** A smooth picture with an edge, by a formula. */
export function picture(height: number, width: number, channels: 1 | 3): Image {
  const data = Float32Array.from({ length: height * width * channels }, (_, i) => {
    const c = i % channels, x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    const wave = 0.2 * Math.sin(0.15 * x + c) * Math.cos(0.11 * y);
    return (x + y > (height + width) / 2 ? 0.65 : 0.35) + wave;
  });
  return createImage({ height, width, channels, data });
}

/** The picture with noise of standard deviation 0.1. */
export const noisy = (clean: Image): Image => addGaussianNoise(clean, 0.1, 1);

/** A decoder of a few milliseconds a step. */
export const tiny = decoder({ channels: 8, scales: 2, inputChannels: 8 });

/** A DIP of a few milliseconds a step. */
export const tinyDip = dip({ channels: 8, scales: 2, inputChannels: 4, skipChannels: 2 });
