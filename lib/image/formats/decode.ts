// Decodes pictures with sharp, and distinguishes harmless warnings of the decoder from missing pixels.
import type { Metadata, Sharp, SharpOptions } from "sharp";
import type { Image } from "../image.ts";
import { loadSharp } from "../_sharp.ts";
import { isJpeg, repairedJpeg } from "./jpeg.ts";
import { isPng, pngWithoutMetadata } from "./png.ts";

/** Why a file cannot be read, without its name. */
export class Unreadable extends Error {}

const FORMATS: readonly string[] = ["png", "jpeg", "webp", "tiff", "gif", "heif"];

/** The formats that can be read, for messages. */
export const READABLE = "PNG, JPEG, WebP, TIFF, AVIF, HEIC, GIF or BMP";

const NOT_A_PICTURE = `it is not a ${READABLE} picture, or it is damaged`;

/** 0x3FFF squared, sharp's usual limit; as floats such a picture takes 3 GB. */
const MOST_PIXELS = 268_402_689;

/**
 * Throws an `Unreadable` if a picture has too many pixels.
 *
 * @param width Its columns.
 * @param height Its rows.
 */
export function checkPixels(width: number, height: number): void {
  if (height * width > MOST_PIXELS) {
    throw new Unreadable(
      `the picture is ${width}x${height}; it may have at most 268 million pixels`,
    );
  }
}

/** How a file is decoded. */
export interface DecodeOptions {
  /** Which picture of an animation, from 0. @default {0} */
  readonly page?: number;
  /** Whether samples keep the colours of the file's profile, or become sRGB. */
  readonly colours: "file" | "srgb";
  /** Whether a picture with missing parts is read. */
  readonly allowDamaged: boolean;
  /** Whether warnings of the decoder are known to be harmless. @default {false} */
  readonly ignoresWarnings?: boolean;
}

/** A decoded picture. */
export interface Decoded {
  readonly image: Image;
  /** sharp's metadata of the file. */
  readonly header: Metadata;
  /** Whether the colours were converted to sRGB. */
  readonly isConverted: boolean;
  /** Notes for the user, one line each. */
  readonly notes: readonly string[];
}

/**
 * Decodes a picture and turns it upright.
 *
 * @param file The file.
 * @param options How it is decoded.
 * @returns The picture.
 * @throws {Unreadable} If the picture cannot be read, or a part of it is missing.
 */
export async function decode(file: Uint8Array, options: DecodeOptions): Promise<Decoded> {
  const bytes = isJpeg(file) ? repairedJpeg(file) : file;
  // The size is checked below, where the message can contain it.
  const input = { limitInputPixels: false, page: options.page ?? 0 };
  const sharp = await loadSharp();
  const header = await sharp(bytes, input).metadata().catch((cause) => {
    throw new Unreadable(NOT_A_PICTURE, { cause });
  });
  refuse(header);

  const isWide = header.depth === "ushort", isConverted = header.space === "cmyk";
  const ignoreIcc = options.colours === "file" && !isConverted;
  /**
   * Grey is decoded as RGB, of which one channel is taken: in "b-w" sharp would drop the alpha, and without a colour
   * space it makes 8 bits of 16-bit grey.
   */
  const decoder: Decoder = (bytes, failOn) =>
    sharp(bytes, { ...input, ignoreIcc, failOn })
      .toColourspace(isWide ? "rgb16" : "srgb")
      .raw({ depth: isWide ? "ushort" : "uchar" });
  const { decoded, notes } = await decodedStrictly(bytes, decoder, header, options);

  const { data: { buffer, byteOffset, byteLength }, info } = decoded;
  const samples = isWide
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Uint8Array(buffer, byteOffset, byteLength);
  // Samples of 10 and 12 bits are shifted to 16 bits: their white is 1023 << 6 and 4095 << 4.
  const white = isWide ? 65536 - 2 ** (16 - (header.bitsPerSample ?? 16)) : 255;
  const { height, width, channels: stride } = info;
  const saysGrey = header.space === "b-w" || header.space === "grey16";
  const cannotSay = ["webp", "heif", "gif"].includes(header.format);
  const isGrey = saysGrey || (cannotSay && hasEqualChannels(samples, stride));
  const converted = isConverted ? ["its CMYK colours are converted to sRGB"] : [];
  return {
    image: imageOf(samples, { height, width, stride, white, isGrey }),
    header,
    isConverted,
    notes: [...converted, ...notes],
  };
}

/** Samples as whole numbers, and their arrangement. */
interface Layout {
  readonly height: number;
  readonly width: number;
  /** Numbers for each pixel: three colours, and alpha if there are four. */
  readonly stride: number;
  /** The number of white. */
  readonly white: number;
  readonly isGrey: boolean;
}

/** Makes an image from whole numbers. */
export function imageOf(
  samples: Uint8Array | Uint16Array | Uint8ClampedArray,
  { height, width, stride, white, isGrey }: Layout,
): Image {
  const channels = isGrey ? 1 : 3, pixels = height * width;
  const data = new Float32Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let c = 0; c < channels; c++) {
      data[pixel * channels + c] = Math.min(samples[pixel * stride + c]! / white, 1);
    }
  }
  const image: Image = { height, width, channels, data, bitDepth: white > 255 ? 16 : 8 };
  if (stride === 4) {
    image.alpha = Float32Array.from(
      { length: pixels },
      (_, pixel) => Math.min(samples[pixel * 4 + 3]! / white, 1),
    );
  }
  return image;
}

/** Throws if a picture with this header cannot be read. */
function refuse({ format, compression, depth, autoOrient }: Metadata): void {
  if (!FORMATS.includes(format) || (format === "heif" && compression !== "av1")) {
    const found = format === "heif" ? `${format} (${compression})` : format;
    throw new Unreadable(`a ${found} picture is not read, only ${READABLE}`);
  }
  if (depth !== "uchar" && depth !== "ushort") {
    throw new Unreadable(`its samples are of type ${depth}`);
  }
  checkPixels(autoOrient.width, autoOrient.height);
}

/** Whether red, green and blue are equal in every pixel. */
export function hasEqualChannels(
  samples: Uint8Array | Uint16Array | Uint8ClampedArray,
  stride: number,
): boolean {
  for (let i = 0; i < samples.length; i += stride) {
    if (samples[i] !== samples[i + 1] || samples[i] !== samples[i + 2]) return false;
  }
  return true;
}

/** Makes a decoder that fails from a severity on. */
type Decoder = (bytes: Uint8Array, failOn: NonNullable<SharpOptions["failOn"]>) => Sharp;

/**
 * Warnings of libjpeg that do not affect any pixel: a colour transform of an unknown number, and extraneous bytes
 * before a marker that ends a scan (not before a restart marker, where they may be lost data).
 */
const HARMLESS = [
  /Unknown Adobe color transform code/,
  /extraneous bytes before marker 0x(?:d9|da|db|c4|dd|fe|e[0-9a-f])/,
];

/** Decodes; if the decoder complains, finds out whether pixels are missing, and which. */
async function decodedStrictly(
  bytes: Uint8Array,
  decoder: Decoder,
  header: Metadata,
  { allowDamaged, ignoresWarnings = false }: DecodeOptions,
) {
  const strict = ignoresWarnings ? "error" : "warning";
  const run = (bytes: Uint8Array, failOn: "warning" | "error" | "none") =>
    withoutWarning(decoder(bytes, failOn).autoOrient(), failOn);
  const notes: string[] = [];
  try {
    return { decoded: await run(bytes, strict), notes };
  } catch (error) {
    // Ancillary chunks of a PNG may be damaged although its pixels are not.
    const bare = isPng(bytes)
      ? await run(pngWithoutMetadata(bytes), "warning").catch(() => {})
      : undefined;
    if (bare) {
      return { decoded: bare, notes: ["what the file says beside its pixels is damaged in part"] };
    }
    const harmless = await whereHarmless(bytes, decoder);
    if (harmless) return { decoded: harmless, notes };
    const decoded = await run(bytes, "none").catch(() => {});
    if (!decoded) {
      const why = "the picture is damaged or cut short, or of a kind that is not read";
      throw new Unreadable(why, { cause: error });
    }
    const rows = header.height, whole = await wholeRows(bytes, decoder, header, strict);
    const part = whole === 0
      ? "no row of it is whole"
      : `rows ${whole + 1} to ${rows} of ${rows} are missing or wrong`;
    if (allowDamaged) return { decoded, notes: [`the picture is damaged or cut short: ${part}`] };
    throw new Unreadable(
      `the picture is damaged or cut short: ${part} (\`allowDamaged\` reads what is there)`,
      { cause: error },
    );
  }
}

/**
 * The decoded picture. sharp does not fail on warnings of libjpeg in the last rows; this function throws for them
 * too, if warnings are not allowed.
 */
async function withoutWarning(picture: Sharp, failOn: "warning" | "error" | "none") {
  let isWarned = false;
  picture.on("warning", () => isWarned = true);
  const decoded = await picture.toBuffer({ resolveWithObject: true });
  if (isWarned && failOn === "warning") throw new Error("the decoder warns of the last rows");
  return decoded;
}

/** The picture, if the decoder has only one warning and that is harmless. */
async function whereHarmless(bytes: Uint8Array, decoder: Decoder) {
  const warnings: string[] = [];
  const picture = decoder(bytes, "error").autoOrient();
  picture.on("warning", (warning: string) => warnings.push(warning));
  try {
    const decoded = await picture.toBuffer({ resolveWithObject: true });
    // sharp counts the warnings, but gives the text of the first one only.
    const isOne = warnings.some((text) => text.includes("read gave 1 warnings"));
    const isHarmless = HARMLESS.some((known) => warnings.some((text) => known.test(text)));
    return isOne && isHarmless ? decoded : undefined;
  } catch {
    return undefined;
  }
}

/** The number of rows, from the top of the stored picture, that can be decoded without an error. */
async function wholeRows(
  bytes: Uint8Array,
  decoder: Decoder,
  { width, height }: Metadata,
  strict: "warning" | "error",
): Promise<number> {
  let whole = 0, damaged = height;
  while (damaged - whole > 1) {
    const rows = (whole + damaged) >> 1;
    const part = decoder(bytes, strict).extract({ left: 0, top: 0, width, height: rows });
    const isWhole = await withoutWarning(part, strict).then(() => true, () => false);
    if (isWhole) whole = rows;
    else damaged = rows;
  }
  return whole;
}
