// The formats that can be written: what they can store, and their encoders.
import { extname } from "node:path";
import type { Sharp } from "sharp";
import { FileError } from "../files/mod.ts";

/** A format that can be written. */
export type WrittenFormat = "png" | "jpeg" | "webp" | "tiff" | "avif" | "gif";

/** A picture format that can be written. */
export interface Format {
  /** Its name for users. */
  title: string;
  /** Its extensions, the usual one first. */
  extensions: readonly string[];
  /** The bits a sample of a 16-bit picture is written with. */
  wideBits: 8 | 12 | 16;
  /** Whether the format stores opacity. */
  alpha: boolean;
  /** The number of pictures: one, the frames of an animation, or any number. */
  pages: "one" | "frames" | "any";
  /** Sets the encoder of `picture`; `wide` where its samples have more than 8 bits. */
  encode(picture: Sharp, wide: boolean): Sharp;
}

/** The formats by name. */
export const FORMATS: Readonly<Record<WrittenFormat, Format>> = {
  png: {
    title: "PNG",
    extensions: [".png", ".apng"],
    wideBits: 16,
    alpha: true,
    pages: "frames",
    encode: (picture) => picture.png(),
  },
  jpeg: {
    title: "JPEG",
    extensions: [".jpg", ".jpeg", ".jpe", ".jfif"],
    wideBits: 8,
    alpha: false,
    pages: "one",
    encode: (picture) => picture.jpeg({ quality: 95, chromaSubsampling: "4:4:4" }),
  },
  webp: {
    title: "WebP",
    extensions: [".webp"],
    wideBits: 8,
    alpha: true,
    pages: "frames",
    // `exact` keeps the colours below transparent pixels.
    encode: (picture) => picture.webp({ lossless: true, exact: true }),
  },
  tiff: {
    title: "TIFF",
    extensions: [".tif", ".tiff"],
    wideBits: 16,
    alpha: true,
    pages: "any",
    encode: (picture) => picture.tiff({ compression: "deflate", predictor: "horizontal" }),
  },
  avif: {
    title: "AVIF",
    extensions: [".avif"],
    wideBits: 12,
    alpha: true,
    pages: "one",
    encode: (picture, wide) =>
      picture.avif({ quality: 90, chromaSubsampling: "4:4:4", bitdepth: wide ? 12 : 8 }),
  },
  gif: {
    title: "GIF",
    extensions: [".gif"],
    wideBits: 8,
    alpha: true,
    pages: "frames",
    encode: (picture) => picture.gif(),
  },
};

/** All extensions that a picture can be written with. */
export const WRITTEN_EXTENSIONS: readonly string[] = Object.values(FORMATS)
  .flatMap(({ extensions }) => extensions);

/**
 * The format of a file extension.
 *
 * @param path A file.
 * @returns The format; undefined if it cannot be written.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(writtenFormatOf("photo.JPG"), "jpeg");
 * assert.equal(writtenFormatOf("photo.heic"), undefined);
 * ```
 */
export function writtenFormatOf(path: string): WrittenFormat | undefined {
  const extension = extname(path).toLowerCase();
  const names = Object.keys(FORMATS) as WrittenFormat[];
  return names.find((name) => FORMATS[name].extensions.includes(extension));
}

/**
 * The number of pictures that a format can store.
 *
 * @param format The format.
 * @returns One, the frames of an animation, or any number of any size.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(pageCapacity("tiff"), "any");
 * ```
 */
export const pageCapacity = (format: WrittenFormat): "one" | "frames" | "any" =>
  FORMATS[format].pages;

/** The format's name for users, such as `WebP`. */
export const formatTitle = (format: WrittenFormat): string => FORMATS[format].title;

/** The format of the extension of `path`; throws a `FileError` if it cannot be written. */
export function formatOf(path: string): WrittenFormat {
  const format = writtenFormatOf(path);
  if (format) return format;
  const extension = extname(path).toLowerCase();
  const found = extension === "" ? "it has no extension" : `the extension is ${extension}`;
  throw new FileError(
    `cannot write "${path}": ${found}; use one of ${WRITTEN_EXTENSIONS.join(", ")}`,
  );
}
