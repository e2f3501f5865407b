// EXIF: reads it, adapts it to a changed picture, and makes it from a TIFF file's tags.
import {
  directoryAt,
  encodeTags,
  firstDirectory,
  joined,
  numberOf,
  type PlacedDirectory,
  rational,
  type Tags,
  type TiffStructure,
  tiffStructure,
  whole,
  withSubdirectories,
} from "./tiff_tags.ts";
import type { Resolution } from "../metadata.ts";

const EXIF_DIRECTORY = 34665;

/** Tags of the first directory. */
const WIDTH = 256, HEIGHT = 257, ORIENTATION = 274;
export const X_RESOLUTION = 282, Y_RESOLUTION = 283, RESOLUTION_UNIT = 296;

/** Tags of the EXIF directory: the size of the picture. */
const PIXEL_X = 40962, PIXEL_Y = 40963;

/** Tags that TIFF directories and EXIF have in common: description, author, camera, date. */
const DESCRIBING: readonly number[] = [
  ...[269, 270, 271, 272, 285, 305, 306, 315, 316, 18246, 33432, 34665, 34853],
  ...[40091, 40092, 40093, 40094, 40095],
];

/** The fields of EXIF that are used elsewhere. */
export interface ExifFacts {
  /** 1 to 8. */
  readonly orientation: number;
  readonly resolution: Resolution | undefined;
}

/**
 * Reads the resolution of a directory.
 *
 * @param tags The directory.
 * @returns The resolution; undefined if there is no valid one.
 */
export function resolutionOf(tags: Tags): Resolution | undefined {
  const [x, y] = [numberOf(tags, X_RESOLUTION), numberOf(tags, Y_RESOLUTION)];
  const [horizontal, vertical] = [x ?? y, y ?? x];
  if (!(horizontal! > 0 && horizontal! < 1e9 && vertical! > 0 && vertical! < 1e9)) return undefined;
  const unit = numberOf(tags, RESOLUTION_UNIT) ?? 2, perInch = unit === 3 ? 2.54 : 1;
  return {
    horizontal: horizontal! * perInch,
    vertical: vertical! * perInch,
    unit: unit === 1 ? "none" : "inch",
  };
}

/** The tags of a resolution. */
export function resolutionTags({ horizontal, vertical, unit }: Resolution): Tags {
  return new Map([
    [X_RESOLUTION, rational(horizontal)],
    [Y_RESOLUTION, rational(vertical)],
    [RESOLUTION_UNIT, whole(3, unit === "none" ? 1 : 2)],
  ]);
}

/** The orientation of a directory, 1 to 8. */
export function orientationOf(tags: Tags): number {
  const orientation = numberOf(tags, ORIENTATION) ?? 1;
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

/** The first directory of EXIF; undefined if EXIF is damaged. */
function opened(
  exif: Uint8Array,
): { structure: TiffStructure; first: PlacedDirectory } | undefined {
  const structure = tiffStructure(exif);
  const first = structure && directoryAt(structure, firstDirectory(structure));
  return first && { structure, first };
}

/**
 * Reads EXIF.
 *
 * @param exif EXIF, beginning with its byte order mark.
 * @returns The fields; undefined if EXIF is damaged.
 */
export function exifFacts(exif: Uint8Array): ExifFacts | undefined {
  const found = opened(exif);
  return found && {
    orientation: orientationOf(found.first.tags),
    resolution: resolutionOf(found.first.tags),
  };
}

/** The fields of EXIF to change. */
export interface ExifChange {
  readonly width: number;
  readonly height: number;
  /** The resolution; it replaces one that EXIF has. */
  readonly resolution?: Resolution | undefined;
}

/**
 * Adapts EXIF to an upright picture of a size. Numbers are changed in place, because offsets in a maker note would be
 * wrong elsewhere. The thumbnail of the old picture is unlinked.
 *
 * @param exif EXIF, beginning with its byte order mark.
 * @param change The size and the resolution.
 * @returns New EXIF; undefined if EXIF is damaged.
 */
export function fittedExif(
  exif: Uint8Array,
  { width, height, resolution }: ExifChange,
): Uint8Array | undefined {
  const bytes = exif.slice(), found = opened(bytes);
  if (!found) return undefined;
  const { structure, first } = found, { view, isLittle } = structure;
  const set = (directory: PlacedDirectory, numbers: Readonly<Record<number, number>>) => {
    for (const [tag, number] of Object.entries(numbers)) {
      patch(structure, directory, Number(tag), number);
    }
  };
  set(first, { [ORIENTATION]: 1, [WIDTH]: width, [HEIGHT]: height });
  if (resolution) {
    set(first, {
      [X_RESOLUTION]: resolution.horizontal,
      [Y_RESOLUTION]: resolution.vertical,
      [RESOLUTION_UNIT]: resolution.unit === "none" ? 1 : 2,
    });
  }
  const pointer = numberOf(first.tags, EXIF_DIRECTORY);
  const exifDirectory = pointer === undefined ? undefined : directoryAt(structure, pointer);
  if (exifDirectory) set(exifDirectory, { [PIXEL_X]: width, [PIXEL_Y]: height });
  if (!structure.isBig && first.link + 4 <= bytes.length) view.setUint32(first.link, 0, isLittle);
  return bytes;
}

/** Overwrites the number of a tag in the tag's own type, if the tag exists. */
function patch(
  { view, isLittle, isBig }: TiffStructure,
  { offset, tags }: PlacedDirectory,
  tag: number,
  number: number,
): void {
  const value = tags.get(tag);
  if (isBig || !value || value instanceof Map) return;
  const count = view.getUint16(offset, isLittle);
  for (let i = 0; i < count; i++) {
    const at = offset + 2 + 12 * i;
    if (view.getUint16(at, isLittle) !== tag) continue;
    if (value.type === 3) view.setUint16(at + 8, Math.min(number, 65535), isLittle);
    if (value.type === 4) view.setUint32(at + 8, number, isLittle);
    if (value.type === 5) {
      const place = view.getUint32(at + 8, isLittle), { data } = rational(number);
      const halves = new DataView(data.buffer);
      view.setUint32(place, halves.getUint32(0, true), isLittle);
      view.setUint32(place + 4, halves.getUint32(4, true), isLittle);
    }
    return;
  }
}

/** Makes EXIF from a directory. */
export function encodeExif(tags: Tags): Uint8Array {
  const { bytes, offset } = encodeTags(tags, 8);
  const header = joined([Uint8Array.of(0x49, 0x49, 42, 0), whole(4, offset).data]);
  return joined([header, bytes]);
}

/**
 * Adds a resolution to EXIF.
 *
 * @param exif EXIF, if there is any.
 * @param resolution The resolution.
 * @returns New EXIF.
 */
export function exifWithResolution(
  exif: Uint8Array | undefined,
  resolution: Resolution,
): Uint8Array {
  const tags = (exif && exifTags(exif)) ?? new Map();
  return encodeExif(new Map([...tags, ...resolutionTags(resolution)]));
}

/**
 * Reads the directories of EXIF.
 *
 * @param exif EXIF, beginning with its byte order mark.
 * @returns The first directory with those that it points to; undefined if EXIF is damaged.
 */
export function exifTags(exif: Uint8Array): Tags | undefined {
  const found = opened(exif);
  return found && withSubdirectories(found.structure, found.first.tags);
}

/**
 * Makes EXIF from the common tags of a TIFF file's directory.
 *
 * @param tags The directory, with those that it points to.
 * @returns EXIF; undefined if there are no such tags.
 */
export function exifOfTiff(tags: Tags): Uint8Array | undefined {
  const kept = [...tags].filter(([tag]) => DESCRIBING.includes(tag));
  return kept.length === 0 ? undefined : encodeExif(new Map(kept));
}

/** The tags of EXIF that are written to a TIFF file. */
export const tiffTagsOfExif = (exif: Uint8Array): Tags =>
  new Map([...exifTags(exif) ?? []].filter(([tag]) => DESCRIBING.includes(tag)));
