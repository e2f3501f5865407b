// Draws noise with the distribution of a picture's noise, for the risk estimates.
import type { Image } from "../image/mod.ts";
import { drawNoise } from "../noise/mod.ts";
import type { Random } from "../random/mod.ts";
import type { NoiseLevel } from "./noise_level.ts";

/**
 * Draws noise with the distribution of a picture's noise.
 *
 * @param observed The picture: the noise level may depend on its luminance.
 * @param noise Its noise.
 * @returns A function that draws noise of a given root mean variance, `[channels, height, width]`.
 */
export function noiseSource(
  observed: Image,
  noise: NoiseLevel,
): (random: Random, deviation: number) => Float32Array {
  const { channels, data } = observed, pixels = data.length / channels;
  return (random, deviation) => {
    const drawn = new Float32Array(data.length);
    if (noise.isWhite) {
      random.fillNormal(drawn, deviation);
      return drawn;
    }
    const scale = deviation / noise.sigma;
    drawNoise(noise.model, observed, random).forEach((value, i) => {
      drawn[(i % channels) * pixels + Math.floor(i / channels)] = scale * value;
    });
    return drawn;
  };
}
