// Reads TIFF files: their pages, the metadata of each, and previews in raw files.
import type { Image } from "../image.ts";
import type { PictureMetadata, SampleRange } from "../metadata.ts";
import { checkPixels, decode, type DecodeOptions, Unreadable } from "./decode.ts";
import { exifOfTiff, orientationOf, resolutionOf } from "./exif.ts";
import { iptcOf } from "./jpeg.ts";
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
import { COMPRESSION, JPEG, OLD_JPEG, type Page, pagesOf } from "./tiff_pages.ts";
import {
  numberOf,
  type PlacedDirectory,
  type Tags,
  type TiffStructure,
  tiffStructure,
  withSubdirectories,
} from "./tiff_tags.ts";

const TILE_WIDTH = 322, XMP = 700, IPTC = 33723, ICC = 34675, PHOTOSHOP = 34377;

/** Whether bytes begin like a TIFF file. */
export const isTiff = (bytes: Uint8Array): boolean => tiffStructure(bytes) !== undefined;

/** An opened TIFF file. */
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
 * @returns Its pages. Smaller versions of another page and masks are not pages; of a camera's raw file the preview
 * is, if it is as large as the raw picture.
 * @throws {Unreadable} If no page can be read.
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
  // For uncompressed strips sharp fails if samples are missing; other warnings are harmless.
  const ignoresWarnings = compression === 1 && !tags.has(TILE_WIDTH);
  const decoded = await decode(alone, { ...options, ignoresWarnings });
  const notes = isLacking ? [LACKING, ...decoded.notes] : decoded.notes;
  return { ...decoded, isUpright: false, notes };
}

const LACKING = "the picture is damaged or cut short: a part of its pixels was never written";

/** Methods of compression that only geotiff reads. */
const LERC = 34887, ZSTD = 50000;

/**
 * Methods of compression that can be read: none, fax, LZW, JPEG, deflate, PackBits, those of NeXT and ThunderScan,
 * LERC, Zstandard and WebP.
 */
const COMPRESSIONS: readonly number[] = [
  ...[1, 2, 3, 4, 5, OLD_JPEG, JPEG, 8, 32766, 32771, 32773, 32809, 32946, LERC, ZSTD, 50001],
];

/** Tags that affect the samples; sharp warns of faults in other tags. */
const LAYOUT: readonly number[] = [
  ...[256, 257, BITS, COMPRESSION, PHOTOMETRIC, 266, 273, 277, 278, 279, 284, 292, 293, 301],
  ...[317, 320, TILE_WIDTH, 323, 324, 325, 332, 334, 338, SAMPLE_FORMAT, 340, 341, 347, 512],
  ...[513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 532, ICC],
];

/** The file with one of its directories as the first and only one, without the other tags. */
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
  // Some programs do not write the tags in the required ascending order.
  const sorted = [...entries].sort(([a], [b]) => a - b).map(([, entry]) => entry);
  if (isBig) view.setBigUint64(offset, BigInt(sorted.length), isLittle);
  else view.setUint16(offset, sorted.length, isLittle);
  sorted.forEach((entry, i) => copy.set(entry, begin + size * i));
  const end = begin + size * sorted.length;
  copy.fill(0, end, end + (isBig ? 8 : 4));
  return copy;
}

/** Turns a picture according to EXIF's orientation. */
function turned(image: Image, orientation: number): Image {
  if (orientation === 1) return image;
  const { height, width } = image, isSideways = orientation > 4;
  const [rows, columns] = isSideways ? [width, height] : [height, width];
  // The stored position of the upright picture's pixel (y, x) (EXIF 2.3, tag 274).
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

/** Tags of how pixels are stored, of data elsewhere in the file, and of private data on the old pixels. */
const NOT_KEPT: readonly number[] = [
  ...[254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281],
  ...[282, 283, 284, 288, 289, 290, 291, 292, 293, 296, 301, 317, 320, 321, 322, 323, 324, 325],
  ...[326, 327, 328, 330, 332, 333, 334, 336, 338, 339, 340, 341, 347, 400, 512, 513, 514, 515],
  ...[517, 518, 519, 520, 521, 529, 530, 531, 532, 700, 33723, 34377, 34675, 37724],
];

/** Those of them that a user may miss. */
const LOST: Readonly<Record<number, string>> = {
  37724: "Photoshop's layers are not kept",
  50839: "ImageJ's overlays and display ranges are not kept",
};

/** Tags of digital negatives, which describe how a sensor's numbers become colours. */
const isOfRaw = (tag: number) => tag >= 50706 && tag <= 52600;

/** The metadata of a directory's picture. */
function metadataOf(
  tags: Tags,
  isConverted: boolean,
  values: SampleRange | undefined,
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
