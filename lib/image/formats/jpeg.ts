// JPEG files: their segments, their metadata, and the pictures that follow the first.
import type { PictureMetadata, Resolution } from "../metadata.ts";
import { joined } from "./tiff_tags.ts";
import { directoryAt, firstDirectory, numbersOf, tiffStructure } from "./tiff_tags.ts";

const APP0 = 0xe0, APP1 = 0xe1, APP2 = 0xe2, APP13 = 0xed, COMMENT = 0xfe;
const START_OF_SCAN = 0xda, END_OF_IMAGE = 0xd9;

/** The signatures of application segments. */
const JFIF = "JFIF\0",
  EXIF = "Exif\0\0",
  XMP = "http://ns.adobe.com/xap/1.0/\0",
  ICC = "ICC_PROFILE\0",
  PICTURES = "MPF\0",
  PHOTOSHOP = "Photoshop 3.0\0";

/** The largest length of a segment's data. */
const LONGEST = 65533;

interface Segment {
  readonly marker: number;
  /** The offset of its two-byte marker. */
  readonly at: number;
  /** The data after the length. */
  readonly data: Uint8Array;
}

/** Whether bytes begin like a JPEG file. */
export const isJpeg = (bytes: Uint8Array): boolean =>
  bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/** The segments before the first scan, and its header; fewer if the file is damaged. */
function segmentsOf(bytes: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === END_OF_IMAGE) break;
    const length = bytes[at + 2]! * 256 + bytes[at + 3]!;
    segments.push({ marker, at, data: bytes.subarray(at + 4, at + 2 + length) });
    if (marker === START_OF_SCAN) break;
    at += 2 + length;
  }
  return segments;
}

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** The data after `head` in a segment; undefined if the segment does not begin with it. */
function after(head: string, data: Uint8Array): Uint8Array | undefined {
  return ascii(head).every((byte, i) => data[i] === byte) ? data.subarray(head.length) : undefined;
}

/**
 * Reads the metadata of a JPEG file.
 *
 * @param bytes The file.
 * @returns The metadata of the stored picture, before it is turned upright.
 */
export function jpegMetadata(bytes: Uint8Array): PictureMetadata {
  const found: { -readonly [K in keyof PictureMetadata]: PictureMetadata[K] } = {};
  const profile: Uint8Array[] = [], comments: Uint8Array[] = [];
  for (const { marker, data } of segmentsOf(bytes)) {
    if (marker === COMMENT) comments.push(data);
    if (marker === APP0) {
      const resolution = jfifResolution(after(JFIF, data));
      if (resolution) found.resolution ??= resolution;
    }
    if (marker === APP1) {
      const exif = after(EXIF, data), xmp = after(XMP, data);
      if (exif) found.exif ??= exif;
      if (xmp) found.xmp ??= xmp;
    }
    if (marker === APP13) {
      const iptc = iptcOf(after(PHOTOSHOP, data));
      if (iptc) found.iptc ??= iptc;
    }
    // A long profile is split into numbered parts.
    const part = marker === APP2 ? after(ICC, data) : undefined;
    if (part && part[0]! > 0) profile[part[0]! - 1] = part.subarray(2);
  }
  if (profile.length > 0 && Object.keys(profile).length === profile.length) {
    found.icc = joined(profile);
  }
  if (comments.length > 0) found.comments = comments;
  return found;
}

function jfifResolution(data: Uint8Array | undefined): Resolution | undefined {
  if (!data || data.length < 7) return undefined;
  const [unit, x, y] = [data[2]!, data[3]! * 256 + data[4]!, data[5]! * 256 + data[6]!];
  // With unit 0 the numbers are the aspect ratio of a pixel, nearly always 1:1.
  if (unit === 0 || x === 0 || y === 0) return undefined;
  const perInch = unit === 2 ? 2.54 : 1;
  return { horizontal: x * perInch, vertical: y * perInch, unit: "inch" };
}

/** The number of IPTC among Photoshop's resources. */
const IPTC_RESOURCE = 0x0404;

/** The IPTC records among Photoshop's resources: `8BIM`, number, name of even length, length, data. */
export function iptcOf(resources: Uint8Array | undefined): Uint8Array | undefined {
  if (!resources) return undefined;
  const view = new DataView(resources.buffer, resources.byteOffset, resources.byteLength);
  for (let at = 0; at + 12 <= resources.length && after("8BIM", resources.subarray(at));) {
    const number = view.getUint16(at + 4), name = resources[at + 6]! + 1;
    const head = at + 6 + name + name % 2;
    if (head + 4 > resources.length) return undefined;
    const length = view.getUint32(head);
    if (number === IPTC_RESOURCE) return resources.subarray(head + 4, head + 4 + length);
    at = head + 4 + length + length % 2;
  }
  return undefined;
}

function segment(marker: number, ...parts: Uint8Array[]): Uint8Array {
  const data = joined(parts), length = data.length + 2;
  return joined([Uint8Array.of(0xff, marker, length >> 8, length & 255), data]);
}

/** Whether data fits into a single segment of a JPEG file, as EXIF and XMP must. */
export const fitsSegment = (kind: "exif" | "xmp" | "iptc", data: Uint8Array): boolean =>
  data.length + { exif: EXIF, xmp: XMP, iptc: PHOTOSHOP }[kind].length + 16 <= LONGEST;

/** The largest part of a profile in a segment, after its signature, its number and the count. */
const PROFILE_PART = LONGEST - ICC.length - 2;

/**
 * Adds metadata to a JPEG file.
 *
 * @param bytes A file without metadata.
 * @param metadata The metadata.
 * @returns The file.
 */
export function jpegWith(bytes: Uint8Array, metadata: PictureMetadata): Uint8Array {
  const { resolution, exif, xmp, icc, iptc, comments = [] } = metadata;
  const parts: Uint8Array[] = [Uint8Array.of(0xff, 0xd8), jfif(resolution)];
  if (exif && fitsSegment("exif", exif)) parts.push(segment(APP1, ascii(EXIF), exif));
  if (xmp && fitsSegment("xmp", xmp)) parts.push(segment(APP1, ascii(XMP), xmp));
  if (icc) {
    const count = Math.ceil(icc.length / PROFILE_PART);
    for (let i = 0; i < count && count < 256; i++) {
      const part = icc.subarray(i * PROFILE_PART, (i + 1) * PROFILE_PART);
      parts.push(segment(APP2, ascii(ICC), Uint8Array.of(i + 1, count), part));
    }
  }
  if (iptc && fitsSegment("iptc", iptc)) {
    const head = new Uint8Array(12), view = new DataView(head.buffer);
    head.set(ascii("8BIM"));
    view.setUint16(4, IPTC_RESOURCE);
    view.setUint32(8, iptc.length);
    parts.push(segment(APP13, ascii(PHOTOSHOP), head, iptc, new Uint8Array(iptc.length % 2)));
  }
  for (const comment of comments) parts.push(segment(COMMENT, comment));
  const own = segmentsOf(bytes).find(({ marker }) => marker !== APP0)!;
  return joined([...parts, bytes.subarray(own.at)]);
}

/** The JFIF segment: version 1.1, without a thumbnail. */
function jfif(resolution: Resolution | undefined): Uint8Array {
  const fit = (density: number) => Math.min(Math.max(Math.round(density), 1), 65535);
  const unit = resolution?.unit === "inch" ? 1 : 0;
  const [x, y] = unit ? [fit(resolution!.horizontal), fit(resolution!.vertical)] : [1, 1];
  const numbers = [1, 1, unit, x >> 8, x & 255, y >> 8, y & 255, 0, 0];
  return segment(APP0, ascii(JFIF), Uint8Array.from(numbers));
}

/**
 * Repairs faults that viewers ignore and that do not affect pixels: wrong parameters of a sequential scan, which some
 * phones write, and a missing end marker.
 *
 * @param bytes The file.
 * @returns A copy with correct parameters and an end marker.
 */
export function repairedJpeg(bytes: Uint8Array): Uint8Array {
  // If there is an end marker already, readers ignore what follows it.
  const mended = joined([bytes, Uint8Array.of(0xff, END_OF_IMAGE)]);
  const segments = segmentsOf(mended), scan = segments.at(-1);
  // Baseline and extended sequential frames.
  const isSequential = segments.some(({ marker }) => marker === 0xc0 || marker === 0xc1);
  if (isSequential && scan?.marker === START_OF_SCAN) {
    const at = 1 + 2 * (scan.data[0] ?? 0);
    if (at + 3 === scan.data.length) scan.data.set([0, 63, 0], at);
  }
  return mended;
}

/** The offset after the first picture's end marker; the file's length if there is none. */
function endOf(bytes: Uint8Array): number {
  let at = segmentsOf(bytes).at(-1)?.at ?? 0;
  // Skip scans and the segments between them; 0xff00 and restart markers belong to a scan's data.
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1]!;
    if (marker === END_OF_IMAGE) return at + 2;
    at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
    if (marker === START_OF_SCAN) {
      const isOfScan = (next: number) =>
        next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
      do at = bytes.indexOf(0xff, at + 1); while (at >= 0 && isOfScan(bytes[at + 1] ?? 0));
      if (at < 0) return bytes.length;
    }
  }
  return at + 2 <= bytes.length && bytes[at + 1] === END_OF_IMAGE ? at + 2 : bytes.length;
}

/** A picture that a JPEG file has after the first. */
export interface FurtherPicture {
  readonly bytes: Uint8Array;
  /** Whether it is a smaller version of the first picture, for viewers. */
  readonly isPreview: boolean;
}

/** Some phones append a few hundred bytes to the first picture; fewer bytes than this are ignored. */
const NEGLIGIBLE = 4096;

/**
 * The pictures after the first in a multi-picture file (CIPA DC-007).
 *
 * @param bytes The file.
 * @returns The pictures, and whether other data follows the first one: a video, or a damaged list.
 */
export function furtherPictures(
  bytes: Uint8Array,
): { pictures: FurtherPicture[]; hasMore: boolean } {
  const pictures: FurtherPicture[] = [];
  const end = endOf(bytes);
  let last = end;
  const listing = segmentsOf(bytes).find(({ marker, data }) =>
    marker === APP2 && after(PICTURES, data)
  );
  const list = listing && after(PICTURES, listing.data)!;
  const structure = list && tiffStructure(list);
  const tags = structure && directoryAt(structure, firstDirectory(structure))?.tags;
  if (tags) {
    // The list has 16 bytes for each picture, in the structure's byte order.
    const entries = Uint8Array.from(numbersOf(tags, 0xb002)), view = new DataView(entries.buffer);
    const base = list!.byteOffset - bytes.byteOffset;
    for (let at = 16; at + 16 <= entries.length; at += 16) {
      const kind = view.getUint32(at, structure!.isLittle) & 0xffffff;
      const size = view.getUint32(at + 4, structure!.isLittle);
      const from = base + view.getUint32(at + 8, structure!.isLittle);
      const picture = bytes.subarray(from, from + size);
      if (from < end || !isJpeg(picture)) continue;
      pictures.push({ bytes: picture, isPreview: kind >> 16 === 1 });
      last = Math.max(last, from + size);
    }
  }
  return { pictures, hasMore: bytes.length - last > NEGLIGIBLE };
}
