// Pictures, folders, and PNG, BMP and multi-picture files made by hand for the tests of lib/image.
import { crc32, deflateSync } from "node:zlib";
import assert from "node:assert/strict";
import { FileError } from "../../lib/files/mod.ts";
import { type Image } from "../../lib/image/mod.ts";

/** A smooth picture without symmetry whose samples are levels of its bit depth. */
export function picture(
  height: number,
  width: number,
  channels: 1 | 3,
  { bitDepth = 8, alpha = false }: { bitDepth?: 8 | 16; alpha?: boolean } = {},
): Image {
  const white = 2 ** bitDepth - 1;
  const sample = (i: number, channels: number) => {
    const pixel = Math.floor(i / channels), c = i % channels;
    const y = Math.floor(pixel / width) / height, x = (pixel % width) / width;
    const wave = 0.5 + 0.2 * Math.sin(5 * x + 3 * y + c) + 0.3 * (y - x);
    return Math.round(Math.min(Math.max(wave, 0), 1) * white) / white;
  };
  const fill = (n: number) =>
    Float32Array.from({ length: height * width * n }, (_, i) => sample(i, n));
  return {
    height,
    width,
    channels,
    data: fill(channels),
    ...(alpha && { alpha: fill(1).map((value) => (value < 0.4 ? 0 : value)) }),
    bitDepth,
  };
}

/** The whole numbers that a codec takes for a picture without alpha. */
export function levels({ data, bitDepth = 8 }: Image): Uint8Array | Uint16Array {
  const white = 2 ** bitDepth - 1;
  const whole = data.map((value) => Math.round(value * white));
  return bitDepth === 16 ? Uint16Array.from(whole) : Uint8Array.from(whole);
}

/** Runs `test` in a folder of its own and checks that no temporary file is left in it. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
    for await (const { name } of Deno.readDir(folder)) assert.ok(!name.endsWith(".tmp"), name);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Checks that `promise` rejects with one line that matches `message`. */
export async function rejectsInOneLine(promise: Promise<unknown>, message = /./): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof FileError, `${error}`);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /[\r\n]/);
    return true;
  });
}

/** A PNG file made by hand. `rows` are the scanlines as the format packs them, unfiltered. */
export function png(
  { width, height, depth, colour, rows, orientation }: {
    width: number;
    height: number;
    depth: number;
    colour: 0 | 2 | 3 | 4 | 6;
    rows: number[][];
    orientation?: number;
  },
): Uint8Array<ArrayBuffer> {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, depth);
  header.setUint8(9, colour);
  const scanlines = Uint8Array.from(rows.flatMap((row) => [0, ...row]));
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", new Uint8Array(header.buffer)),
    ...(orientation ? chunk("eXIf", exif(orientation)) : []),
    ...chunk("IDAT", new Uint8Array(deflateSync(scanlines))),
    ...chunk("IEND", new Uint8Array(0)),
  ]);
}

/** EXIF of one entry: tag 274 (orientation), type 3 (short), count 1. */
export function exif(orientation: number): Uint8Array {
  const entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  return Uint8Array.of(0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, ...entry, 0, 0, 0, 0);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** A BMP file: a header of 40 bytes, what stands between, and the pixels. */
export function bmp(
  { width, height, bits, compression = 0, between = [] }: {
    width: number;
    height: number;
    bits: number;
    compression?: number;
    between?: readonly number[];
  },
  pixels: readonly number[],
): Uint8Array {
  const view = new DataView(new ArrayBuffer(54)), from = 54 + between.length;
  view.setUint16(0, 0x424d);
  view.setUint32(2, from + pixels.length, true);
  view.setUint32(10, from, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, bits, true);
  view.setUint32(30, compression, true);
  view.setInt32(38, 11811, true);
  view.setInt32(42, 11811, true);
  return Uint8Array.from([...new Uint8Array(view.buffer), ...between, ...pixels]);
}

/** A multi-picture JPEG file (CIPA DC-007): what each picture after the first is, 0x020002 for one of a pair. */
export function multiPicture(
  first: Uint8Array,
  others: readonly Uint8Array[],
  kinds: readonly number[],
): Uint8Array {
  // A TIFF structure with the number of pictures and 16 bytes for each.
  const count = others.length + 1,
    structure = new DataView(new ArrayBuffer(8 + 2 + 24 + 4 + 16 * count));
  structure.setUint32(0, 0x49492a00);
  structure.setUint32(4, 8, true);
  structure.setUint16(8, 2, true);
  [[0xb001, 4, 1, count], [0xb002, 7, 16 * count, 38]].forEach(([tag, type, n, value], i) => {
    structure.setUint16(10 + 12 * i, tag!, true);
    structure.setUint16(12 + 12 * i, type!, true);
    structure.setUint32(14 + 12 * i, n!, true);
    structure.setUint32(18 + 12 * i, value!, true);
  });
  const segment = new Uint8Array(2 + 2 + 4 + structure.byteLength);
  segment.set([0xff, 0xe2, segment.length - 2 >> 8, segment.length - 2 & 255]);
  segment.set(new TextEncoder().encode("MPF\0"), 4);
  // Offsets count from the structure, which is 8 bytes into the segment at byte 2.
  let at = first.length + segment.length - 2 - 8;
  others.forEach((other, i) => {
    const entry = 38 + 16 * (i + 1);
    structure.setUint32(entry, kinds[i]!, true);
    structure.setUint32(entry + 4, other.length, true);
    structure.setUint32(entry + 8, at, true);
    at += other.length;
  });
  segment.set(new Uint8Array(structure.buffer), 8);
  return Uint8Array.from([
    ...first.subarray(0, 2),
    ...segment,
    ...first.subarray(2),
    ...others.flatMap((o) => [...o]),
  ]);
}
