// WebP files: their chunks and metadata.
import type { PictureMetadata } from "../metadata.ts";
import { joined } from "./tiff_tags.ts";

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

const HEADER = 12;

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** Whether bytes begin like a WebP file. */
export const isWebp = (bytes: Uint8Array): boolean =>
  text(bytes.subarray(0, 4)) === "RIFF" && text(bytes.subarray(8, 12)) === "WEBP";

function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = HEADER; at + 8 <= bytes.length;) {
    const length = view.getUint32(at + 4, true);
    const data = bytes.subarray(at + 8, at + 8 + length);
    chunks.push({ type: text(bytes.subarray(at, at + 4)), data });
    at += 8 + length + length % 2;
  }
  return chunks;
}

/**
 * Reads the metadata of a WebP file.
 *
 * @param bytes The file.
 * @returns The metadata of the stored picture, before it is turned upright.
 */
export function webpMetadata(bytes: Uint8Array): PictureMetadata {
  const found = new Map(chunksOf(bytes).map(({ type, data }) => [type, data]));
  const exif = found.get("EXIF"), icc = found.get("ICCP"), xmp = found.get("XMP ");
  // Some programs write JPEG's signature of EXIF here too.
  const bare = exif && text(exif.subarray(0, 4)) === "Exif" ? exif.subarray(6) : exif;
  return { ...bare && { exif: bare }, ...icc && { icc }, ...xmp && { xmp } };
}

/** Flags of the extended header. */
const ICC = 0x20, ALPHA = 0x10, EXIF = 0x08, XMP = 0x04;

/**
 * Adds metadata to a WebP file.
 *
 * @param bytes A file without metadata.
 * @param size The picture's size.
 * @param metadata The metadata.
 * @returns The file.
 */
export function webpWith(
  bytes: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
  { exif, icc, xmp }: PictureMetadata,
): Uint8Array {
  if (!exif && !icc && !xmp) return bytes;
  const chunks = chunksOf(bytes).filter(({ type }) => !["ICCP", "EXIF", "XMP "].includes(type));
  const extended = chunks.find(({ type }) => type === "VP8X")?.data.slice() ??
    extendedHeader(chunks, width, height);
  extended[0] = extended[0]! & ~(ICC | EXIF | XMP) | (icc ? ICC : 0) | (exif ? EXIF : 0) |
    (xmp ? XMP : 0);
  const all: Chunk[] = [
    { type: "VP8X", data: extended },
    ...icc ? [{ type: "ICCP", data: icc }] : [],
    ...chunks.filter(({ type }) => type !== "VP8X"),
    ...exif ? [{ type: "EXIF", data: exif }] : [],
    ...xmp ? [{ type: "XMP ", data: xmp }] : [],
  ];
  const parts = all.flatMap(({ type, data }) => {
    const head = new Uint8Array(8);
    head.set(Uint8Array.from(type, (letter) => letter.charCodeAt(0)));
    new DataView(head.buffer).setUint32(4, data.length, true);
    return [head, data, new Uint8Array(data.length % 2)];
  });
  const file = joined([bytes.subarray(0, HEADER), ...parts]);
  new DataView(file.buffer).setUint32(4, file.length - 8, true);
  return file;
}

/** The header that a simple file lacks: flags and the canvas's size minus 1, 24 bits each. */
function extendedHeader(chunks: readonly Chunk[], width: number, height: number): Uint8Array {
  const lossless = chunks.find(({ type }) => type === "VP8L")?.data;
  // In a lossless picture, the bit after its two sides of 14 bits is set if there is alpha.
  const hasAlpha = lossless && (lossless[4]! & 0x10) !== 0;
  const header = new Uint8Array(10), view = new DataView(header.buffer);
  header[0] = hasAlpha ? ALPHA : 0;
  view.setUint16(4, (width - 1) & 0xffff, true);
  header[6] = (width - 1) >> 16;
  view.setUint16(7, (height - 1) & 0xffff, true);
  header[9] = (height - 1) >> 16;
  return header;
}
