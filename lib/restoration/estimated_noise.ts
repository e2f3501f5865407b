// The noise of a picture: with a JPEG's compression, unless it is a camera's.
import { fineDetail, isDemosaiced } from "../degradation/mod.ts";
import type { Image, JpegQuantization } from "../image/mod.ts";
import { estimateNoise, type NoiseModel, noiseSigma } from "../noise/mod.ts";

/**
 * Noise of long range counts as a camera's if the picture is as a colour filter gave it, and the noise has more than so
 * many times the standard deviation of fine detail. In real photographs it has 1.4 to 2.5 times, but for one with weak
 * noise; where texture seems to be noise it has at most 1.1 times.
 */
const CAMERA = 1.2;

/** Whether noise is stronger than the texture that resembles it. */
function exceedsDetail(image: Image, noise: NoiseModel): boolean {
  const { data } = fineDetail(image);
  const detail = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length);
  return noiseSigma(noise, image) > CAMERA * detail;
}

/** Whether noise is that of a camera, and stronger than the texture that resembles it. */
export const isCameraNoise = (image: Image, noise: NoiseModel): boolean =>
  isDemosaiced(image) && exceedsDetail(image, noise);

/**
 * Estimates the noise of a picture. For a JPEG the estimate asks whether white noise was compressed with the picture,
 * and else takes most of it for texture. A camera's noise is not white, so that hardly any of it was found in the JPEGs
 * of real photographs.
 *
 * @param image The picture.
 * @param quantization Its compression, if it is a JPEG.
 * @returns The noise.
 */
export function estimatedNoise(
  image: Image,
  quantization: JpegQuantization | undefined,
): NoiseModel {
  // The question that costs least comes first: few JPEGs are as a colour filter gave them.
  if (quantization && isDemosaiced(image)) {
    const noise = estimateNoise(image);
    if (exceedsDetail(image, noise)) return noise;
  }
  return estimateNoise(image, { quantization });
}
