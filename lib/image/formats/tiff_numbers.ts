// Reads the samples of a TIFF page as numbers of any type, and converts Lab colours to sRGB.
import type { Image } from "../image.ts";
import type { SampleRange } from "../metadata.ts";
import { READABLE, Unreadable } from "./decode.ts";
import { numberOf, numbersOf, type Tags } from "./tiff_tags.ts";

/** Tags of the samples' format. */
export const BITS = 258, PHOTOMETRIC = 262, SAMPLE_FORMAT = 339;
const SAMPLES_PER_PIXEL = 277, EXTRA_SAMPLES = 338;

/** Tags of the offsets and lengths of strips or tiles. */
const OFFSETS = [273, 324], LENGTHS = [279, 325];

/** Kinds of colours: RGB, and Lab by two conventions. */
export const RGB = 2, LAB = 8, ICC_LAB = 9;
const WHITE_IS_ZERO = 0, BLACK_IS_ZERO = 1;

/** A page's samples. */
export interface Pixels {
  readonly image: Image;
  readonly isUpright: boolean;
  readonly values?: SampleRange;
  readonly isConverted: boolean;
  readonly notes: readonly string[];
}

/** The samples of a pixel. */
export interface Samples {
  readonly count: number;
  /** The number of colour channels. */
  readonly channels: 1 | 3;
  /** Whether the next sample is opacity, and whether the colours are multiplied by it. */
  readonly alpha: "none" | "apart" | "multiplied";
  /** The number of further samples of unknown meaning. */
  readonly further: number;
  /** Whether a tag describes the samples after the colours. */
  readonly isSaid: boolean;
}

/** The kind of colours; three samples are RGB if there is no tag. */
export const coloursOf = (tags: Tags): number =>
  numberOf(tags, PHOTOMETRIC) ??
    ((numberOf(tags, SAMPLES_PER_PIXEL) ?? 1) >= 3 ? RGB : BLACK_IS_ZERO);

/** The samples of a grey, RGB or Lab picture. */
export function samplesOf(tags: Tags): Samples {
  const photometric = coloursOf(tags);
  const channels = photometric === RGB || photometric === LAB || photometric === ICC_LAB ? 3 : 1;
  const count = numberOf(tags, SAMPLES_PER_PIXEL) ?? 1, said = numberOf(tags, EXTRA_SAMPLES);
  // Some programs write four samples of RGB without describing the fourth; it is opacity then.
  const isUnsaid = said === undefined && channels === 3 && count === 4;
  const alpha = count <= channels
    ? "none"
    : said === 2 || isUnsaid
    ? "apart"
    : said === 1
    ? "multiplied"
    : "none";
  const further = count - channels - (alpha === "none" ? 0 : 1);
  return { count, channels, alpha, further, isSaid: said !== undefined || count === channels };
}

/** Whether a strip or tile is missing: never written, or beyond the end of the file. */
export function lacksPixels(tags: Tags, end = Infinity): boolean {
  const [offsets, lengths] = [OFFSETS, LENGTHS].map((names) =>
    names.flatMap((tag) => numbersOf(tags, tag))
  ) as [number[], number[]];
  // Old programs do not write the length of a single strip.
  return offsets.some((offset, i) =>
    offset === 0 || (lengths[i] === 0 && offsets.length > 1) || offset + (lengths[i] ?? 0) > end
  );
}

/**
 * Reads numbers of any type. Those that are not whole numbers of 8 or 16 bits are mapped to [0, 1]; Lab becomes sRGB.
 *
 * @param bytes A TIFF file whose first directory is the page's.
 * @param tags The directory.
 * @returns The samples, not turned upright.
 * @throws {Unreadable} If they are damaged, not finite or of an unsupported kind.
 */
export async function numbersIn(bytes: Uint8Array<ArrayBuffer>, tags: Tags): Promise<Pixels> {
  let numbers: ArrayLike<number>, width: number, height: number;
  const photometric = coloursOf(tags);
  const isLab = photometric === LAB || photometric === ICC_LAB;
  if (![WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, LAB, ICC_LAB].includes(photometric)) {
    throw new Unreadable(`a TIFF picture of colours of kind ${photometric} is not read`);
  }
  const { type, bits } = kindOf(tags);
  if (isLab && (type === "float" || bits > 16)) {
    throw new Unreadable(`Lab colours of ${bits} bits a sample are not read, only of 8 and 16`);
  }
  const { count, channels, alpha: opacity, further } = samplesOf(tags);
  if (count < channels || lacksPixels(tags, bytes.length)) {
    throw new Unreadable("the picture is damaged or cut short");
  }
  // geotiff is large, so it is loaded only for such a file.
  const { fromArrayBuffer } = await import("geotiff");
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
  if (numbers.length !== width * height * count) {
    throw new Unreadable("the picture is damaged or cut short");
  }
  const pixels = width * height, data = new Float64Array(pixels * channels);
  const opaque = type === "float" ? 1 : 2 ** (type === "int" ? bits - 1 : bits) - 1;
  const alpha = opacity === "none" ? undefined : Float32Array.from(
    { length: pixels },
    (_, i) => Math.min(Math.max(numbers[i * count + channels]! / opaque, 0), 1),
  );
  for (let i = 0; i < pixels; i++) {
    const by = opacity === "multiplied" ? alpha![i] || 1 : 1;
    for (let c = 0; c < channels; c++) data[i * channels + c] = numbers[i * count + c]! / by;
  }
  const lost = further === 1
    ? `channel ${count} of ${count} is`
    : `channels ${count - further + 1} to ${count} are`;
  const notes = further > 0 ? [`${lost} not kept`] : [];
  const size = { height, width, channels } as const;
  if (isLab) {
    return {
      image: { ...size, data: sRgbOf(data, tags), bitDepth: bits > 8 ? 16 : 8 },
      isUpright: false,
      isConverted: true,
      notes: ["its Lab colours are converted to sRGB", ...notes],
    };
  }
  const values = valuesOf(tags, data, width, channels);
  const { low, high } = values, range = high - low || 1;
  const isUsual = type === "uint" && bits <= 16;
  const isInverted = photometric === WHITE_IS_ZERO && isUsual;
  const scaled = (value: number) => Math.min(Math.max((value - low) / range, 0), 1);
  const image: Image = {
    ...size,
    data: Float32Array.from(data, (value) => isInverted ? 1 - scaled(value) : scaled(value)),
    // Numbers of more than 8 bits are written with 16 in formats without such numbers.
    bitDepth: bits > 8 ? 16 : 8,
    ...alpha && { alpha },
  };
  return { image, isUpright: false, ...!isUsual && { values }, isConverted: false, notes };
}

/** GDAL's tag for the number, as text, that marks missing values. */
const NO_DATA = 42113;

/** If all real numbers are below this, their unit is not brightness from 0 to 1. */
const DARK = 0.1;

const TYPES = { 1: "uint", 2: "int", 3: "float" } as const;

/** The type of the samples. */
function kindOf(tags: Tags): { type: SampleRange["type"]; bits: number } {
  const format = numberOf(tags, SAMPLE_FORMAT) ?? 1, bits = numberOf(tags, BITS) ?? 1;
  const type = TYPES[format as 1 | 2 | 3];
  if (!type) throw new Unreadable(`its samples are of kind ${format}, which is not read`);
  const sizes = type === "float" ? [16, 32, 64] : [8, 16, 32];
  if (!sizes.includes(bits) && !(type === "uint" && bits <= 16)) {
    const kind = type === "float" ? "real" : "whole";
    throw new Unreadable(`its samples are ${kind} numbers of ${bits} bits, which are not read`);
  }
  return { type, bits };
}

/**
 * The numbers of black and white. Unsigned whole numbers have the range of their bits. Other numbers keep their
 * values if they lie in [0, 1] and not all near 0; else black and white are the picture's extremes.
 */
function valuesOf(tags: Tags, data: Float64Array, width: number, channels: number): SampleRange {
  const { type, bits } = kindOf(tags);
  if (type === "uint" && bits <= 16) return { type, bits: 16, low: 0, high: 2 ** bits - 1 };
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
  return {
    type,
    bits: bits as SampleRange["bits"],
    low: isUnit ? 0 : least,
    high: isUnit ? 1 : most,
  };
}

/** A white point, and the matrix from XYZ relative to it to linear sRGB. */
interface White {
  readonly xyz: readonly [number, number, number];
  readonly matrix: readonly (readonly [number, number, number])[];
}

/** ICC's white point, the usual one; the matrix is the inverse of sRGB's profile, with Bradford's adaptation. */
const D50: White = {
  xyz: [0.9642, 1, 0.8249],
  matrix: [
    [3.1338561, -1.6168667, -0.4906146],
    [-0.9787684, 1.9161415, 0.0334540],
    [0.0719453, -0.2289914, 1.4052427],
  ],
};

/** sRGB's own white point (IEC 61966-2-1), which some programs use and then state. */
const D65: White = {
  xyz: [0.9505, 1, 1.0891],
  matrix: [
    [3.2404542, -1.5371385, -0.4985314],
    [-0.9692660, 1.8760108, 0.0415560],
    [0.0556434, -0.2040259, 1.0572252],
  ],
};

const WHITE_POINT = 318;

/** Converts CIE Lab of 8 or 16 bits to sRGB; colours outside sRGB are clipped. */
function sRgbOf(data: Float64Array, tags: Tags): Float32Array {
  const bits = numberOf(tags, BITS)!, most = 2 ** bits - 1, unit = 2 ** (bits - 8);
  // ICC's convention shifts a and b by 128; TIFF's uses signed numbers instead.
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
