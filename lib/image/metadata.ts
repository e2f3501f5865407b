// What a picture's file says beside its pixels: resolution, EXIF, colour profile and the like.
import { exifFacts, fittedExif } from "./formats/exif.ts";
import { doubles, numbersOf, type Tags } from "./formats/tiff_tags.ts";

/** How many pixels there are on a length. */
export interface Resolution {
  /** Along a row. */
  readonly horizontal: number;
  /** Along a column. */
  readonly vertical: number;
  /** Pixels per inch; or of no unit, which a TIFF file may say. */
  readonly unit: "inch" | "none";
}

/** An inch in metres. */
export const INCH = 0.0254;

/**
 * Pixels per inch from pixels per metre, which some formats have.
 *
 * @param perMetre A whole number.
 * @returns A whole number where that is what became so many pixels per metre.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(perInch(11811), 300);
 * ```
 */
export function perInch(perMetre: number): number {
  const whole = Math.round(perMetre * INCH);
  return Math.round(whole / INCH) === perMetre ? whole : perMetre * INCH;
}

/** The numbers of a TIFF file that are not whole numbers of 8 or 16 bits: `low + (high - low) sample`. */
export interface SampleRange {
  readonly type: "float" | "int" | "uint";
  readonly bits: 8 | 16 | 32 | 64;
  /** What sample 0 is in the file. */
  readonly low: number;
  /** What sample 1 is in the file. */
  readonly high: number;
}

/** A chunk of a PNG file that says something of the picture. */
export interface PngChunk {
  /** Its name, such as `gAMA`. */
  readonly type: string;
  readonly data: Uint8Array;
}

/**
 * What a picture's file says beside its pixels, always of the upright picture.
 *
 * | format         | resolution | EXIF | ICC | XMP | IPTC | more                                    |
 * | -------------- | ---------- | ---- | --- | --- | ---- | --------------------------------------- |
 * | JPEG           | yes        | yes  | yes | yes | yes  | comments                                |
 * | PNG            | yes        | yes  | yes | yes | no   | gamma, chromaticities, texts            |
 * | TIFF           | yes        | yes  | yes | yes | yes  | further tags, such as GeoTIFF's, values |
 * | WebP, AVIF     | in EXIF    | yes  | yes | yes | no   |                                         |
 * | GIF            | no         | no   | no  | no  | no   |                                         |
 *
 * BMP and HEIC are only read.
 */
export interface PictureMetadata {
  readonly resolution?: Resolution;
  /** From its byte order mark on. */
  readonly exif?: Uint8Array;
  /** The colour profile that the samples are to be read by; none means sRGB. */
  readonly icc?: Uint8Array;
  readonly xmp?: Uint8Array;
  /** Records of IPTC's information interchange model. */
  readonly iptc?: Uint8Array;
  /** Comments of a JPEG file. */
  readonly comments?: readonly Uint8Array[];
  /** PNG's colour and text chunks. */
  readonly chunks?: readonly PngChunk[];
  /** Tags of a TIFF directory that say nothing of how its pixels are stored. */
  readonly tags?: Tags;
  /** How a TIFF file's numbers became samples, if they are not whole numbers of 8 or 16 bits. */
  readonly values?: SampleRange;
}

/** GeoTIFF's size of a pixel, and the points whose place is known. */
const PIXEL_SCALE = 33550, TIE_POINTS = 33922;

/**
 * What remains true of a picture that was made larger.
 *
 * @param metadata What was said of the picture before.
 * @param size The picture after.
 * @param factor How many times as wide and high it is now.
 * @returns The same with the resolution and the sizes of the larger picture.
 *
 * @example Twice the pixels on an inch
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const before = { resolution: { horizontal: 72, vertical: 72, unit: "inch" } } as const;
 * const { resolution } = enlargedMetadata(before, { width: 40, height: 40 }, 2);
 * assert.equal(resolution!.horizontal, 144);
 * ```
 */
export function enlargedMetadata(
  metadata: PictureMetadata,
  { width, height }: { readonly width: number; readonly height: number },
  factor: number,
): PictureMetadata {
  const { exif, xmp, tags } = metadata;
  const larger = (resolution: Resolution | undefined) =>
    resolution && {
      ...resolution,
      horizontal: resolution.horizontal * factor,
      vertical: resolution.vertical * factor,
    };
  const resolution = larger(metadata.resolution);
  const fitted = exif &&
    fittedExif(exif, { width, height, resolution: larger(exifFacts(exif)?.resolution) });
  return {
    ...metadata,
    ...resolution && { resolution },
    ...fitted && { exif: fitted },
    ...xmp && { xmp: xmpWith(xmp, { width, height, factor }) },
    ...tags && { tags: enlargedTags(tags, factor) },
  };
}

/** A pixel of the map is smaller now, and a point on it lies at other pixels. */
function enlargedTags(tags: Tags, factor: number): Tags {
  const changed = new Map(tags);
  const scale = numbersOf(tags, PIXEL_SCALE), points = numbersOf(tags, TIE_POINTS);
  if (scale.length > 0) {
    changed.set(PIXEL_SCALE, doubles(scale.map((value, i) => i < 2 ? value / factor : value)));
  }
  // Of six numbers the first two are the pixel's column and row.
  if (points.length > 0) {
    changed.set(TIE_POINTS, doubles(points.map((value, i) => i % 6 < 2 ? value * factor : value)));
  }
  return changed;
}

/** What XMP repeats of the picture, by the names that EXIF's and TIFF's properties have there. */
const XMP_WIDTHS = ["tiff:ImageWidth", "exif:PixelXDimension"];
const XMP_HEIGHTS = ["tiff:ImageLength", "exif:PixelYDimension"];
const XMP_RESOLUTIONS = ["tiff:XResolution", "tiff:YResolution"];

/**
 * XMP for an upright picture of a size.
 *
 * @param xmp The packet.
 * @param change The size, and by what the resolution is multiplied.
 * @returns The packet with the properties that it has changed; untouched if it is not UTF-8.
 */
export function xmpWith(
  xmp: Uint8Array,
  { width, height, factor = 1 }: { width: number; height: number; factor?: number },
): Uint8Array {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(xmp);
  } catch {
    return xmp;
  }
  const before = text;
  const set = (names: readonly string[], of: (old: string) => string) => {
    for (const name of names) {
      // A property is an attribute or an element.
      const attribute = new RegExp(`(\\b${name}\\s*=\\s*)(["'])([^"']*)\\2`, "g");
      const element = new RegExp(`(<${name}>)([^<]*)(</${name}>)`, "g");
      text = text
        .replace(attribute, (_, head, quote, old) => `${head}${quote}${of(old)}${quote}`)
        .replace(element, (_, head, old, tail) => `${head}${of(old)}${tail}`);
    }
  };
  set(["tiff:Orientation"], () => "1");
  set(XMP_WIDTHS, () => `${width}`);
  set(XMP_HEIGHTS, () => `${height}`);
  if (factor !== 1) {
    set(XMP_RESOLUTIONS, (old) => {
      const [numerator, denominator = "1"] = old.split("/");
      const value = Number(numerator) * factor;
      return Number.isFinite(value) ? `${value}/${denominator}` : old;
    });
  }
  return text === before ? xmp : new TextEncoder().encode(text);
}

/** What an ICC profile's samples are: `GRAY`, `RGB `, `CMYK` or another of ICC.1, table 19. */
export const colourSpaceOf = (icc: Uint8Array): string =>
  String.fromCharCode(...icc.subarray(16, 20));
