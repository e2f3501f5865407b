// The metadata of a picture's file: resolution, EXIF, colour profile and others.
import { exifFacts, fittedExif } from "./formats/exif.ts";
import { doubles, numbersOf, type Tags } from "./formats/tiff_tags.ts";

/** The number of pixels per length. */
export interface Resolution {
  /** Along a row. */
  readonly horizontal: number;
  /** Along a column. */
  readonly vertical: number;
  /** The unit: pixels per inch, or none, which is possible in TIFF files. */
  readonly unit: "inch" | "none";
}

/** An inch in metres. */
export const INCH = 0.0254;

/**
 * Converts pixels per metre, the unit of some formats, to pixels per inch.
 *
 * @param perMetre A whole number.
 * @returns Pixels per inch; a whole number if that gives `perMetre` when converted back.
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

/** The range of a TIFF file's numbers that are not whole numbers of 8 or 16 bits: `low + (high - low) sample`. */
export interface SampleRange {
  readonly type: "float" | "int" | "uint";
  readonly bits: 8 | 16 | 32 | 64;
  /** The number of sample 0 in the file. */
  readonly low: number;
  /** The number of sample 1 in the file. */
  readonly high: number;
}

/** A chunk of a PNG file with metadata. */
export interface PngChunk {
  /** Its name, such as `gAMA`. */
  readonly type: string;
  readonly data: Uint8Array;
}

/**
 * The metadata of a picture's file, always for the upright picture.
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
  /** EXIF, beginning with its byte order mark. */
  readonly exif?: Uint8Array;
  /** The colour profile of the samples; without one they are sRGB. */
  readonly icc?: Uint8Array;
  readonly xmp?: Uint8Array;
  /** Records of IPTC's information interchange model. */
  readonly iptc?: Uint8Array;
  /** Comments of a JPEG file. */
  readonly comments?: readonly Uint8Array[];
  /** PNG's colour and text chunks. */
  readonly chunks?: readonly PngChunk[];
  /** Tags of a TIFF directory, except those of how its pixels are stored. */
  readonly tags?: Tags;
  /** The range of a TIFF file's numbers, if they are not whole numbers of 8 or 16 bits. */
  readonly values?: SampleRange;
}

/** GeoTIFF's pixel size, and its points with known coordinates. */
const PIXEL_SCALE = 33550, TIE_POINTS = 33922;

/**
 * Adapts the metadata to an enlarged picture.
 *
 * @param metadata The metadata of the original picture.
 * @param size The size of the enlarged picture.
 * @param factor The factor of enlargement.
 * @returns The metadata, with the resolution and the sizes of the enlarged picture.
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

/** Adapts the map's pixel size and the pixel coordinates of its points. */
function enlargedTags(tags: Tags, factor: number): Tags {
  const changed = new Map(tags);
  const scale = numbersOf(tags, PIXEL_SCALE), points = numbersOf(tags, TIE_POINTS);
  if (scale.length > 0) {
    changed.set(PIXEL_SCALE, doubles(scale.map((value, i) => i < 2 ? value / factor : value)));
  }
  // The first two of six numbers are the pixel's column and row.
  if (points.length > 0) {
    changed.set(TIE_POINTS, doubles(points.map((value, i) => i % 6 < 2 ? value * factor : value)));
  }
  return changed;
}

/** XMP repeats the picture's size under these names of EXIF's and TIFF's properties. */
const XMP_WIDTHS = ["tiff:ImageWidth", "exif:PixelXDimension"];
const XMP_HEIGHTS = ["tiff:ImageLength", "exif:PixelYDimension"];
const XMP_RESOLUTIONS = ["tiff:XResolution", "tiff:YResolution"];

/**
 * Adapts XMP to an upright picture of a size.
 *
 * @param xmp The packet.
 * @param change The size, and the factor of the resolution.
 * @returns The packet with adapted properties; unchanged if it is not UTF-8.
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
      // A property can be an attribute or an element.
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

/** The colour space of an ICC profile: `GRAY`, `RGB `, `CMYK` or another of ICC.1, table 19. */
export const colourSpaceOf = (icc: Uint8Array): string =>
  String.fromCharCode(...icc.subarray(16, 20));
