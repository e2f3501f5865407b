// Reads BMP pictures. No library in the registry reads palettes, 16 bits and run lengths correctly.
import type { Image } from "../image.ts";
import { perInch, type PictureMetadata } from "../metadata.ts";
import { checkPixels, hasEqualChannels, imageOf, Unreadable } from "./decode.ts";

/** Whether bytes begin like a BMP file. */
export const isBmp = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x42 && bytes[1] === 0x4d && bytes.length >= 26;

/** Methods of compression. */
const PLAIN = 0, RUNS_8 = 1, RUNS_4 = 2, MASKS = 3, MASKS_WITH_ALPHA = 6;

/** Microsoft's default bit masks for 16 and 32 bits: red, green, blue, alpha. */
const USUAL_MASKS: Readonly<Record<number, readonly number[]>> = {
  16: [0x7c00, 0x03e0, 0x001f, 0],
  32: [0xff0000, 0x00ff00, 0x0000ff, 0],
};

/** The fields of the header. */
interface Header {
  readonly view: DataView;
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly bits: number;
  readonly compression: number;
  /** The offset of the pixels. */
  readonly pixels: number;
  /** Red, green, blue, alpha of each colour of the palette. */
  readonly palette: readonly (readonly number[])[];
  readonly masks: readonly number[];
}

const DAMAGED = "the picture is damaged or cut short";

function headerOf(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(14, true), isOld = size === 12;
  const width = isOld ? view.getUint16(18, true) : view.getInt32(18, true);
  const rows = isOld ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const compression = isOld ? PLAIN : view.getUint32(30, true);
  const hasMasks = compression === MASKS || compression === MASKS_WITH_ALPHA;
  const masks = hasMasks
    // A header of 40 bytes is followed by three masks; a longer header contains four.
    ? [0, 1, 2, 3].map((i) =>
      i < 3 || size > 52 || compression === MASKS_WITH_ALPHA ? view.getUint32(54 + 4 * i, true) : 0
    )
    : USUAL_MASKS[bits] ?? [];
  const first = 14 + size + (hasMasks && size === 40 ? 12 : 0);
  const wanted = isOld ? 0 : view.getUint32(46, true), entry = isOld ? 3 : 4;
  const colours = bits > 8 ? 0 : Math.min(wanted || 2 ** bits, 2 ** bits);
  const palette = Array.from({ length: colours }, (_, i) => {
    const at = first + entry * i;
    return at + 3 <= bytes.length
      ? [bytes[at + 2]!, bytes[at + 1]!, bytes[at]!, 255]
      : [0, 0, 0, 255];
  });
  // Some programs do not write the offset of the pixels.
  const pixels = Math.max(view.getUint32(10, true), first + entry * colours);
  if (width < 1 || rows === 0) throw new Unreadable(DAMAGED);
  const height = Math.abs(rows);
  checkPixels(width, height);
  return { view, width, height, isTopDown: rows < 0, bits, compression, pixels, palette, masks };
}

/**
 * Reads a BMP picture.
 *
 * @param bytes The file.
 * @returns The picture, and its resolution if the file has one.
 * @throws {Unreadable} If it is damaged, or compressed in a way that is not read.
 */
export function readBmp(bytes: Uint8Array): { image: Image; metadata: PictureMetadata } {
  let header: Header;
  try {
    header = headerOf(bytes);
  } catch (error) {
    // A view throws a RangeError beyond the end of the file.
    throw error instanceof Unreadable ? error : new Unreadable(DAMAGED, { cause: error });
  }
  const { view, width, height, bits, compression } = header;
  const samples = compression === RUNS_8 || compression === RUNS_4
    ? runs(bytes, header)
    : stored(bytes, header);
  const alpha = bits === 16 || bits === 32 ? header.masks[3] ?? 0 : 0;
  const stride = alpha !== 0 ? 4 : 3;
  const packed = stride === 4 ? samples : withoutAlpha(samples);
  const isGrey = bits <= 8 && hasEqualChannels(packed, stride);
  const metres = view.getUint32(14, true) >= 40
    ? [view.getInt32(38, true), view.getInt32(42, true)]
    : [0, 0];
  const [x, y] = metres as [number, number];
  // The resolution may be a screen's 72 or 96 pixels an inch, or a default of the program.
  const metadata: PictureMetadata = x > 0 && y > 0
    ? { resolution: { horizontal: perInch(x), vertical: perInch(y), unit: "inch" } }
    : {};
  return { image: imageOf(packed, { height, width, stride, white: 255, isGrey }), metadata };
}

function withoutAlpha(samples: Uint8Array): Uint8Array {
  const packed = new Uint8Array(samples.length / 4 * 3);
  for (let i = 0, at = 0; i < samples.length; i += 4) {
    for (let c = 0; c < 3; c++) packed[at++] = samples[i + c]!;
  }
  return packed;
}

/** Uncompressed pixels; rows are padded to multiples of four bytes. */
function stored(bytes: Uint8Array, header: Header): Uint8Array {
  const { view, width, height, isTopDown, bits, compression, pixels, palette, masks } = header;
  const isKnown = [PLAIN, MASKS, MASKS_WITH_ALPHA].includes(compression) &&
    [1, 2, 4, 8, 16, 24, 32].includes(bits);
  if (!isKnown) {
    throw new Unreadable(`a BMP picture of ${bits} bits, compression ${compression}, is not read`);
  }
  const row = Math.ceil(width * bits / 32) * 4;
  // The padding of the last row may be missing.
  if (pixels + row * (height - 1) + Math.ceil(width * bits / 8) > bytes.length) {
    throw new Unreadable(DAMAGED);
  }
  const samples = new Uint8Array(4 * width * height);
  const channels = masks.map(channelOf);
  for (let y = 0; y < height; y++) {
    const from = pixels + row * (isTopDown ? y : height - 1 - y);
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      if (bits === 24) {
        const place = from + 3 * x;
        samples.set([bytes[place + 2]!, bytes[place + 1]!, bytes[place]!, 255], at);
      } else if (bits > 8) {
        const value = bits === 16
          ? view.getUint16(from + 2 * x, true)
          : view.getUint32(from + 4 * x, true);
        channels.forEach((of, c) => samples[at + c] = of(value));
      } else {
        const byte = bytes[from + (x * bits >> 3)]!;
        const index = byte >> (8 - bits - x * bits % 8) & (2 ** bits - 1);
        samples.set(palette[index] ?? [0, 0, 0, 255], at);
      }
    }
  }
  return samples;
}

/** The bits of a number that a mask selects, scaled to 0 to 255. */
function channelOf(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask), most = mask >>> shift;
  return (value) => Math.round(((value & mask) >>> shift) * 255 / most);
}

/**
 * Run lengths: a count and a colour; or 0 and the end of a row, the end of the picture, a jump, or a count of single
 * pixels.
 */
function runs(bytes: Uint8Array, header: Header): Uint8Array {
  const { width, height, isTopDown, compression, pixels, palette } = header;
  const isNibbles = compression === RUNS_4;
  const samples = new Uint8Array(4 * width * height);
  // Pixels that the file skips have the first colour of the palette.
  for (let i = 0; i < samples.length; i += 4) samples.set(palette[0] ?? [0, 0, 0, 255], i);
  let x = 0, y = 0, at = pixels;
  const put = (index: number) => {
    const row = isTopDown ? y : height - 1 - y;
    if (x < width && y < height) {
      samples.set(palette[index] ?? [0, 0, 0, 255], 4 * (row * width + x));
    }
    x++;
  };
  const nibble = (byte: number, i: number) => isNibbles ? (i % 2 ? byte & 15 : byte >> 4) : byte;
  while (y < height) {
    if (at + 2 > bytes.length) throw new Unreadable(DAMAGED);
    const count = bytes[at]!, what = bytes[at + 1]!;
    at += 2;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(nibble(what, i));
    } else if (what === 0) {
      x = 0;
      y++;
    } else if (what === 1) break;
    else if (what === 2) {
      x += bytes[at] ?? 0;
      y += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      const length = isNibbles ? Math.ceil(what / 2) : what;
      if (at + length > bytes.length) throw new Unreadable(DAMAGED);
      for (let i = 0; i < what; i++) put(nibble(bytes[at + (isNibbles ? i >> 1 : i)]!, i));
      at += length + length % 2;
    }
  }
  return samples;
}
