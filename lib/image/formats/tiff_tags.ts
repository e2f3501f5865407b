// The directories of TIFF files and EXIF: reading and writing.

/** The value of a tag. */
export interface TagValue {
  /** The type by its number in TIFF 6.0, section 2, such as 3 for SHORT. */
  readonly type: number;
  readonly count: number;
  /** The value's bytes, always little-endian. */
  readonly data: Uint8Array;
}

/** A directory: values by tag. For a tag that points to a directory, that directory is the value. */
export type Tags = Map<number, TagValue | Tags>;

/** Bytes of an element by its type; 13 is a pointer to a directory, 16 to 18 are BigTIFF's. */
const SIZES: Readonly<Record<number, number>> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4 },
  ...{ 16: 8, 17: 8, 18: 8 },
};

/** The size of the units whose bytes are swapped; a rational number has two such units. */
const swapped = (type: number) => type === 5 || type === 10 ? 4 : SIZES[type]!;

/** Tags that point to directories: EXIF, GPS, interoperability. */
const POINTERS: readonly number[] = [34665, 34853, 40965];

/** Limits for damaged files. A directory usually has a few dozen entries. */
const MOST_ENTRIES = 4096, MOST_DIRECTORIES = 65536;

/** A TIFF structure with a valid header. */
export interface TiffStructure {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly isLittle: boolean;
  /** Whether it is BigTIFF, with offsets of 8 bytes. */
  readonly isBig: boolean;
}

/**
 * Opens a TIFF structure.
 *
 * @param bytes A TIFF file, or EXIF beginning with its byte order mark.
 * @returns The structure; undefined if the header is not valid.
 */
export function tiffStructure(bytes: Uint8Array): TiffStructure | undefined {
  if (bytes.length < 8) return undefined;
  const order = String.fromCharCode(bytes[0]!, bytes[1]!);
  if (order !== "II" && order !== "MM") return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isLittle = order === "II", version = view.getUint16(2, isLittle);
  if (version !== 42 && version !== 43) return undefined;
  return { bytes, view, isLittle, isBig: version === 43 };
}

/** A number of 4 bytes, or of 8 in BigTIFF; NaN beyond the end. */
function offsetAt({ view, isLittle, isBig }: TiffStructure, at: number): number {
  if (!(at >= 0) || at + (isBig ? 8 : 4) > view.byteLength) return NaN;
  return isBig ? Number(view.getBigUint64(at, isLittle)) : view.getUint32(at, isLittle);
}

/** The offset of the first directory, from the header. */
export const firstDirectory = (structure: TiffStructure): number =>
  offsetAt(structure, structure.isBig ? 8 : 4);

/** A directory with its position in the file. */
export interface PlacedDirectory {
  readonly offset: number;
  readonly tags: Tags;
  /** The position of the next directory's offset. */
  readonly link: number;
}

/**
 * Reads a directory; damaged entries are left out.
 *
 * @param structure The structure.
 * @param offset The directory's offset.
 * @returns The directory; undefined if there is none.
 */
export function directoryAt(structure: TiffStructure, offset: number): PlacedDirectory | undefined {
  const { view, bytes, isLittle, isBig } = structure;
  const head = isBig ? 8 : 2, width = isBig ? 20 : 12, inline = isBig ? 8 : 4;
  if (!(offset >= 8) || offset + head > bytes.length) return undefined;
  const count = isBig ? offsetAt(structure, offset) : view.getUint16(offset, isLittle);
  const link = offset + head + count * width;
  if (count > MOST_ENTRIES || link > bytes.length) return undefined;
  const tags: Tags = new Map();
  for (let i = 0; i < count; i++) {
    const at = offset + head + i * width;
    const tag = view.getUint16(at, isLittle), type = view.getUint16(at + 2, isLittle);
    const length = offsetAt(structure, at + 4), size = (SIZES[type] ?? NaN) * length;
    const field = at + (isBig ? 12 : 8);
    const from = size <= inline ? field : offsetAt(structure, field);
    if (!(size > 0) || !(from + size <= bytes.length)) continue;
    const data = bytes.slice(from, from + size);
    if (!isLittle) swap(data, swapped(type));
    tags.set(tag, { type, count: length, data });
  }
  return { offset, tags, link };
}

/** Swaps the byte order of each element. */
function swap(data: Uint8Array, size: number): void {
  for (let at = 0; at < data.length; at += size) data.subarray(at, at + size).reverse();
}

/**
 * Reads the chain of directories that begins at an offset.
 *
 * @param structure The structure.
 * @param offset The offset of the first directory.
 * @default {that in the header}
 * @returns The directories; a directory that a damaged chain repeats is left out.
 */
export function directoriesOf(
  structure: TiffStructure,
  offset: number = firstDirectory(structure),
): PlacedDirectory[] {
  const found = new Map<number, PlacedDirectory>();
  while (!found.has(offset) && found.size < MOST_DIRECTORIES) {
    const directory = directoryAt(structure, offset);
    if (!directory) break;
    found.set(offset, directory);
    offset = offsetAt(structure, directory.link);
  }
  return [...found.values()];
}

/**
 * Replaces pointers to EXIF, GPS and interoperability directories by these directories.
 *
 * @param structure The structure.
 * @param tags The directory.
 * @returns A new directory; invalid pointers are left out.
 */
export function withSubdirectories(structure: TiffStructure, tags: Tags, depth = 0): Tags {
  const whole: Tags = new Map();
  for (const [tag, value] of tags) {
    if (!POINTERS.includes(tag)) {
      whole.set(tag, value);
      continue;
    }
    const found = directoryAt(structure, numberOf(tags, tag) ?? NaN);
    if (found && depth < 3) whole.set(tag, withSubdirectories(structure, found.tags, depth + 1));
  }
  return whole;
}

/**
 * Reads the numbers of a tag.
 *
 * @param tags The directory.
 * @param tag The tag.
 * @returns The numbers, rational ones as quotients; empty if the tag is missing or has no numbers.
 */
export function numbersOf(tags: Tags, tag: number): number[] {
  const value = tags.get(tag);
  if (!value || value instanceof Map) return [];
  const { type, count, data } = value;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const at = (i: number): number => {
    switch (type) {
      case 1:
      case 2:
      case 7:
        return view.getUint8(i);
      case 3:
        return view.getUint16(2 * i, true);
      case 4:
      case 13:
        return view.getUint32(4 * i, true);
      case 5:
        return view.getUint32(8 * i, true) / view.getUint32(8 * i + 4, true);
      case 6:
        return view.getInt8(i);
      case 8:
        return view.getInt16(2 * i, true);
      case 9:
        return view.getInt32(4 * i, true);
      case 10:
        return view.getInt32(8 * i, true) / view.getInt32(8 * i + 4, true);
      case 11:
        return view.getFloat32(4 * i, true);
      case 12:
        return view.getFloat64(8 * i, true);
      case 17:
        return Number(view.getBigInt64(8 * i, true));
      default:
        return Number(view.getBigUint64(8 * i, true));
    }
  };
  return Array.from({ length: count }, (_, i) => at(i));
}

/** The first number of a tag; undefined if it is missing. */
export const numberOf = (tags: Tags, tag: number): number | undefined => numbersOf(tags, tag)[0];

/** Makes a value of whole numbers of 2 or 4 bytes. */
export function whole(type: 3 | 4, ...numbers: number[]): TagValue {
  const data = new Uint8Array(numbers.length * SIZES[type]!), view = new DataView(data.buffer);
  numbers.forEach((number, i) =>
    type === 3 ? view.setUint16(2 * i, number, true) : view.setUint32(4 * i, number, true)
  );
  return { type, count: numbers.length, data };
}

/** Makes a value of bytes of undefined type (7), or of another type of one byte. */
export const untyped = (data: Uint8Array, type = 7): TagValue => ({
  type,
  count: data.length,
  data,
});

/** Makes a value of doubles. */
export function doubles(numbers: readonly number[]): TagValue {
  const data = new Uint8Array(8 * numbers.length), view = new DataView(data.buffer);
  numbers.forEach((number, i) => view.setFloat64(8 * i, number, true));
  return { type: 12, count: numbers.length, data };
}

/** Makes a rational number from a positive one: exact if it is whole or has four decimals. */
export function rational(number: number): TagValue {
  const denominator = [1, 100, 10000].find((d) => Number.isInteger(number * d)) ?? 10000;
  const fits = number * denominator < 2 ** 32 ? denominator : 1;
  const numerator = Math.min(Math.round(number * fits), 2 ** 32 - 1);
  return { ...whole(4, numerator, fits), type: 5, count: 1 };
}

/**
 * Encodes a directory, preceded by the data to which it points.
 *
 * @param tags The directory.
 * @param at The position of the bytes in the file; even.
 * @param next The position of the next directory.
 * @default {0, there is none}
 * @returns The bytes, their number even, and the directory's position in the file.
 */
export function encodeTags(
  tags: Tags,
  at: number,
  next = 0,
): { bytes: Uint8Array; offset: number } {
  const parts: Uint8Array[] = [];
  let end = at;
  const add = (bytes: Uint8Array) => {
    const begin = end;
    parts.push(bytes);
    if (bytes.length % 2) parts.push(new Uint8Array(1));
    end += bytes.length + bytes.length % 2;
    return begin;
  };
  const entries = [...tags].sort(([a], [b]) => a - b).map(([tag, value]) => {
    if (value instanceof Map) {
      const { bytes, offset } = encodeTags(value, end);
      add(bytes);
      return { tag, ...whole(4, offset) };
    }
    if (value.data.length <= 4) return { tag, ...value };
    return { tag, type: value.type, count: value.count, data: whole(4, add(value.data)).data };
  });
  const directory = new Uint8Array(2 + 12 * entries.length + 4);
  const view = new DataView(directory.buffer);
  view.setUint16(0, entries.length, true);
  entries.forEach(({ tag, type, count, data }, i) => {
    const place = 2 + 12 * i;
    view.setUint16(place, tag, true);
    view.setUint16(place + 2, type, true);
    view.setUint32(place + 4, count, true);
    directory.set(data, place + 8);
  });
  view.setUint32(directory.length - 4, next, true);
  const offset = add(directory);
  return { bytes: joined(parts), offset };
}

/** Concatenates byte arrays. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
