// The quantisation tables of a JPEG file, read from its header.

/** How a JPEG file was compressed. */
export interface JpegQuantization {
  /** Quantisation steps of the luminance's 8x8 cosine coefficients, row-major, vertical frequency first; 1 is a level of 255. */
  readonly luminance: readonly number[];
  /** The steps of the colour differences; those of the luminance in a grey picture. */
  readonly chrominance: readonly number[];
  /** The factors by which the colour differences are smaller than the picture, down and across: usually 1 or 2. */
  readonly subsampling: readonly [vertical: number, horizontal: number];
  /**
   * Whether the blocks are aligned with the picture's last row or column, because the photograph was turned upright.
   */
  readonly fromBottom?: boolean;
  readonly fromRight?: boolean;
}

/** The order of a table's 64 steps: diagonals, from low frequencies to high (ITU-T T.81, figure 5). */
const ZIGZAG = Array.from({ length: 64 }, (_, i) => i).sort((a, b) => {
  const [ya, xa, yb, xb] = [a >> 3, a & 7, b >> 3, b & 7];
  const diagonal = ya + xa - yb - xb;
  return diagonal !== 0 ? diagonal : (ya + xa) % 2 === 0 ? xa - xb : ya - yb;
});

const QUANTIZATION_TABLES = 0xdb, START_OF_SCAN = 0xda, END_OF_IMAGE = 0xd9;

/** Markers of application segments: JFIF means that colours are YCbCr; Adobe's segment states the colours. */
const JFIF = 0xe0, ADOBE = 0xee;

/** The component names of a picture in red, green and blue. */
const RGB = "RGB";

/** Frame headers of all kinds of JPEG: C0 to CF, without three that are not frames. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/**
 * Reads the quantisation tables from a JPEG file's bytes.
 *
 * @param bytes The file.
 * @returns Its tables; undefined if the bytes are not a JPEG file in grey or in luminance and colour differences (one
 * in CMYK, for example), or if the header is damaged.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(jpegQuantization(new TextEncoder().encode("no JPEG")), undefined);
 * ```
 */
export function jpegQuantization(bytes: Uint8Array): JpegQuantization | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  const tables = new Map<number, number[]>();
  let components: ReturnType<typeof componentsOf>,
    isJfif = false,
    isTransformed: boolean | undefined;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === START_OF_SCAN || marker === END_OF_IMAGE) break;
    const length = bytes[at + 2]! * 256 + bytes[at + 3]!;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === QUANTIZATION_TABLES) readTables(segment, tables);
    if (isFrame(marker)) components = componentsOf(segment);
    if (marker === JFIF) isJfif = true;
    if (marker === ADOBE && startsWith(segment, "Adobe")) isTransformed = segment[11] !== 0;
    at += 2 + length;
  }
  // The colour space, determined as in libjpeg.
  const names = String.fromCharCode(...(components ?? []).map(({ name }) => name));
  const isRgb = !isJfif && (isTransformed === undefined ? names === RGB : !isTransformed);
  if (names.length !== 1 && (names.length !== 3 || isRgb)) return undefined;
  const [y, cb = y] = components ?? [];
  const luminance = y && tables.get(y.table), chrominance = cb && tables.get(cb.table);
  if (!luminance || !chrominance) return undefined;
  return {
    luminance,
    chrominance,
    subsampling: [y.vertical / cb.vertical, y.horizontal / cb.horizontal],
  };
}

/** How EXIF's orientations change the blocks, after the picture has been turned upright. */
const TURNED: Readonly<Record<number, { transposed?: true; fromBottom?: true; fromRight?: true }>> =
  {
    2: { fromRight: true },
    3: { fromBottom: true, fromRight: true },
    4: { fromBottom: true },
    5: { transposed: true },
    6: { transposed: true, fromRight: true },
    7: { transposed: true, fromBottom: true, fromRight: true },
    8: { transposed: true, fromBottom: true },
  };

/**
 * The quantisation of a picture that was turned upright, as {@linkcode readImage} does.
 *
 * @param quantization The quantisation of the stored picture.
 * @param orientation EXIF's orientation, 1 to 8.
 * @returns The quantisation of the upright picture.
 *
 * @example A quarter turn exchanges the axes
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const table = Array.from({ length: 64 }, (_, i) => i + 1);
 * const { luminance, fromRight } = uprightQuantization({ luminance: table, chrominance: table, subsampling: [1, 2] }, 6);
 * assert.deepEqual([luminance[1], fromRight], [9, true]);
 * ```
 */
export function uprightQuantization(
  quantization: JpegQuantization,
  orientation: number,
): JpegQuantization {
  const { transposed, ...sides } = TURNED[orientation] ?? {};
  if (!transposed) return { ...quantization, ...sides };
  const across = (table: readonly number[]) => table.map((_, i) => table[(i & 7) * 8 + (i >> 3)]!);
  const [vertical, horizontal] = quantization.subsampling;
  return {
    luminance: across(quantization.luminance),
    chrominance: across(quantization.chrominance),
    subsampling: [horizontal, vertical],
    ...sides,
  };
}

function readTables(segment: Uint8Array, tables: Map<number, number[]>): void {
  for (let at = 0; at < segment.length;) {
    const bytes = segment[at]! >> 4 ? 2 : 1, name = segment[at]! & 15;
    at++;
    if (at + 64 * bytes > segment.length) return;
    const table = new Array<number>(64);
    ZIGZAG.forEach((place, i) => {
      const low = segment[at + (i + 1) * bytes - 1]!;
      table[place] = bytes === 2 ? segment[at + i * 2]! * 256 + low : low;
    });
    tables.set(name, table);
    at += 64 * bytes;
  }
}

const startsWith = (segment: Uint8Array, text: string) =>
  String.fromCharCode(...segment.subarray(0, text.length)) === text;

function componentsOf(segment: Uint8Array) {
  const count = segment[5] ?? 0;
  if (segment.length < 6 + 3 * count) return undefined;
  const components = Array.from({ length: count }, (_, i) => {
    const sampling = segment[7 + 3 * i]!;
    const name = segment[6 + 3 * i]!;
    return { name, table: segment[8 + 3 * i]!, vertical: sampling & 15, horizontal: sampling >> 4 };
  });
  return components.every(({ vertical, horizontal }) => vertical > 0 && horizontal > 0)
    ? components
    : undefined;
}
