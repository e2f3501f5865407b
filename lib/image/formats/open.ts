// Opens the bytes of a picture's file: detects its format, and reads its pages and metadata.
import type { Metadata } from "sharp";
import type { Image } from "../image.ts";
import {
  type JpegQuantization,
  jpegQuantization,
  uprightQuantization,
} from "../jpeg_quantization.ts";
import type { PictureMetadata } from "../metadata.ts";
import type { Animation, ReadFormat } from "../picture_file.ts";
import { loadSharp } from "../_sharp.ts";
import { playedFrames } from "./animation.ts";
import { isBmp, readBmp } from "./bmp.ts";
import { decode, type Decoded, type DecodeOptions, Unreadable } from "./decode.ts";
import { readHeic } from "./heic.ts";
import { furtherPictures, isJpeg, jpegMetadata } from "./jpeg.ts";
import { framesOf, isPng, pngMetadata, withExifFirst } from "./png.ts";
import { isTiff, openTiff } from "./tiff.ts";
import { isWebp, webpMetadata } from "./webp.ts";

/** The same bytes as a plain array: `slice` of a `Buffer` does not copy. */
export const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** A page as a format's reader returns it. */
export interface RawPage {
  readonly image: Image;
  /** The metadata of the stored picture, before it is turned upright. */
  readonly metadata: PictureMetadata;
  readonly quantization?: JpegQuantization | undefined;
  readonly notes: readonly string[];
  /** Whether the colours were converted from those of the file's profile. */
  readonly isConverted?: boolean;
}

/** An opened file. */
export interface Opened {
  readonly format: ReadFormat;
  readonly count: number;
  readonly animation?: Animation;
  read(index: number): Promise<RawPage>;
}

/** Chooses the reader by the first bytes of a file, not by its name. */
export async function openBytes(bytes: Uint8Array, options: DecodeOptions): Promise<Opened> {
  if (isPng(bytes)) return openPng(bytes, options);
  if (isJpeg(bytes)) return openJpeg(bytes, options);
  if (isTiff(bytes)) {
    const { count, read } = openTiff(bytes);
    return { format: "tiff", count, read: (index) => read(index, options) };
  }
  if (isBmp(bytes)) {
    const page = { ...readBmp(bytes), notes: [] };
    return { format: "bmp", count: 1, read: () => Promise.resolve(page) };
  }
  const film = coverOf(bytes);
  if (film) {
    const { read, ...opened } = await openBytes(film, options);
    const note = "it is a film: its cover picture alone is read";
    const noted = (page: RawPage) => ({ ...page, notes: [note, ...page.notes] });
    return { ...opened, read: async (index) => noted(await read(index)) };
  }
  const sharp = await loadSharp();
  const header = await sharp(bytes, { limitInputPixels: false }).metadata().catch(() => undefined);
  if (header?.format === "heif" && header.compression === "hevc") {
    const { count, read } = await readHeic(bytes), { bitsPerSample = 8 } = header;
    const notes = bitsPerSample > 8 ? [`8 of its ${bitsPerSample} bits a sample are read`] : [];
    return {
      format: "heic",
      count,
      async read(index) {
        return { image: await read(index), metadata: heifMetadata(header), notes };
      },
    };
  }
  // A file that sharp cannot open gets its error when it is decoded.
  const { pages = 1, delay = [], loop = 0, format } = header ?? {};
  const hasFrames = (format === "gif" || format === "webp") && pages > 1;
  const metadataOf = (decoded: Decoded) =>
    isWebp(bytes) ? webpMetadata(bytes) : heifMetadata(decoded.header);
  const read = async (index: number): Promise<RawPage> => {
    const decoded = await decode(bytes, { ...options, page: index });
    const { alpha, ...opaque } = decoded.image;
    // sharp always adds alpha to animations.
    const isOpaque = (format === "gif" || hasFrames) && alpha?.every((value) => value === 1);
    return {
      ...decoded,
      image: isOpaque ? opaque : decoded.image,
      metadata: metadataOf(decoded),
    };
  };
  if (!header) await read(0);
  const known = format === "heif" ? "avif" : format as ReadFormat;
  return {
    format: known,
    count: hasFrames ? pages : 1,
    ...hasFrames && { animation: { loop, delays: delay } },
    read,
  };
}

/** The still picture of an AVIF sequence: sharp reads it only under the brand of still pictures. */
function coverOf(bytes: Uint8Array): Uint8Array | undefined {
  if (String.fromCharCode(...bytes.subarray(4, 12)) !== "ftypavis") return undefined;
  const cover = bytes.slice();
  cover.set(new TextEncoder().encode("avif"), 8);
  return cover;
}

const STILL = "its picture for viewers that show no animations is not kept";

function openPng(bytes: Uint8Array, options: DecodeOptions): Opened {
  const frames = framesOf(bytes), metadata = pngMetadata(bytes);
  if (!frames || frames.frames.length === 1) {
    const whole = withExifFirst(bytes);
    const read = async () => ({ ...await decode(whole, options), metadata });
    return { format: "png", count: 1, read };
  }
  return {
    format: "png",
    count: frames.frames.length,
    animation: { loop: frames.loop, delays: frames.frames.map(({ delay }) => delay) },
    async read(index) {
      let at = 0;
      for await (const image of playedFrames(frames, options)) {
        if (at++ !== index) continue;
        const isTold = index === 0 && frames.hasStill;
        return { image, metadata, notes: isTold ? [STILL] : [] };
      }
      throw new Unreadable("the picture is damaged or cut short");
    },
  };
}

function openJpeg(bytes: Uint8Array, options: DecodeOptions): Opened {
  const { pictures, hasMore } = furtherPictures(bytes);
  const own = pictures.filter(({ isPreview }) => !isPreview);
  const size = frameSize(bytes), metadata = jpegMetadata(bytes);
  // A gain map is not a picture; XMP says whether there is one.
  const hasGainMap = metadata.xmp !== undefined &&
    /hdrgm:/.test(new TextDecoder().decode(metadata.xmp));
  const isAlike = (other: Uint8Array) => frameSize(other) === size;
  const pages = [
    bytes,
    ...hasGainMap ? [] : own.filter(({ bytes }) => isAlike(bytes)).map(({ bytes }) => bytes),
  ];
  const isMore = hasMore || pages.length - 1 < own.length;
  const notes = isMore
    ? [
      "the file has more than pictures of this size, such as a gain map or a film: that is not kept",
    ]
    : [];
  return {
    format: "jpeg",
    count: pages.length,
    async read(index) {
      const page = pages[index]!, decoded = await decode(page, options);
      const quantization = jpegQuantization(page);
      return {
        ...decoded,
        metadata: index === 0 ? metadata : jpegMetadata(page),
        quantization: quantization &&
          uprightQuantization(quantization, decoded.header.orientation ?? 1),
        notes: [...decoded.notes, ...index === 0 ? notes : []],
      };
    },
  };
}

/** The size in a JPEG's frame header as text, to compare pictures. */
function frameSize(bytes: Uint8Array): string | undefined {
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return bytes.subarray(at + 5, at + 9).join();
    }
    at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
  }
  return undefined;
}

/** The metadata that sharp finds in AVIF and HEIC files. */
function heifMetadata({ exif, icc, xmp }: Metadata): PictureMetadata {
  const hasHead = exif && String.fromCharCode(...exif.subarray(0, 4)) === "Exif";
  return {
    ...exif && { exif: plainBytes(exif).subarray(hasHead ? 6 : 0) },
    ...icc && { icc: plainBytes(icc) },
    ...xmp && { xmp: plainBytes(xmp) },
  };
}
