// Small pictures for the baselines' tests.
import { crop, type Image, readImage } from "../../lib/image/mod.ts";

/** The noise of the denoising papers. */
export const SIGMA = 25 / 255;

/** A picture in [0.2, 0.8] without symmetry, of irrational waves. */
export function waves(height: number, width: number, channels: 1 | 3): Image {
  const data = Float32Array.from({ length: height * width * channels }, (_, i) => {
    const c = i % channels, x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    return 0.5 + 0.15 * Math.sin(1.3 * x + 0.7 * y + c) + 0.15 * Math.sin(2.9 * y - 0.4 * x * c);
  });
  return { height, width, channels, data };
}

/** The same value everywhere. */
export function constant(height: number, width: number, channels: 1 | 3, value: number): Image {
  const data = new Float32Array(height * width * channels).fill(value);
  return { height, width, channels, data };
}

/** The picture with an opacity and 16 bits a sample. */
export function withAlpha(image: Image): Image {
  const alpha = Float32Array.from({ length: image.height * image.width }, (_, i) => (i % 5) / 4);
  return { ...image, alpha, bitDepth: 16 };
}

/** A square of 96x96 from a picture of data/, with structure and an even part. */
export async function square(name: "camera" | "coffee"): Promise<Image> {
  const image = await readImage(new URL(`../../data/${name}.png`, import.meta.url).pathname);
  const [top, left] = name === "camera" ? [90, 180] : [60, 150];
  return crop(image, top!, left!, 96, 96);
}

/** The largest difference of two lists of samples. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} samples against ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
