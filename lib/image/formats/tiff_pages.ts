// The pages of a TIFF file: the directories with pictures, and the preview of a raw file.
import { Unreadable } from "./decode.ts";
import { isJpeg } from "./jpeg.ts";
import { PHOTOMETRIC } from "./tiff_numbers.ts";
import {
  directoriesOf,
  directoryAt,
  numberOf,
  numbersOf,
  type PlacedDirectory,
  type Tags,
  type TiffStructure,
} from "./tiff_tags.ts";

/** Tags that decide the kind of a directory. */
export const COMPRESSION = 259;
const SUBFILE_TYPE = 254, OLD_SUBFILE_TYPE = 255, WIDTH = 256, HEIGHT = 257;
const STRIP_OFFSETS = 273, STRIP_LENGTHS = 279, SUBDIRECTORIES = 330;
const JPEG_OFFSET = 513, JPEG_LENGTH = 514;

/** JPEG as in TIFF 6.0, and as in its second technical note. */
export const OLD_JPEG = 6, JPEG = 7;

/** Colours of a camera's sensor. */
const SENSOR = 32803, LINEAR_RAW = 34892;

/** A picture within a TIFF file. */
export interface Page {
  readonly directory: PlacedDirectory;
  /** The tags of the picture; of a directory below the first one with those of the first. */
  readonly tags: Tags;
  readonly width: number;
  readonly height: number;
  /** The JPEG file to which the directory points. */
  readonly jpeg: Uint8Array | undefined;
  readonly notes: readonly string[];
}

/** Makes a page from a directory. */
function pageOf({ bytes }: TiffStructure, directory: PlacedDirectory): Page {
  const { tags } = directory, first = (tag: number) => numberOf(tags, tag) ?? 0;
  const isJpegPart = first(COMPRESSION) === OLD_JPEG || first(COMPRESSION) === JPEG;
  const [from, length] = first(JPEG_OFFSET) > 0
    ? [first(JPEG_OFFSET), first(JPEG_LENGTH)]
    : isJpegPart && numbersOf(tags, STRIP_OFFSETS).length === 1
    ? [first(STRIP_OFFSETS), first(STRIP_LENGTHS)]
    : [0, 0];
  const part = bytes.subarray(from, from + length);
  // If the tables are in a separate tag, the data is only a part of a JPEG file, which sharp can read.
  const jpeg = isJpeg(part) && !tags.has(347) ? part : undefined;
  return { directory, tags, width: first(WIDTH), height: first(HEIGHT), jpeg, notes: [] };
}

/** Whether a page is a sensor's picture, which needs a raw converter: each pixel has one colour. */
function isRaw(page: Page): boolean {
  const { tags } = page.directory, photometric = numberOf(tags, PHOTOMETRIC);
  // Canon's raw files are marked only by their own tags.
  return photometric === SENSOR || photometric === LINEAR_RAW || tags.has(50752);
}

/** A preview replaces the raw picture if its sides are at least this part of the raw picture's. */
const NEARLY_ALL = 0.9;

/**
 * The pages of a file.
 *
 * @param structure The file.
 * @returns The pages, at least one; for a raw file its preview.
 * @throws {Unreadable} If no page can be read.
 */
export function pagesOf(structure: TiffStructure): Page[] {
  const chain = directoriesOf(structure);
  const below = (directory: PlacedDirectory) =>
    numbersOf(directory.tags, SUBDIRECTORIES).flatMap((at) => directoryAt(structure, at) ?? []);
  const [head] = chain;
  if (!head) throw new Unreadable("the picture is damaged or cut short: it has no directory");
  const all = chain.flatMap((directory) => [
    pageOf(structure, directory),
    ...below(directory).map((one) => ({
      ...pageOf(structure, one),
      tags: new Map([...head.tags, ...one.tags]),
    })),
  ]);
  const raw = all.filter(isRaw);
  if (raw.length > 0) return [previewOf(all, raw)];
  // Bit 0 marks a smaller version of another page, bit 2 a mask.
  const isOwn = ({ directory: { tags } }: Page) =>
    ((numberOf(tags, SUBFILE_TYPE) ?? 0) & 5) === 0 && numberOf(tags, OLD_SUBFILE_TYPE) !== 2;
  const chained = all.filter(({ directory }) => chain.includes(directory));
  const own = chained.filter(isOwn);
  if (own.length > 0) return own;
  // The first directories may all be small, with the picture itself below them.
  const others = all.filter(isOwn);
  return others.length > 0 ? [largest(others)] : [largest(chained)];
}

const largest = (pages: readonly Page[]): Page =>
  pages.reduce((most, page) => page.width * page.height > most.width * most.height ? page : most);

/** The preview of a raw file, if it shows the whole picture. */
function previewOf(all: readonly Page[], raw: readonly Page[]): Page {
  const { width, height } = largest(raw);
  const previews = all.filter((page) => !isRaw(page) && (page.width > 0 || page.jpeg));
  const preview = previews.length > 0 ? largest(previews) : undefined;
  const size = `${width}x${height}`;
  if (preview && preview.width >= NEARLY_ALL * width && preview.height >= NEARLY_ALL * height) {
    const said = `the raw picture of ${size} is not read, but its preview of ` +
      `${preview.width}x${preview.height}`;
    return { ...preview, notes: [said] };
  }
  const shown = preview ? ` and its preview is only ${preview.width}x${preview.height}` : "";
  throw new Unreadable(
    `it is a camera's raw file of ${size}${shown}: convert it to a TIFF of 16 bits with a raw converter`,
  );
}
