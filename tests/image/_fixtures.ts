// Pictures, folders and PNG bytes for the tests of lib/image.
import { crc32, deflateSync } from "node:zlib";
import assert from "node:assert/strict";
import { type Image, ImageError } from "../../lib/image/mod.ts";

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
    assert.ok(error instanceof ImageError, `${error}`);
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
