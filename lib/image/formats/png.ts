// PNG files: their chunks, their metadata, and the frames of an animation (APNG).
import { crc32, deflateSync, inflateSync } from "node:zlib";
import {
  INCH,
  perInch,
  type PictureMetadata,
  type PngChunk,
  type Resolution,
} from "../metadata.ts";
import { joined } from "./tiff_tags.ts";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** Whether bytes begin like a PNG file. */
export const isPng = (bytes: Uint8Array): boolean =>
  SIGNATURE.every((byte, i) => bytes[i] === byte);

/** The chunks of a file, up to its end or a damage; the last one may be incomplete. */
export function chunksOf(bytes: Uint8Array): PngChunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  for (let at = SIGNATURE.length; at + 8 <= bytes.length;) {
    const length = view.getUint32(at), type = latin1(bytes.subarray(at + 4, at + 8));
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    if (type === "IEND") break;
    at += 12 + length;
  }
  return chunks;
}

/** Makes a file from chunks. */
export function pngOf(chunks: readonly PngChunk[]): Uint8Array<ArrayBuffer> {
  const parts = chunks.flatMap(({ type, data }) => {
    const head = new Uint8Array(8), tail = new Uint8Array(4);
    new DataView(head.buffer).setUint32(0, data.length);
    head.set(bytesOf(type), 4);
    new DataView(tail.buffer).setUint32(0, crc32(data, crc32(head.subarray(4))));
    return [head, data, tail];
  });
  return joined([SIGNATURE, ...parts]);
}

const latin1 = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Chunks that define the colour space if there is no profile. */
const COLOURS = ["cICP", "cHRM", "gAMA", "sRGB", "mDCv", "cLLi", "mDCV", "cLLI"];

const TEXTS = ["tEXt", "zTXt", "iTXt"];

/** The keyword of XMP in text chunks. */
const XMP = "XML:com.adobe.xmp";

/**
 * Reads the metadata of a PNG file.
 *
 * @param bytes The file.
 * @returns The metadata of the stored picture, before it is turned upright.
 */
export function pngMetadata(bytes: Uint8Array): PictureMetadata {
  const found: { -readonly [K in keyof PictureMetadata]: PictureMetadata[K] } = {};
  const kept: PngChunk[] = [];
  for (const { type, data } of chunksOf(bytes)) {
    if (type === "pHYs") {
      const resolution = resolutionOf(data);
      if (resolution) found.resolution ??= resolution;
    } else if (type === "eXIf") found.exif ??= data;
    else if (type === "iCCP") {
      const icc = inflated(data.subarray(data.indexOf(0) + 2));
      if (icc) found.icc ??= icc;
    } else if (TEXTS.includes(type) && keywordOf(data) === XMP) {
      // In the form of the XMP specification, or in another kind of text chunk, which some programs write.
      const after = data.subarray(XMP.length + 1);
      const xmp = type === "iTXt"
        ? internationalText(data)
        : type === "zTXt"
        ? inflated(after.subarray(1))
        : after;
      if (xmp) found.xmp ??= xmp;
    } else if (COLOURS.includes(type) || TEXTS.includes(type)) kept.push({ type, data });
  }
  if (kept.length > 0) found.chunks = kept;
  return found;
}

const keywordOf = (data: Uint8Array) => latin1(data.subarray(0, Math.max(data.indexOf(0), 0)));

/** The text of an iTXt chunk, after keyword, compression, language and translated keyword. */
function internationalText(data: Uint8Array): Uint8Array | undefined {
  const keyword = data.indexOf(0), language = data.indexOf(0, keyword + 3);
  const translated = data.indexOf(0, language + 1);
  if (keyword < 0 || language < 0 || translated < 0) return undefined;
  const text = data.subarray(translated + 1);
  return data[keyword + 1] === 1 ? inflated(text) : text;
}

/** The largest size of a decompressed profile or text. */
const LARGEST = 64 * 2 ** 20;

function inflated(data: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(inflateSync(data, { maxOutputLength: LARGEST }));
  } catch {
    return undefined;
  }
}

function resolutionOf(data: Uint8Array): Resolution | undefined {
  if (data.length < 9) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [x, y] = [view.getUint32(0), view.getUint32(4)];
  if (data[8] !== 1 || x === 0 || y === 0) return undefined;
  return { horizontal: perInch(x), vertical: perInch(y), unit: "inch" };
}

/**
 * Adds metadata to a PNG file.
 *
 * @param bytes A file without metadata.
 * @param metadata The metadata.
 * @returns The file.
 */
export function pngWith(bytes: Uint8Array, metadata: PictureMetadata): Uint8Array<ArrayBuffer> {
  const [header, ...rest] = chunksOf(bytes);
  const own = rest.filter(({ type }) =>
    /^[A-Z]/.test(type) || type === "tRNS" || type === "acTL" || type === "fcTL" || type === "fdAT"
  );
  return pngOf([header!, ...chunksFor(metadata), ...own]);
}

/** The chunks of metadata, in the order in which they must come before the pixels. */
function chunksFor({ resolution, exif, icc, xmp, chunks = [] }: PictureMetadata): PngChunk[] {
  const said: PngChunk[] = [];
  // A profile replaces the other colour chunks.
  if (icc) said.push({ type: "iCCP", data: joined([bytesOf("icc\0\0"), deflateSync(icc)]) });
  said.push(...chunks.filter(({ type }) => COLOURS.includes(type) && !(icc && type === "sRGB")));
  if (resolution?.unit === "inch") {
    const data = new Uint8Array(9), view = new DataView(data.buffer);
    view.setUint32(0, Math.round(resolution.horizontal / INCH));
    view.setUint32(4, Math.round(resolution.vertical / INCH));
    data[8] = 1;
    said.push({ type: "pHYs", data });
  }
  if (exif) said.push({ type: "eXIf", data: exif });
  if (xmp) said.push({ type: "iTXt", data: joined([bytesOf(`${XMP}\0\0\0\0\0`), xmp]) });
  return [...said, ...chunks.filter(({ type }) => TEXTS.includes(type))];
}

/**
 * Moves EXIF before the pixels, where sharp looks for the orientation. Some programs write it behind them.
 *
 * @param bytes The file.
 * @returns The file, otherwise unchanged.
 */
export function withExifFirst(bytes: Uint8Array): Uint8Array {
  const chunks = chunksOf(bytes), types = chunks.map(({ type }) => type);
  const exif = types.indexOf("eXIf");
  if (exif < 0 || exif < types.indexOf("IDAT")) return bytes;
  // A chunk has 12 more bytes than its data: length, type and checksum.
  const { data } = chunks[exif]!, second = SIGNATURE.length + chunks[0]!.data.length + 12;
  const from = data.byteOffset - bytes.byteOffset - 8, to = from + data.length + 12;
  return joined([
    bytes.subarray(0, second),
    ...[[from, to], [second, from], [to]].map(([begin, end]) => bytes.subarray(begin, end)),
  ]);
}

/**
 * Removes all chunks that do not affect pixels.
 *
 * @param bytes A file that a decoder has refused.
 * @returns A file with header, palette, pixels and end.
 */
export function pngWithoutMetadata(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = chunksOf(bytes).filter(({ type }) => /^(IHDR|PLTE|IDAT|tRNS|eXIf)$/.test(type));
  return pngOf([...kept, { type: "IEND", data: new Uint8Array(0) }]);
}

/** A frame of an animation. */
export interface Frame {
  /** The frame as a complete PNG file. */
  readonly png: Uint8Array<ArrayBuffer>;
  readonly left: number;
  readonly top: number;
  /** Its duration, in milliseconds. */
  readonly delay: number;
  /** What is done with its rectangle afterwards: it is kept, cleared, or restored. */
  readonly dispose: "none" | "background" | "previous";
  /** Whether it is blended with the canvas by its alpha, or replaces it. */
  readonly isOver: boolean;
}

/** A stored animation. */
export interface Frames {
  readonly width: number;
  readonly height: number;
  /** The number of repetitions; 0 is without end. */
  readonly loop: number;
  readonly frames: readonly Frame[];
  /** Whether there is an additional picture for viewers without animation. */
  readonly hasStill: boolean;
}

const DISPOSALS = ["none", "background", "previous"] as const;

/**
 * The frames of an animated PNG (PNG, third edition, section 11.3.6).
 *
 * @param bytes The file.
 * @returns The frames; undefined if it is not animated.
 */
export function framesOf(bytes: Uint8Array): Frames | undefined {
  const chunks = chunksOf(bytes);
  const control = chunks.find(({ type }) => type === "acTL"), [header] = chunks;
  if (!control || control.data.length < 8 || header?.data.length !== 13) return undefined;
  const shared = chunks.filter(({ type }) => type === "PLTE" || type === "tRNS");
  const groups: { control: DataView; parts: Uint8Array[] }[] = [];
  for (const { type, data } of chunks) {
    if (type === "fcTL" && data.length >= 26) {
      groups.push({ control: new DataView(data.buffer, data.byteOffset, 26), parts: [] });
    }
    if (type === "IDAT") groups.at(-1)?.parts.push(data);
    if (type === "fdAT") groups.at(-1)?.parts.push(data.subarray(4));
  }
  const frames = groups.filter(({ parts }) => parts.length > 0).map(({ control, parts }): Frame => {
    const own = header.data.slice(), view = new DataView(own.buffer);
    view.setUint32(0, control.getUint32(4));
    view.setUint32(4, control.getUint32(8));
    return {
      png: pngOf([
        { type: "IHDR", data: own },
        ...shared,
        { type: "IDAT", data: joined(parts) },
        { type: "IEND", data: new Uint8Array(0) },
      ]),
      left: control.getUint32(12),
      top: control.getUint32(16),
      // A denominator of 0 means 100.
      delay: Math.round(1000 * control.getUint16(20) / (control.getUint16(22) || 100)),
      dispose: DISPOSALS[control.getUint8(24)] ?? "none",
      isOver: control.getUint8(25) === 1,
    };
  });
  if (frames.length === 0) return undefined;
  const places = ["IDAT", "fcTL"].map((name) => chunks.findIndex(({ type }) => type === name));
  const hasStill = places[0]! < places[1]!;
  const size = new DataView(header.data.buffer, header.data.byteOffset, 8);
  const loop = new DataView(control.data.buffer, control.data.byteOffset, 8).getUint32(4);
  return { width: size.getUint32(0), height: size.getUint32(4), loop, frames, hasStill };
}

/**
 * Makes an animated PNG.
 *
 * @param pictures The frames as PNG files of one size and kind.
 * @param delays The duration of each frame, in milliseconds.
 * @param loop The number of repetitions; 0 is without end.
 * @returns The file.
 */
export function animatedPng(
  pictures: readonly Uint8Array[],
  delays: readonly number[],
  loop: number,
): Uint8Array<ArrayBuffer> {
  const control = new Uint8Array(8);
  new DataView(control.buffer).setUint32(0, pictures.length);
  new DataView(control.buffer).setUint32(4, loop);
  const [header] = chunksOf(pictures[0]!);
  let sequence = 0;
  const frames = pictures.flatMap((picture, i) => {
    const data = joined(
      chunksOf(picture).filter(({ type }) => type === "IDAT").map(({ data }) => data),
    );
    const frame = new Uint8Array(26), view = new DataView(frame.buffer);
    view.setUint32(0, sequence++);
    frame.set(header!.data.subarray(0, 8), 4);
    const delay = Math.min(Math.max(delays[i] ?? 100, 0), 65535);
    view.setUint16(20, delay);
    view.setUint16(22, 1000);
    const numbered = new Uint8Array(4);
    if (i > 0) new DataView(numbered.buffer).setUint32(0, sequence++);
    return [
      { type: "fcTL", data: frame },
      i === 0 ? { type: "IDAT", data } : { type: "fdAT", data: joined([numbered, data]) },
    ];
  });
  return pngOf([
    header!,
    { type: "acTL", data: control },
    ...frames,
    { type: "IEND", data: new Uint8Array(0) },
  ]);
}
