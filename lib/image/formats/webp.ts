// WebP files: their chunks, and what they say beside the pixels.
import type { PictureMetadata } from "../metadata.ts";
import { joined } from "./tiff_tags.ts";

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

const HEADER = 12;

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);

/** Whether bytes begin as a WebP file does. */
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
 * Reads what a WebP file says beside its pixels.
 *
 * @param bytes The file.
 * @returns What it says, as it stands there: of the picture as it lies in the file.
 */
export function webpMetadata(bytes: Uint8Array): PictureMetadata {
  const found = new Map(chunksOf(bytes).map(({ type, data }) => [type, data]));
  const exif = found.get("EXIF"), icc = found.get("ICCP"), xmp = found.get("XMP ");
  // Some programs write JPEG's head of EXIF here too.
  const bare = exif && text(exif.subarray(0, 4)) === "Exif" ? exif.subarray(6) : exif;
  return { ...bare && { exif: bare }, ...icc && { icc }, ...xmp && { xmp } };
}

/** Flags of the extended header. */
const ICC = 0x20, ALPHA = 0x10, EXIF = 0x08, XMP = 0x04;

/**
 * Writes into a WebP file what it shall say beside its pixels.
 *
 * @param bytes A file that says nothing but what its encoder did.
 * @param size The picture's size.
 * @param metadata What to say.
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

/** The header that a simple file has not: flags and the canvas's size less 1, 24 bits each. */
function extendedHeader(chunks: readonly Chunk[], width: number, height: number): Uint8Array {
  const lossless = chunks.find(({ type }) => type === "VP8L")?.data;
  // In a lossless picture a bit after its two sides of 14 bits says whether there is alpha.
  const hasAlpha = lossless && (lossless[4]! & 0x10) !== 0;
  const header = new Uint8Array(10), view = new DataView(header.buffer);
  header[0] = hasAlpha ? ALPHA : 0;
  view.setUint16(4, (width - 1) & 0xffff, true);
  header[6] = (width - 1) >> 16;
  view.setUint16(7, (height - 1) & 0xffff, true);
  header[9] = (height - 1) >> 16;
  return header;
}
