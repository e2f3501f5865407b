// The pictures of a folder, whole or as small squares for studies with many runs.
import { basename, extname, join } from "node:path";
import { crop, type Image, readImage } from "../mod.ts";

const PICTURES = new Set([".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".avif"]);

/** Names of the pictures in a folder, sorted. */
export const picturesIn = (folder: string): string[] =>
  [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => PICTURES.has(extname(name).toLowerCase())).sort();

/** The pictures of a folder. */
export const wholePictures = (folder: string): Promise<{ name: string; clean: Image }[]> =>
  Promise.all(
    picturesIn(folder).map(async (file) => ({
      name: basename(file, extname(file)),
      clean: await readImage(join(folder, file)),
    })),
  );

/** A picture at half its size; each pixel is the mean of 2x2. */
function halved({ height, width, channels, data }: Image): Image {
  const rows = height >> 1, columns = width >> 1;
  const small = new Float32Array(rows * columns * channels);
  small.forEach((_, i) => {
    const c = i % channels, x = Math.floor(i / channels) % columns;
    const y = Math.floor(i / channels / columns);
    const at = (2 * y * width + 2 * x) * channels + c, below = at + width * channels;
    small[i] = (data[at]! + data[at + channels]! + data[below]! + data[below + channels]!) / 4;
  });
  return { height: rows, width: columns, channels, data: small };
}

/**
 * The central square of each picture of a folder that is large enough.
 *
 * @param folder The folder.
 * @param side The square's side, in pixels.
 * @param isHalved Whether the square is twice as large and then halved.
 * @param only Names of the pictures, separated by commas.
 * @default {all}
 */
export async function squares(
  folder: string,
  side: number,
  isHalved = true,
  only?: string,
): Promise<{ name: string; clean: Image }[]> {
  const found: { name: string; clean: Image }[] = [];
  for (const file of picturesIn(folder)) {
    const name = basename(file, extname(file));
    if (only !== undefined && !only.split(",").includes(name)) continue;
    const image = await readImage(join(folder, file));
    const taken = isHalved ? 2 * side : side;
    const [top, left] = [image.height, image.width].map((n) => (n - taken) >> 1) as [
      number,
      number,
    ];
    if (top < 0 || left < 0) continue;
    const part = crop(image, top, left, taken, taken);
    found.push({ name, clean: isHalved ? halved(part) : part });
  }
  return found;
}
