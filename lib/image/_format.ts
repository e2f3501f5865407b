// What each picture format can hold and how it is written.
import { extname } from "node:path";
import type { Sharp } from "sharp";
import { ImageError } from "./image_error.ts";

/** A picture format that can be written. */
export interface Format {
  /** The bits a sample of a 16-bit picture is written with. */
  wideBits: 8 | 12 | 16;
  /** Whether the format holds opacity. */
  alpha: boolean;
  /** Sets the encoder of `picture`; `wide` where its samples have more than 8 bits. */
  encode(picture: Sharp, wide: boolean): Sharp;
}

const jpeg: Format = {
  wideBits: 8,
  alpha: false,
  encode: (picture) => picture.jpeg({ quality: 95, chromaSubsampling: "4:4:4" }),
};

const tiff: Format = {
  wideBits: 16,
  alpha: true,
  encode: (picture) => picture.tiff({ compression: "deflate", predictor: "horizontal" }),
};

const FORMATS: Record<string, Format> = {
  ".png": { wideBits: 16, alpha: true, encode: (picture) => picture.png() },
  ".jpg": jpeg,
  ".jpeg": jpeg,
  // `exact` keeps the colours below transparent pixels.
  ".webp": {
    wideBits: 8,
    alpha: true,
    encode: (picture) => picture.webp({ lossless: true, exact: true }),
  },
  ".tif": tiff,
  ".tiff": tiff,
  ".avif": {
    wideBits: 12,
    alpha: true,
    encode: (picture, wide) =>
      picture.avif({ quality: 90, chromaSubsampling: "4:4:4", bitdepth: wide ? 12 : 8 }),
  },
};

/** The format that the extension of `path` names; an `ImageError` where it names none. */
export function formatOf(path: string): Format {
  const extension = extname(path).toLowerCase();
  const format = FORMATS[extension];
  if (format) return format;
  const found = extension === "" ? "it has no extension" : `the extension is ${extension}`;
  throw new ImageError(
    `cannot write "${path}": ${found}; use one of ${Object.keys(FORMATS).join(", ")}`,
  );
}
