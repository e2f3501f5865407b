// Encodes pictures with their metadata as the bytes of a file.
import { check } from "../check.ts";
import { checkImage, type Image } from "./image.ts";
import { encoded } from "./_encoded.ts";
import { exifFacts, exifWithResolution } from "./formats/exif.ts";
import { fitsSegment, jpegWith } from "./formats/jpeg.ts";
import { animatedPng, pngWith } from "./formats/png.ts";
import { encodeTiff } from "./formats/tiff_write.ts";
import { webpWith } from "./formats/webp.ts";
import { FileError } from "../files/mod.ts";
import { colourSpaceOf, type PictureMetadata } from "./metadata.ts";
import type { Animation } from "./picture_file.ts";
import { loadSharp } from "./_sharp.ts";
import { FORMATS, type WrittenFormat } from "./written_formats.ts";

/** A picture to write. */
export interface WrittenPage {
  readonly image: Image;
  /** Its metadata. @default {none} */
  readonly metadata?: PictureMetadata;
}

/** The default duration of an animation's frame in milliseconds; the animation repeats without end. */
const DELAY = 100;

/**
 * Encodes pictures as a file. What the format cannot store is left out, see {@linkcode describeLosses}.
 *
 * @param pages The pictures: one, the frames of an animation, or for TIFF any number of any size.
 * @param format The format.
 * @param animation How frames are shown. @default {a tenth of a second each, without end}
 * @returns The file's bytes.
 * @throws {FileError} If the format cannot hold such pictures.
 * @throws {RangeError} If an image's sizes and arrays are inconsistent, or the format cannot hold so many pages.
 *
 * @example A resolution goes with the picture
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./image.ts";
 * import { openPicture } from "./picture_file.ts";
 *
 * const image = createImage({ height: 16, width: 16, channels: 1 });
 * const resolution = { horizontal: 300, vertical: 300, unit: "inch" } as const;
 * const bytes = await encodePicture([{ image, metadata: { resolution } }], "tiff");
 *
 * const file = await openPicture({ name: "in memory", bytes });
 * assert.deepEqual((await file.page(0)).metadata.resolution, resolution);
 * ```
 */
export async function encodePicture(
  pages: readonly WrittenPage[],
  format: WrittenFormat,
  animation?: Animation,
): Promise<Uint8Array> {
  const [first] = pages, { title, pages: holds } = FORMATS[format];
  if (!first) throw new RangeError("`pages` must be at least one");
  for (const { image } of pages) checkImage(image);
  if (format === "tiff") {
    return encodeTiff(pages.map(({ image, metadata = {} }) => ({ image, metadata })));
  }
  check(pages.length === 1 || holds !== "one", "pages", pages.length, `one for ${title}`);
  const { metadata = {} } = first;
  try {
    return pages.length === 1
      ? await single(first.image, metadata, format)
      : await animated(pages.map(({ image }) => image), metadata, format, animation);
  } catch (error) {
    const { width, height } = first.image;
    const why = `the encoder refuses a picture of ${width}x${height}`;
    throw new FileError(`${why} (${(error as Error).message})`, { cause: error });
  }
}

async function single(
  image: Image,
  metadata: PictureMetadata,
  format: Exclude<WrittenFormat, "tiff">,
): Promise<Uint8Array> {
  switch (format) {
    case "jpeg":
      return jpegWith(await (await encoded(image, FORMATS.jpeg)).toBuffer(), metadata);
    case "png":
      return await png(image, metadata);
    case "webp":
      return webpWith(
        await (await encoded(image, FORMATS.webp)).toBuffer(),
        image,
        resolved(metadata),
      );
    case "gif":
      return await (await encoded(image, FORMATS.gif)).toBuffer();
    case "avif": {
      // The AVIF encoder copies metadata from its input, so write that first.
      const { encode, wideBits } = FORMATS.avif;
      const wide = image.bitDepth === 16 && wideBits > 8;
      const said = resolved(metadata);
      const sharp = await loadSharp();
      const input = sharp(await png(image, said), { ignoreIcc: true });
      // Without this condition the encoder would add EXIF.
      if (said.exif) input.keepExif();
      if (said.icc) input.keepIccProfile();
      if (said.xmp) input.keepXmp();
      return await encode(input.toColourspace(wide ? "rgb16" : "srgb"), wide).toBuffer();
    }
  }
}

/** Encodes a PNG file; a grey picture becomes RGB if its profile is for RGB. */
async function png(image: Image, metadata: PictureMetadata): Promise<Uint8Array<ArrayBuffer>> {
  const { icc } = metadata, isOfRgb = icc && colourSpaceOf(icc) === "RGB ";
  const fitting = isOfRgb ? inColour(image) : image;
  return pngWith(await (await encoded(fitting, FORMATS.png)).toBuffer(), metadata);
}

/** Moves the resolution to EXIF, for formats that have no other place for it. */
function resolved(metadata: PictureMetadata): PictureMetadata {
  const { resolution, exif } = metadata;
  if (!resolution || (exif && exifFacts(exif)?.resolution)) return metadata;
  return { ...metadata, exif: exifWithResolution(exif, resolution) };
}

/** The picture with three channels. */
function inColour(image: Image): Image {
  if (image.channels === 3) return image;
  const data = new Float32Array(image.data.length * 3);
  image.data.forEach((value, i) => data.fill(value, 3 * i, 3 * i + 3));
  return { ...image, channels: 3, data };
}

async function animated(
  images: readonly Image[],
  metadata: PictureMetadata,
  format: Exclude<WrittenFormat, "tiff">,
  { delays = [], loop = 0 }: Partial<Animation> = {},
): Promise<Uint8Array> {
  // All frames of a file must have the same size.
  const [{ width, height }] = images as [Image];
  const isGrey = images.every(({ channels }) => channels === 1);
  const isOpaque = images.every(({ alpha }) => !alpha);
  const isWide = images.some(({ bitDepth }) => bitDepth === 16);
  const frames = await Promise.all(images.map(async (image) => {
    if (image.width !== width || image.height !== height) {
      throw new RangeError("the frames of an animation must be of one size");
    }
    const alpha = isOpaque
      ? {}
      : { alpha: image.alpha ?? new Float32Array(width * height).fill(1) };
    const alike: Image = {
      ...isGrey && format === "png" ? image : inColour(image),
      ...alpha,
      bitDepth: isWide ? 16 : 8,
    };
    const { icc } = metadata, isOfRgb = icc && colourSpaceOf(icc) === "RGB ";
    return await (await encoded(isOfRgb ? inColour(alike) : alike, FORMATS.png)).toBuffer();
  }));
  const delay = frames.map((_, i) => delays[i] ?? DELAY);
  if (format === "png") return pngWith(animatedPng(frames, delay, loop), metadata);
  const sharp = await loadSharp();
  const joined = sharp(frames, { join: { animated: true } });
  if (format === "gif") return await joined.gif({ delay, loop }).toBuffer();
  const bytes = await joined.webp({ lossless: true, exact: true, delay, loop }).toBuffer();
  return webpWith(bytes, { width, height }, resolved(metadata));
}

/**
 * Describes what a format cannot store of a picture, for users.
 *
 * @param page The picture.
 * @param format The format.
 * @returns The losses, a few words each.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "./image.ts";
 *
 * const image = createImage({ height: 1, width: 1, channels: 1, alpha: Float32Array.of(0) });
 * assert.deepEqual(describeLosses({ image }, "jpeg"), ["opacity"]);
 * assert.deepEqual(describeLosses({ image }, "png"), []);
 * ```
 */
export function describeLosses(
  { image, metadata = {} }: WrittenPage,
  format: WrittenFormat,
): string[] {
  const { alpha, wideBits } = FORMATS[format];
  const { exif, icc, xmp, iptc, comments, chunks, tags, values, resolution } = metadata;
  const isGif = format === "gif", isJpeg = format === "jpeg";
  const fits = (kind: "exif" | "xmp" | "iptc", data: Uint8Array | undefined) =>
    !data || (!isGif && (!isJpeg || fitsSegment(kind, data)));
  const colours = chunks?.some(({ type }) => !/^[tzi]/.test(type));
  const texts = chunks?.some(({ type }) => /^[tzi]/.test(type));
  // The other tags are in EXIF.
  const further = tags &&
    [...tags.keys()].some((tag) => tag > 33500 && tag !== 34665 && tag !== 34853);
  const lost: [boolean | undefined, string][] = [
    [!alpha && image.alpha?.some((value) => value < 1), "opacity"],
    [values !== undefined && format !== "tiff", `numbers of ${values?.bits} bits as they are`],
    [!values && image.bitDepth === 16 && wideBits < 16, `more than ${wideBits} bits a sample`],
    [resolution?.unit === "inch" && isGif, "resolution"],
    [!fits("exif", exif), "EXIF"],
    [icc !== undefined && isGif, "the colour profile"],
    [!fits("xmp", xmp), "XMP"],
    [iptc !== undefined && format !== "tiff" && !(isJpeg && fits("iptc", iptc)), "IPTC"],
    [comments !== undefined && !isJpeg, "comments"],
    [colours && format !== "png", "PNG's gamma and colours"],
    [texts && format !== "png", "PNG's texts"],
    [further && format !== "tiff", "further TIFF tags"],
  ];
  return lost.flatMap(([isLost, what]) => isLost ? [what] : []);
}
