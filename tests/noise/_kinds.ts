// Noise of many kinds, and its level: the deviation between two draws.
import { fileURLToPath } from "node:url";
import {
  addCameraNoise,
  addFilmGrain,
  addJpegCompressedNoise,
  addLowFrequencyNoise,
  addLuminanceNoise,
  demosaic,
  mosaic,
} from "../../lib/degradation/mod.ts";
import {
  addGaussianNoise,
  addPoissonNoise,
  crop,
  type Image,
  readImage,
} from "../../lib/image/mod.ts";

/** A square of 256x256 from a picture of data/, of which rows and columns are parts of what remains. */
export async function square(name: string, down: number, across: number): Promise<Image> {
  const url = new URL(`../../data/${name}.png`, import.meta.url);
  const image = await readImage(fileURLToPath(url));
  const [top, left] = [down * (image.height - 256), across * (image.width - 256)].map(Math.floor);
  return crop(image, top!, left!, 256, 256);
}

/** Rounded to 8 bits, as a file holds it. */
const rounded = ({ data, ...rest }: Image): Image => ({
  ...rest,
  data: data.map((value) => Math.round(255 * Math.min(Math.max(value, 0), 1)) / 255),
});

type Add = (image: Image, seed: number) => Image | Promise<Image>;

/** The kinds, each with how it is added. Levels are those after `of`, of 255. */
export const KINDS: Readonly<Record<string, Add>> = {
  "white of 5": (image, seed) => addGaussianNoise(image, 5 / 255, seed),
  "white of 25": (image, seed) => addGaussianNoise(image, 25 / 255, seed),
  "Poisson": (image, seed) => addPoissonNoise(image, 400, seed),
  "JPEG 92 of 20": (image, seed) => addJpegCompressedNoise(image, 20 / 255, seed),
  "JPEG 75 of 20": (image, seed) => addJpegCompressedNoise(image, 20 / 255, seed, 75),
  "demosaiced of 15": (image, seed) =>
    demosaic(addGaussianNoise(mosaic(image), 15 / 255, seed), "bilinear"),
  "camera at ISO 6400": (image, seed) => addCameraNoise(image, 6400, seed),
  "grain of 15": (image, seed) => addFilmGrain(image, 15 / 255, seed),
  "luma of 15": (image, seed) => addLuminanceNoise(image, 15 / 255, seed),
  "low frequencies of 15": (image, seed) => addLowFrequencyNoise(image, 15 / 255, seed, 1.5),
};

/** Two draws of a noise in 8 bits. */
export async function twoDraws(add: Add, image: Image): Promise<[Image, Image]> {
  return [rounded(await add(image, 1)), rounded(await add(image, 2))];
}

/** The standard deviation of a noise from two pictures that have it, apart from their contents. */
export function levelOf([first, second]: readonly [Image, Image]): number {
  let sum = 0;
  first.data.forEach((value, i) => sum += (value - second.data[i]!) ** 2 / 2);
  return Math.sqrt(sum / first.data.length);
}
