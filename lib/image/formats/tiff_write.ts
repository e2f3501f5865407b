// Writes TIFF files of any number of pages, with numbers of any type and metadata.
import { deflateSync } from "node:zlib";
import type { Image } from "../image.ts";
import type { PictureMetadata, SampleRange } from "../metadata.ts";
import { resolutionTags, tiffTagsOfExif } from "./exif.ts";
import { encodeTags, joined, type Tags, untyped, whole } from "./tiff_tags.ts";

/** A page to write. */
export interface TiffPage {
  readonly image: Image;
  readonly metadata: PictureMetadata;
}

/** Deflate compression, and the predictor by differences of neighbours (TIFF 6.0, section 14; technical note 3). */
const DEFLATE = 8, DIFFERENCES = 2;

/** About as many bytes form a strip, so that a reader can read a part of the picture. */
const STRIP = 2 ** 18;

const SAMPLE_FORMATS = { uint: 1, int: 2, float: 3 } as const;

/** The largest length of a file with offsets of 4 bytes. */
const LONGEST = 2 ** 32 - 1;

/**
 * Encodes a TIFF file.
 *
 * @param pages The pages.
 * @returns The file.
 * @throws {RangeError} If it would be longer than 4 GB.
 */
export function encodeTiff(pages: readonly TiffPage[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [Uint8Array.of(0x49, 0x49, 42, 0, 0, 0, 0, 0)];
  let end = 8, link = { part: 0, at: 4 };
  const add = (bytes: Uint8Array) => {
    const begin = end;
    parts.push(bytes, ...bytes.length % 2 ? [new Uint8Array(1)] : []);
    end += bytes.length + bytes.length % 2;
    if (end > LONGEST) throw new RangeError("`pages` are too large for a TIFF file of 4 GB");
    return begin;
  };
  for (const page of pages) {
    const { tags: layout, strips } = layoutOf(page);
    const offsets = strips.map(add);
    const tags: Tags = new Map([
      ...saidTags(page.metadata),
      ...layout,
      [273, whole(4, ...offsets)],
      [279, whole(4, ...strips.map(({ length }) => length))],
    ]);
    const { bytes, offset } = encodeTags(tags, end);
    new DataView(parts[link.part]!.buffer).setUint32(link.at, offset, true);
    add(bytes);
    // The directory's last four bytes are the offset of the next one.
    link = { part: parts.length - 1, at: bytes.length - 4 };
  }
  return joined(parts);
}

/** The compressed pixels, and the tags of their storage. */
function layoutOf({ image, metadata: { values } }: TiffPage): { tags: Tags; strips: Uint8Array[] } {
  const { height, width, channels, alpha, bitDepth = 8 } = image;
  const stride = channels + (alpha ? 1 : 0);
  const kind: SampleRange = values ??
    { type: "uint", bits: bitDepth, low: 0, high: 2 ** bitDepth - 1 };
  const hasDifferences = !values;
  const bytes = kind.bits / 8, rows = Math.max(1, Math.floor(STRIP / (width * stride * bytes)));
  const strips: Uint8Array[] = [];
  for (let top = 0; top < height; top += rows) {
    const count = Math.min(rows, height - top);
    strips.push(deflateSync(stripOf(image, kind, top, count, hasDifferences)));
  }
  const tags: Tags = new Map([
    [256, whole(4, width)],
    [257, whole(4, height)],
    [258, whole(3, ...Array<number>(stride).fill(kind.bits))],
    [259, whole(3, DEFLATE)],
    [262, whole(3, channels === 3 ? 2 : 1)],
    [277, whole(3, stride)],
    [278, whole(4, rows)],
    [284, whole(3, 1)],
    ...hasDifferences ? [[317, whole(3, DIFFERENCES)] as const] : [],
    // Alpha that is not multiplied into the colours.
    ...alpha ? [[338, whole(3, 2)] as const] : [],
    [339, whole(3, ...Array<number>(stride).fill(SAMPLE_FORMATS[kind.type]))],
  ]);
  return { tags, strips };
}

/** Rows of samples before compression. */
function stripOf(
  { width, channels, data, alpha }: Image,
  { type, bits, low, high }: SampleRange,
  top: number,
  rows: number,
  hasDifferences: boolean,
): Uint8Array {
  const stride = channels + (alpha ? 1 : 0), bytes = bits / 8;
  const strip = new Uint8Array(rows * width * stride * bytes), view = new DataView(strip.buffer);
  const put = setter(view, type, bits);
  const opaque = type === "float" ? 1 : 2 ** (type === "int" ? bits - 1 : bits) - 1;
  const unit = (value: number) =>
    Math.min(Math.max(Number.isFinite(value) || value > 0 ? value : 0, 0), 1);
  const row = new Float64Array(width * stride), mask = 2 ** bits - 1;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = (top + y) * width + x;
      for (let c = 0; c < channels; c++) {
        row[x * stride + c] = low + (high - low) * unit(data[pixel * channels + c]!);
      }
      if (alpha) row[x * stride + channels] = opaque * unit(alpha[pixel]!);
    }
    if (type !== "float") row.forEach((value, i) => row[i] = Math.round(value));
    for (let i = row.length - 1; i >= 0; i--) {
      const value = hasDifferences && i >= stride ? (row[i]! - row[i - stride]!) & mask : row[i]!;
      put((y * row.length + i) * bytes, value);
    }
  }
  return strip;
}

/** A function that writes a number of a type into a view. */
function setter(
  view: DataView,
  type: SampleRange["type"],
  bits: number,
): (at: number, value: number) => void {
  if (type === "float") {
    if (bits === 16) return (at, value) => view.setFloat16(at, value, true);
    if (bits === 32) return (at, value) => view.setFloat32(at, value, true);
    return (at, value) => view.setFloat64(at, value, true);
  }
  if (bits === 8) return (at, value) => view.setUint8(at, value);
  if (bits === 16) return (at, value) => view.setUint16(at, value, true);
  if (bits === 32) return (at, value) => view.setUint32(at, value, true);
  return (at, value) => view.setBigInt64(at, BigInt(value), true);
}

/** The tags of metadata. */
function saidTags({ resolution, exif, icc, xmp, iptc, tags }: PictureMetadata): Tags {
  return new Map([
    ...tags ?? [],
    // If EXIF and the tags have a field in common, that of EXIF is for the upright picture.
    ...exif ? tiffTagsOfExif(exif) : [],
    ...resolution ? resolutionTags(resolution) : [],
    ...xmp ? [[700, untyped(xmp, 1)] as const] : [],
    ...iptc ? [[33723, untyped(iptc)] as const] : [],
    ...icc ? [[34675, untyped(icc)] as const] : [],
  ]);
}
