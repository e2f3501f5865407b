// Small pictures, so that a network is fitted in seconds, and how they are shown.
import { fileURLToPath } from "node:url";
import { crop, type Image, readImage } from "../mod.ts";
import { type Figure, panels } from "../lib/chart/mod.ts";
import { encodePng } from "../lib/image/mod.ts";

/**
 * The square from the middle of one of the pictures in `data/`, made smaller: each pixel is the mean of
 * two by two.
 *
 * @param name The file's name without `.png`.
 * @param size The side in pixels.
 * @returns The picture.
 * @throws {RangeError} If the picture has no square of twice this side.
 */
export async function smallPicture(name: string, size: number): Promise<Image> {
  const photo = await readImage(fileURLToPath(new URL(`../data/${name}.png`, import.meta.url)));
  const [top, left] = [photo.height, photo.width].map((side) => (side >> 1) - size);
  const { channels, data } = crop(photo, top!, left!, 2 * size, 2 * size);
  const small = new Float32Array(size * size * channels), row = 2 * size * channels;
  small.forEach((_, i) => {
    const c = i % channels, x = Math.floor(i / channels) % size;
    const y = Math.floor(i / channels / size);
    const at = 2 * y * row + 2 * x * channels + c, below = at + row;
    small[i] = (data[at]! + data[at + channels]! + data[below]! + data[below + channels]!) / 4;
  });
  return { height: size, width: size, channels, data: small };
}

/**
 * Pictures of one size beside each other, zoomed together.
 *
 * @param title The figure's title.
 * @param pictures Each by its name.
 * @returns The figure.
 */
export async function picturesFigure(
  title: string,
  pictures: Readonly<Record<string, Image>>,
): Promise<Figure> {
  const [{ height, width }] = Object.values(pictures) as [Image];
  const named = Object.entries(pictures).map(async ([name, image]) =>
    [name, `data:image/png;base64,${(await encodePng(image)).toBase64()}`] as const
  );
  return panels({
    title,
    pictures: await Promise.all(named),
    extent: { left: 0, right: width, top: 0, bottom: height },
    xUnit: "pixels",
    yUnit: "pixels",
    below: 0,
  });
}
