// Reads HEIC pictures, the format of many phones, with libheif compiled to WebAssembly.
import type { Image } from "../image.ts";
import { checkPixels, hasEqualChannels, imageOf, Unreadable } from "./decode.ts";

/**
 * Decodes the pictures of a HEIC file, upright, with 8 bits a sample whatever the file has.
 *
 * @param bytes The file.
 * @returns The number of pictures, and a function that decodes one.
 * @throws {Unreadable} If the file is damaged.
 */
export async function readHeic(
  bytes: Uint8Array,
): Promise<{ count: number; read(page: number): Promise<Image> }> {
  return {
    count: await withPictures(bytes, ({ length }) => length),
    read: (page) =>
      withPictures(bytes, async (pictures) => {
        const picture = pictures[page]!;
        checkPixels(picture.width, picture.height);
        const { width, height, data } = await picture.decode();
        return withoutOpaqueAlpha(data, width, height);
      }),
  };
}

/** Opens the file temporarily, because its pictures take the decoder's memory. */
async function withPictures<T>(
  bytes: Uint8Array,
  use: (pictures: HeicPictures) => T | Promise<T>,
): Promise<T> {
  try {
    // Two megabytes of code, loaded only for these files.
    const { default: decode } = await import("heic-decode");
    const pictures: HeicPictures = await decode.all({ buffer: bytes });
    try {
      return await use(pictures);
    } finally {
      pictures.dispose();
    }
  } catch (error) {
    throw unreadable(error);
  }
}

/** The result of `heic-decode`. */
type HeicPictures =
  & readonly {
    readonly width: number;
    readonly height: number;
    decode(): Promise<{ width: number; height: number; data: Uint8ClampedArray }>;
  }[]
  & { dispose(): void };

const unreadable = (error: unknown) =>
  error instanceof Unreadable
    ? error
    : new Unreadable("the picture is damaged or cut short", { cause: error });

/** Removes alpha if it is opaque, because the decoder always adds it. */
function withoutOpaqueAlpha(samples: Uint8ClampedArray, width: number, height: number): Image {
  const isGrey = hasEqualChannels(samples, 4);
  const image = imageOf(samples, { height, width, stride: 4, white: 255, isGrey });
  if (image.alpha!.every((alpha) => alpha === 1)) delete image.alpha;
  return image;
}
