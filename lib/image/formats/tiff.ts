// Reads TIFF files: their pages, what each says, numbers of any kind, and the previews within raw files.
import { fromArrayBuffer } from "geotiff";
import type { Image } from "../image.ts";
import type { PictureMetadata, SampleValues } from "../metadata.ts";
import { checkPixels, decode, type DecodeOptions, READABLE, Unreadable } from "./decode.ts";
import { exifOfTiff, orientationOf, resolutionOf } from "./exif.ts";
import { iptcOf, isJpeg } from "./jpeg.ts";
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
const SUBFILE_TYPE = 254, OLD_SUBFILE_TYPE = 255, WIDTH = 256, HEIGHT = 257, BITS = 258;
const COMPRESSION = 259, PHOTOMETRIC = 262, STRIP_OFFSETS = 273, STRIP_LENGTHS = 279;
const SAMPLES_PER_PIXEL = 277, SUBDIRECTORIES = 330, EXTRA_SAMPLES = 338, SAMPLE_FORMAT = 339;
const JPEG_OFFSET = 513, JPEG_LENGTH = 514, XMP = 700, IPTC = 33723, ICC = 34675, PHOTOSHOP = 34377;

/** What colours are: grey, RGB, Lab by two conventions, and what a camera's sensor saw. */
const WHITE_IS_ZERO = 0, BLACK_IS_ZERO = 1, RGB = 2, LAB = 8, ICC_LAB = 9, SENSOR = 32803;
const LINEAR_RAW = 34892;

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
        notes: [...page.notes, ...pixels.notes],
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

/** A page's samples. */
interface Pixels {
  readonly image: Image;
  readonly isUpright: boolean;
  readonly values?: SampleValues;
  readonly isConverted: boolean;
  readonly notes: readonly string[];
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
  const photometric = photometricOf(page) ?? BLACK_IS_ZERO;
  const isUsual = (format === 1 || format === 4) && [1, 2, 4, 8, 16].includes(bits) &&
    photometric !== LAB && photometric !== ICC_LAB;
  const alone = withFirst(structure, page.directory);
  if (isUsual) {
    try {
      return { ...await decode(alone, options), isUpright: true };
    } catch (error) {
      // Some ways of compression are known to the other library alone.
      const isPlain = photometric <= RGB;
      const other = isPlain ? await numbersIn(alone, tags).catch(() => undefined) : undefined;
      if (other) return other;
      throw error;
    }
  }
  return await numbersIn(alone, tags);
}

/** The file with a directory of it as its first, and no other behind. */
function withFirst(
  { bytes, isLittle, isBig }: TiffStructure,
  { offset, link }: PlacedDirectory,
): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes), view = new DataView(copy.buffer);
  if (isBig) view.setBigUint64(8, BigInt(offset), isLittle);
  else view.setUint32(4, offset, isLittle);
  if (link + (isBig ? 8 : 4) <= copy.length) copy.fill(0, link, link + (isBig ? 8 : 4));
  return copy;
}

/** Reads numbers of any type; those that are not whole numbers of 8 or 16 bits are mapped to [0, 1]. */
async function numbersIn(bytes: Uint8Array<ArrayBuffer>, tags: Tags): Promise<Pixels> {
  let numbers: ArrayLike<number>, width: number, height: number;
  const photometric = numberOf(tags, PHOTOMETRIC) ?? BLACK_IS_ZERO;
  const samples = numberOf(tags, SAMPLES_PER_PIXEL) ?? 1;
  const isLab = photometric === LAB || photometric === ICC_LAB;
  const channels = photometric === RGB || isLab ? 3 : 1;
  if (![WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, LAB, ICC_LAB].includes(photometric)) {
    throw new Unreadable(`a TIFF picture of colours of kind ${photometric} is not read`);
  }
  if (samples < channels) throw new Unreadable("the picture is damaged or cut short");
  // Further samples are alpha only if they say so.
  const hasAlpha = [1, 2].includes(numberOf(tags, EXTRA_SAMPLES) ?? 0) && samples > channels;
  try {
    const file = await fromArrayBuffer(bytes.buffer);
    const image = await file.getImage(0);
    width = image.getWidth();
    height = image.getHeight();
    numbers = await image.readRasters({ interleave: true }) as unknown as ArrayLike<number>;
  } catch (error) {
    throw new Unreadable(
      `the picture is damaged or cut short, or a TIFF of a kind that is not read (${READABLE} are)`,
      { cause: error },
    );
  }
  if (numbers.length !== width * height * samples) {
    throw new Unreadable("the picture is damaged or cut short");
  }
  const pixels = width * height, data = new Float64Array(pixels * channels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < channels; c++) data[i * channels + c] = numbers[i * samples + c]!;
  }
  const bits = numberOf(tags, BITS) ?? 1;
  const alpha = hasAlpha
    ? Float64Array.from({ length: pixels }, (_, i) => numbers[i * samples + channels]!)
    : undefined;
  const size = { height, width, channels } as const;
  if (isLab) {
    return {
      image: { ...size, data: sRgbOf(data, tags), bitDepth: bits > 8 ? 16 : 8 },
      isUpright: false,
      isConverted: true,
      notes: ["its Lab colours are converted to sRGB"],
    };
  }
  const values = valuesOf(tags, data, width, channels);
  const { low, high } = values, range = high - low || 1;
  const isUsual = values.type === "uint" && bits <= 16;
  const isInverted = photometric === WHITE_IS_ZERO && isUsual;
  const scaled = (value: number) => Math.min(Math.max((value - low) / range, 0), 1);
  const opaque = values.type === "float" ? 1 : 2 ** (values.type === "int" ? bits - 1 : bits) - 1;
  const image: Image = {
    ...size,
    data: Float32Array.from(data, (value) => isInverted ? 1 - scaled(value) : scaled(value)),
    // What can be more than 8 bits is written with 16 where the format has no such numbers.
    bitDepth: bits > 8 ? 16 : 8,
    ...alpha && {
      alpha: Float32Array.from(alpha, (value) => Math.min(Math.max(value / opaque, 0), 1)),
    },
  };
  return { image, isUpright: false, ...!isUsual && { values }, isConverted: false, notes: [] };
}

/** GDAL's tag for the number, as text, that stands where nothing was measured. */
const NO_DATA = 42113;

/** Real numbers that stay below are of another unit than brightness from 0 to 1. */
const DARK = 0.1;

const TYPES = { 1: "uint", 2: "int", 3: "float" } as const;

/**
 * What black and white are. Whole numbers without a sign have the range of their bits; other numbers that
 * lie in [0, 1], not all of them near 0, keep it; else it is that of the picture.
 */
function valuesOf(tags: Tags, data: Float64Array, width: number, channels: number): SampleValues {
  const format = numberOf(tags, SAMPLE_FORMAT) ?? 1, bits = numberOf(tags, BITS) ?? 1;
  const type = TYPES[format as 1 | 2 | 3];
  if (!type) throw new Unreadable(`its samples are of kind ${format}, which is not read`);
  if (type === "uint" && bits <= 16) return { type, bits: 16, low: 0, high: 2 ** bits - 1 };
  if (bits !== 8 && bits !== 16 && bits !== 32 && bits !== 64) {
    throw new Unreadable(
      `its samples are ${type === "float" ? "real" : "whole"} numbers of ${bits} bits`,
    );
  }
  const said = tags.get(NO_DATA);
  const noData = said && !(said instanceof Map)
    ? Number(new TextDecoder().decode(said.data).replace("\0", "").trim() || NaN)
    : NaN;
  let least = Infinity, most = -Infinity;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!Number.isFinite(value) || value === noData) {
      const pixel = Math.floor(i / channels);
      throw new Unreadable(
        `the sample at column ${pixel % width}, row ${Math.floor(pixel / width)} is ${value}: ` +
          "every pixel must have a finite number",
      );
    }
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const isUnit = type === "float" && least >= 0 && most <= 1 && most > DARK;
  return { type, bits, low: isUnit ? 0 : least, high: isUnit ? 1 : most };
}

/** A white, and the matrix that makes linear sRGB of XYZ relative to it. */
interface White {
  readonly xyz: readonly [number, number, number];
  readonly matrix: readonly (readonly [number, number, number])[];
}

/** ICC's white, the usual one; the matrix is the inverse of sRGB's profile, after Bradford's adaptation. */
const D50: White = {
  xyz: [0.9642, 1, 0.8249],
  matrix: [
    [3.1338561, -1.6168667, -0.4906146],
    [-0.9787684, 1.9161415, 0.0334540],
    [0.0719453, -0.2289914, 1.4052427],
  ],
};

/** sRGB's own white (IEC 61966-2-1), which some programs take and then state. */
const D65: White = {
  xyz: [0.9505, 1, 1.0891],
  matrix: [
    [3.2404542, -1.5371385, -0.4985314],
    [-0.9692660, 1.8760108, 0.0415560],
    [0.0556434, -0.2040259, 1.0572252],
  ],
};

const WHITE_POINT = 318;

/** CIE Lab of 8 or 16 bits as sRGB; colours beyond sRGB are clipped. */
function sRgbOf(data: Float64Array, tags: Tags): Float32Array {
  const bits = numberOf(tags, BITS)!, most = 2 ** bits - 1, unit = 2 ** (bits - 8);
  // ICC's convention shifts a and b by 128; TIFF's has signed numbers in their place.
  const isShifted = numberOf(tags, PHOTOMETRIC) === ICC_LAB;
  const signed = (value: number) =>
    isShifted ? value / unit - 128 : (value > most / 2 ? value - most - 1 : value) / unit;
  const isD65 = Math.abs((numberOf(tags, WHITE_POINT) ?? 0) - 0.3127) < 0.005;
  const { xyz, matrix } = isD65 ? D65 : D50;
  const linear = (t: number) => t > 6 / 29 ? t ** 3 : 3 * (6 / 29) ** 2 * (t - 4 / 29);
  const encoded = (value: number) => {
    const clipped = Math.min(Math.max(value, 0), 1);
    return clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
  };
  const rgb = new Float32Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const fy = (data[i]! * 100 / most + 16) / 116;
    const x = xyz[0] * linear(fy + signed(data[i + 1]!) / 500);
    const y = linear(fy), z = xyz[2] * linear(fy - signed(data[i + 2]!) / 200);
    matrix.forEach(([a, b, c], k) => rgb[i + k] = encoded(a * x + b * y + c * z));
  }
  return rgb;
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
