// Opens a picture's file: its pages or frames, and their metadata.
import { check } from "../check.ts";
import { FileError, systemReason } from "../files/mod.ts";
import type { Image } from "./image.ts";
import type { JpegQuantization } from "./jpeg_quantization.ts";
import { colourSpaceOf, type PictureMetadata, xmpWith } from "./metadata.ts";
import { isBmp } from "./formats/bmp.ts";
import { Unreadable } from "./formats/decode.ts";
import { exifFacts, fittedExif } from "./formats/exif.ts";
import { isJpeg } from "./formats/jpeg.ts";
import { openBytes, plainBytes, type RawPage } from "./formats/open.ts";
import { isPng } from "./formats/png.ts";
import { isTiff } from "./formats/tiff.ts";
import { isWebp } from "./formats/webp.ts";

/** A format that can be read. */
export type ReadFormat = "png" | "jpeg" | "webp" | "tiff" | "avif" | "gif" | "bmp" | "heic";

/** A picture of a file, turned upright. */
export interface PicturePage {
  readonly image: Image;
  /** Its metadata. */
  readonly metadata: PictureMetadata;
  /** Its quantisation, if the file is a JPEG in grey or in luminance and colour differences. */
  readonly quantization?: JpegQuantization;
  /** Contents of the file that are not here or were changed by reading, one line each. */
  readonly notes: readonly string[];
}

/** The timing of an animation. */
export interface Animation {
  /** The number of repetitions; 0 is without end. */
  readonly loop: number;
  /** The duration of each frame, in milliseconds. */
  readonly delays: readonly number[];
}

/** An opened picture file. */
export interface PictureFile {
  /** Its name. */
  readonly name: string;
  readonly format: ReadFormat;
  /** The number of pages, frames or pictures. */
  readonly pages: number;
  /** The timing, if the pages are the frames of an animation. */
  readonly animation?: Animation;
  /**
   * Reads a page.
   *
   * @param index Its number, from 0.
   * @returns The page.
   * @throws {FileError} If it is damaged.
   */
  page(index: number): Promise<PicturePage>;
}

/** Options of {@linkcode openPicture}. */
export interface OpenPictureOptions {
  /**
   * Whether samples keep the colours of the file's profile, which is then in `metadata`, or become sRGB. CMYK and Lab
   * always become sRGB.
   *
   * @default {"file"}
   */
  readonly colours?: "file" | "srgb";
  /** Whether a picture with missing parts is read; the notes then say what is missing. @default {false} */
  readonly allowDamaged?: boolean;
}

/** A file by its path, or its bytes and its name. */
export type PictureSource = string | { readonly name: string; readonly bytes: Uint8Array };

/**
 * Opens a PNG, JPEG, WebP, TIFF, AVIF, HEIC, GIF or BMP picture.
 *
 * Grey stays grey, 16 bits stay 16 bits (AVIF of 10 or 12 bits counts as 16), and a palette becomes RGB. Numbers of a
 * TIFF file of other types are mapped to [0, 1], see {@linkcode SampleRange}. The EXIF orientation is applied, and
 * then reset. Opacity is returned in `alpha`; the colours of transparent pixels are not changed. WebP, AVIF, HEIC and
 * GIF do not record that a picture is grey: they are read as grey if the three channels are equal in every pixel.
 *
 * A picture after the first in a JPEG file is a page if it has the same size. In a TIFF file smaller versions of
 * another page are not pages; of a camera's raw file the preview is the page, if it shows the whole picture.
 *
 * @param source The picture's file.
 * @param options How it is read.
 * @returns The file; its pages are decoded on request.
 * @throws {FileError} If the file cannot be read, is not a picture of these formats or is damaged.
 *
 * @example A file's metadata comes with its picture
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const file = await openPicture("data/cell.png");
 * assert.deepEqual([file.format, file.pages], ["png", 1]);
 * const { image, metadata } = await file.page(0);
 * assert.equal(image.channels, 1);
 * assert.equal(metadata.icc, undefined);
 * ```
 */
export async function openPicture(
  source: PictureSource,
  options: OpenPictureOptions = {},
): Promise<PictureFile> {
  const name = typeof source === "string" ? source : source.name;
  const fail = (why: string, cause: unknown): never => {
    throw new FileError(`cannot read "${name}": ${why}`, { cause });
  };
  const bytes = typeof source === "string"
    ? await Deno.readFile(source).catch((error) => fail(systemReason(error), error))
    : plainBytes(source.bytes);
  if (bytes.length === 0) fail("the file is empty", undefined);
  const unreadable = (error: unknown, page = ""): never => {
    if (error instanceof Unreadable) fail(`${page}${error.message}`, error.cause);
    if (error instanceof RangeError && /allocation/i.test(error.message)) {
      fail("the memory is too small for it", error);
    }
    throw error;
  };
  const { colours = "file", allowDamaged = false } = options;
  const opened = await openBytes(bytes, { colours, allowDamaged }).catch((error) =>
    unreadable(error)
  );
  return {
    name,
    format: opened.format,
    pages: opened.count,
    ...opened.animation && { animation: opened.animation },
    async page(index) {
      check(
        Number.isInteger(index) && index >= 0 && index < opened.count,
        "index",
        index,
        `a page of ${opened.count}, from 0`,
      );
      const page = opened.count > 1 ? `page ${index + 1} of ${opened.count}: ` : "";
      return await opened.read(index).then(finished(colours), (error) => unreadable(error, page));
    },
  };
}

/** Brands of files with AVIF and HEIC pictures (ISO/IEC 23008-12, annex B; AV1 Image File Format). */
const BRANDS = /^(?:avi[fs]|hei[cmsx]|hev[cmsx]|mi[af]1|msf1)$/;

/**
 * Whether a file begins like one of a format that can be read.
 *
 * @param head At least the first 32 bytes.
 * @returns Whether it does; the rest may still be damaged.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.ok(hasPictureSignature(new TextEncoder().encode("GIF89a")));
 * assert.ok(!hasPictureSignature(new TextEncoder().encode("Dear diary")));
 * ```
 */
export function hasPictureSignature(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head.subarray(0, 32));
  return isPng(head) || isJpeg(head) || isTiff(head) || isBmp(head) || isWebp(head) ||
    /^GIF8[79]a/.test(text) ||
    (text.slice(4, 8) === "ftyp" &&
      (text.slice(8).match(/.{4}/gs) ?? []).some((brand) => BRANDS.test(brand)));
}

/** Adapts a page's metadata to the picture that was read: upright, in its own colours or in sRGB. */
const finished =
  (colours: "file" | "srgb") =>
  ({ image, metadata, quantization, notes, isConverted = false }: RawPage): PicturePage => {
    const { exif, icc, xmp, ...others } = metadata;
    const facts = exif && exifFacts(exif), fitted = exif && fittedExif(exif, image);
    const resolution = metadata.resolution ?? facts?.resolution;
    const isOfFile = colours === "file" && !isConverted;
    const fits = icc &&
      (colourSpaceOf(icc) === "RGB " || (colourSpaceOf(icc) === "GRAY" && image.channels === 1));
    return {
      image,
      metadata: {
        ...others,
        ...resolution && { resolution },
        ...fitted && { exif: fitted },
        ...isOfFile && fits && { icc },
        ...xmp && { xmp: xmpWith(xmp, image) },
      },
      ...quantization && { quantization },
      notes: exif && !fitted ? [...notes, "its EXIF is damaged: that is not kept"] : notes,
    };
  };
