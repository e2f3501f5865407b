// Reads TIFF files: their pages, what each says, and the previews within raw files.
import type { Image } from "../image.ts";
import type { PictureMetadata, SampleValues } from "../metadata.ts";
import { checkPixels, decode, type DecodeOptions, Unreadable } from "./decode.ts";
import { exifOfTiff, orientationOf, resolutionOf } from "./exif.ts";
import { iptcOf, isJpeg } from "./jpeg.ts";
import {
  BITS,
  coloursOf,
  ICC_LAB,
  LAB,
  lacksPixels,
  numbersIn,
  PHOTOMETRIC,
  type Pixels,
  RGB,
  SAMPLE_FORMAT,
  samplesOf,
} from "./tiff_numbers.ts";
import {
  directoriesOf,
  directoryAt,
  numberOf,
  numbersOf,
  type PlacedDirectory,
  type Tags,
  type TiffStructure,
  tiffStructure,
  withSubdirectories,
} from "./tiff_tags.ts";

/** Tags that decide what a directory is. */
const SUBFILE_TYPE = 254, OLD_SUBFILE_TYPE = 255, WIDTH = 256, HEIGHT = 257, COMPRESSION = 259;
const STRIP_OFFSETS = 273, STRIP_LENGTHS = 279, TILE_WIDTH = 322, SUBDIRECTORIES = 330;
const JPEG_OFFSET = 513, JPEG_LENGTH = 514, XMP = 700, IPTC = 33723, ICC = 34675, PHOTOSHOP = 34377;

/** Colours as a camera's sensor saw them. */
const SENSOR = 32803, LINEAR_RAW = 34892;

/** JPEG as TIFF 6.0 has it, and as its second technical note does. */
const OLD_JPEG = 6, JPEG = 7;

/** Whether bytes begin as a TIFF file does. */
export const isTiff = (bytes: Uint8Array): boolean => tiffStructure(bytes) !== undefined;

/** A picture within a TIFF file. */
interface Page {
  readonly directory: PlacedDirectory;
  /** What is said of the picture; of one below the first directory, what the first says too. */
  readonly tags: Tags;
  readonly width: number;
  readonly height: number;
  /** A JPEG file that the directory points to. */
  readonly jpeg: Uint8Array | undefined;
  readonly notes: readonly string[];
}

/** A TIFF file that was opened. */
export interface OpenedTiff {
  readonly count: number;
  read(page: number, options: DecodeOptions): Promise<{
    readonly image: Image;
    readonly metadata: PictureMetadata;
    readonly notes: readonly string[];
  }>;
}

/**
 * Opens a TIFF file.
 *
 * @param bytes The file.
 * @returns Its pages: smaller versions of another page and masks are none, and of a camera's raw file the
 * preview is, if it is as large as the raw picture.
 * @throws {Unreadable} If there is none that can be read.
 */
export function openTiff(bytes: Uint8Array): OpenedTiff {
  const structure = tiffStructure(bytes)!;
  const pages = pagesOf(structure);
  return {
    count: pages.length,
    async read(index, options) {
      const page = pages[index]!;
      checkPixels(page.width, page.height);
      const pixels = await pixelsOf(structure, page, options);
      const tags = withSubdirectories(structure, page.tags);
      const isConverted = pixels.isConverted || options.colours === "srgb";
      return {
        image: pixels.isUpright ? pixels.image : turned(pixels.image, orientationOf(tags)),
        metadata: metadataOf(tags, isConverted, pixels.values),
        notes: [
          ...page.notes,
          ...pixels.notes,
          ...[...tags.keys()].flatMap((tag) => LOST[tag] ?? []),
        ],
      };
    },
  };
}

/** A directory as a page. */
function pageOf({ bytes }: TiffStructure, directory: PlacedDirectory): Page {
  const { tags } = directory, first = (tag: number) => numberOf(tags, tag) ?? 0;
  const isJpegPart = first(COMPRESSION) === OLD_JPEG || first(COMPRESSION) === JPEG;
  const [from, length] = first(JPEG_OFFSET) > 0
    ? [first(JPEG_OFFSET), first(JPEG_LENGTH)]
    : isJpegPart && numbersOf(tags, STRIP_OFFSETS).length === 1
    ? [first(STRIP_OFFSETS), first(STRIP_LENGTHS)]
    : [0, 0];
  const part = bytes.subarray(from, from + length);
  // With tables in a tag of their own it is only a part of a JPEG file, which the TIFF library knows.
  const jpeg = isJpeg(part) && !tags.has(347) ? part : undefined;
  return { directory, tags, width: first(WIDTH), height: first(HEIGHT), jpeg, notes: [] };
}

const photometricOf = ({ directory: { tags } }: Page) => numberOf(tags, PHOTOMETRIC);

/** Whether a page is a sensor's picture, which needs a raw converter: colours are sampled one by one. */
function isRaw(page: Page): boolean {
  const { tags } = page.directory, photometric = photometricOf(page);
  // Canon's raw files say so by tags of their own alone.
  return photometric === SENSOR || photometric === LINEAR_RAW || tags.has(50752);
}

/** A preview counts as the picture if its sides are at least this part of the raw picture's. */
const NEARLY_ALL = 0.9;

function pagesOf(structure: TiffStructure): Page[] {
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
  // The first directories may all be small, the picture itself below them.
  const others = all.filter(isOwn);
  return others.length > 0 ? [largest(others)] : [largest(chained)];
}

const largest = (pages: readonly Page[]): Page =>
  pages.reduce((most, page) => page.width * page.height > most.width * most.height ? page : most);

/** The preview of a raw file, if it shows all pixels. */
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

async function pixelsOf(
  structure: TiffStructure,
  page: Page,
  options: DecodeOptions,
): Promise<Pixels> {
  const { tags } = page.directory;
  if (page.jpeg) {
    const decoded = await decode(page.jpeg, options);
    return { ...decoded, isUpright: (decoded.header.orientation ?? 1) !== 1 };
  }
  const bits = numberOf(tags, BITS) ?? 1, format = numberOf(tags, SAMPLE_FORMAT) ?? 1;
  const photometric = coloursOf(tags);
  const compression = numberOf(tags, COMPRESSION) ?? 1;
  if (!COMPRESSIONS.includes(compression)) {
    throw new Unreadable(
      `a TIFF picture that is compressed by method ${compression} is not read: save it with deflate or LZW`,
    );
  }
  const isOfNumbers = compression === LERC || compression === ZSTD || !tags.has(PHOTOMETRIC);
  const { further, isSaid } = samplesOf(tags);
  const isUsual = (format === 1 || format === 4) && [1, 2, 4, 8, 16].includes(bits) &&
    !isOfNumbers && photometric !== LAB && photometric !== ICC_LAB &&
    (photometric > RGB || (further === 0 && isSaid));
  const alone = withFirst(structure, page.directory);
  if (!isUsual) return await numbersIn(alone, tags);
  const isLacking = lacksPixels(tags);
  if (isLacking && !options.allowDamaged) {
    throw new Unreadable(`${LACKING} (\`allowDamaged\` reads what is there)`);
  }
  // Of plain strips the library gives an error where samples are missing, and else only warns.
  const ignoresWarnings = compression === 1 && !tags.has(TILE_WIDTH);
  const decoded = await decode(alone, { ...options, ignoresWarnings });
  const notes = isLacking ? [LACKING, ...decoded.notes] : decoded.notes;
  return { ...decoded, isUpright: false, notes };
}

const LACKING = "the picture is damaged or cut short: a part of its pixels was never written";

/** Compression that the library of numbers alone reads. */
const LERC = 34887, ZSTD = 50000;

/**
 * Methods of compression that are read: none, fax, LZW, JPEG, deflate, PackBits, those of NeXT and ThunderScan,
 * LERC, Zstandard and WebP.
 */
const COMPRESSIONS: readonly number[] = [
  ...[1, 2, 3, 4, 5, OLD_JPEG, JPEG, 8, 32766, 32771, 32773, 32809, 32946, LERC, ZSTD, 50001],
];

/** Tags that the samples depend on; the library warns of what is wrong with others. */
const LAYOUT: readonly number[] = [
  ...[WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, 266, STRIP_OFFSETS, 277, 278, STRIP_LENGTHS],
  ...[
    284,
    292,
    293,
    301,
    317,
    320,
    TILE_WIDTH,
    323,
    324,
    325,
    332,
    334,
    338,
    SAMPLE_FORMAT,
    340,
    341,
  ],
  ...[347, 512, JPEG_OFFSET, JPEG_LENGTH, 515, 517, 518, 519, 520, 521, 529, 530, 532, ICC],
];

/** The file with a directory of it as its first, no other behind, and in it no more than the layout. */
function withFirst(
  { bytes, isLittle, isBig }: TiffStructure,
  { offset, tags }: PlacedDirectory,
): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes), view = new DataView(copy.buffer);
  if (isBig) view.setBigUint64(8, BigInt(offset), isLittle);
  else view.setUint32(4, offset, isLittle);
  const [head, size] = isBig ? [8, 20] : [2, 12], begin = offset + head;
  const count = isBig
    ? Number(view.getBigUint64(offset, isLittle))
    : view.getUint16(offset, isLittle);
  const entries = new Map<number, Uint8Array>();
  for (let at = begin; at < begin + size * count && at + size <= bytes.length; at += size) {
    const tag = view.getUint16(at, isLittle);
    const isKept = LAYOUT.includes(tag) && tags.has(tag) && !entries.has(tag);
    if (isKept) entries.set(tag, bytes.subarray(at, at + size));
  }
  // Some programs leave them in another order than the rising one that is asked for.
  const sorted = [...entries].sort(([a], [b]) => a - b).map(([, entry]) => entry);
  if (isBig) view.setBigUint64(offset, BigInt(sorted.length), isLittle);
  else view.setUint16(offset, sorted.length, isLittle);
  sorted.forEach((entry, i) => copy.set(entry, begin + size * i));
  const end = begin + size * sorted.length;
  copy.fill(0, end, end + (isBig ? 8 : 4));
  return copy;
}

/** Turns a picture as EXIF's orientation asks. */
function turned(image: Image, orientation: number): Image {
  if (orientation === 1) return image;
  const { height, width } = image, isSideways = orientation > 4;
  const [rows, columns] = isSideways ? [width, height] : [height, width];
  // Where the upright picture's pixel (y, x) is stored (EXIF 2.3, tag 274).
  const flipY = [3, 4, 6, 7].includes(orientation), flipX = [2, 3, 7, 8].includes(orientation);
  const place = (y: number, x: number) => {
    const [row, column] = isSideways ? [x, y] : [y, x];
    return (flipY ? height - 1 - row : row) * width + (flipX ? width - 1 - column : column);
  };
  const turn = (from: Float32Array, channels: number) => {
    const to = new Float32Array(from.length);
    for (let y = 0, at = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const start = place(y, x) * channels;
        for (let c = 0; c < channels; c++) to[at++] = from[start + c]!;
      }
    }
    return to;
  };
  return {
    ...image,
    height: rows,
    width: columns,
    data: turn(image.data, image.channels),
    ...image.alpha && { alpha: turn(image.alpha, 1) },
  };
}

/** Tags of how pixels are stored, of what stands elsewhere, and of private data about the old pixels. */
const NOT_KEPT: readonly number[] = [
  ...[254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281],
  ...[282, 283, 284, 288, 289, 290, 291, 292, 293, 296, 301, 317, 320, 321, 322, 323, 324, 325],
  ...[326, 327, 328, 330, 332, 333, 334, 336, 338, 339, 340, 341, 347, 400, 512, 513, 514, 515],
  ...[517, 518, 519, 520, 521, 529, 530, 531, 532, 700, 33723, 34377, 34675, 37724],
];

/** What is among them that a user may miss. */
const LOST: Readonly<Record<number, string>> = {
  37724: "Photoshop's layers are not kept",
  50839: "ImageJ's overlays and display ranges are not kept",
};

/** Digital negatives' tags, which say how a sensor's numbers become colours. */
const isOfRaw = (tag: number) => tag >= 50706 && tag <= 52600;

/** What a directory says of its picture. */
function metadataOf(
  tags: Tags,
  isConverted: boolean,
  values: SampleValues | undefined,
): PictureMetadata {
  const bytes = (tag: number) => {
    const value = tags.get(tag);
    return value instanceof Map ? undefined : value?.data;
  };
  const resolution = resolutionOf(tags), exif = exifOfTiff(tags), xmp = bytes(XMP);
  const icc = isConverted ? undefined : bytes(ICC);
  const iptc = bytes(IPTC) ?? iptcOf(bytes(PHOTOSHOP));
  const kept: Tags = new Map([...tags].filter(([tag]) => !NOT_KEPT.includes(tag) && !isOfRaw(tag)));
  return {
    ...resolution && { resolution },
    ...exif && { exif },
    ...icc && { icc },
    ...xmp && { xmp },
    ...iptc && { iptc },
    ...kept.size > 0 && { tags: kept },
    ...values && { values },
  };
}
