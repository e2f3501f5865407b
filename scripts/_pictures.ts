// Reads the pictures of a command: the input with its metadata, and the reference.
import {
  type Animation,
  enlargedMetadata,
  type Image,
  type JpegQuantization,
  openPicture,
  type OpenPictureOptions,
  type PictureMetadata,
  type PicturePage,
  type PictureSource,
  type ReadFormat,
} from "../lib/image/mod.ts";
import { Failure } from "./_failure.ts";

/** The pictures of a command. */
export interface Pictures {
  /** The picture's file. */
  readonly file: string;
  readonly picture: Image;
  /** The clean picture, if the command line names one. */
  readonly reference: Image | undefined;
  /** The metadata of the picture. @default {none} */
  readonly metadata?: PictureMetadata;
  /** Its quantisation, if it is a JPEG. */
  readonly quantization?: JpegQuantization;
  /** Its index in the file, from 0, and the number of pages. @default {the only one} */
  readonly place?: { readonly page: number; readonly pages: number };
  /** Notes on the file for the user, one line each. @default {none} */
  readonly notes?: readonly string[];
}

/** The options for reading pictures. */
export interface ReadingOptions {
  /** The picture's number in its file, from 1. */
  page?: number;
  allowDamaged?: boolean;
  /** Whether metadata is dropped and colours are converted to sRGB. */
  strip?: boolean;
}

/** A file of one or more pictures. */
export interface OpenedPictures {
  readonly format: ReadFormat;
  readonly pages: number;
  readonly animation: Animation | undefined;
  /** Reads a picture, counted from 0, and the corresponding reference. */
  read(page: number): Promise<Pictures>;
}

/** Names of standard input. */
const STANDARD_INPUT = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/**
 * Whether a path is standard input.
 *
 * @example
 * ```ts
 * import { isStandardInput } from "./_pictures.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(["-", "/dev/stdin", "photo.png"].map(isStandardInput), [true, true, false]);
 * ```
 */
export const isStandardInput = (path: string): boolean => STANDARD_INPUT.includes(path);

/** The contents of standard input, which can be read only once. */
let brought: Promise<Uint8Array> | undefined;

/** A path in the form that openPicture() takes. */
async function sourceOf(path: string): Promise<PictureSource> {
  if (!isStandardInput(path)) return path;
  if (!brought && Deno.stdin.isTerminal()) {
    throw new Failure(
      "standard input is a terminal: send a picture through a pipe, or name a file",
    );
  }
  brought ??= new Response(Deno.stdin.readable).bytes();
  return { name: "standard input", bytes: await brought };
}

const openingOf = (
  { allowDamaged = false, strip = false }: ReadingOptions,
): OpenPictureOptions => ({
  allowDamaged,
  colours: strip ? "srgb" : "file",
});

/**
 * Opens the pictures of a command line.
 *
 * @param file The picture's file; `-` for standard input.
 * @param reference The reference's file, if any.
 * @param options How they are read.
 * @returns The file's pictures.
 * @throws {FileError} If a file cannot be read.
 */
export async function openPictures(
  file: string,
  reference?: string,
  options: ReadingOptions = {},
): Promise<OpenedPictures> {
  const opened = await openPicture(await sourceOf(file), openingOf(options));
  const { format, pages, animation } = opened;
  return {
    format,
    pages,
    animation,
    async read(page) {
      const { image, metadata, quantization, notes } = await opened.page(page);
      const clean = reference === undefined
        ? undefined
        : await pageLike(reference, { page, pages }, options);
      const doubts = clean && areUnlike(metadata.icc, clean.metadata.icc)
        ? ["the reference has another colour profile: their numbers are compared as they are"]
        : [];
      return {
        file,
        picture: image,
        reference: clean?.image,
        metadata: options.strip ? onlyValues(metadata) : metadata,
        ...quantization && { quantization },
        place: { page, pages },
        notes: [...notes, ...clean ? notesOf("the reference", clean) : [], ...doubts],
      };
    },
  };
}

/** Only the metadata that gives the samples their meaning. */
const onlyValues = ({ values }: PictureMetadata): PictureMetadata => values ? { values } : {};

const areUnlike = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one !== undefined && other !== undefined &&
  (one.length !== other.length || one.some((byte, i) => byte !== other[i]));

/**
 * The page of another file that corresponds to a page: the same number if both have as many pages, else the first.
 */
async function pageLike(
  file: string,
  { page, pages }: { readonly page: number; readonly pages: number },
  options: ReadingOptions = {},
): Promise<PicturePage> {
  const opened = await openPicture(await sourceOf(file), openingOf(options));
  const found = await opened.page(opened.pages === pages ? page : 0);
  if (opened.pages === 1 || opened.pages === pages) return found;
  return { ...found, notes: [`page 1 of ${opened.pages} is taken`, ...found.notes] };
}

/** Notes on a file that belongs to a picture. */
export const notesOf = (name: string, { notes }: Pick<PicturePage, "notes">): string[] =>
  notes.map((note) => `${name}: ${note}`);

/**
 * Reads one picture of a command line, and its reference.
 *
 * @param file The picture's file; `-` for standard input.
 * @param reference The reference's file, if any.
 * @param options How they are read; without a page number the first page is read, with a note.
 * @returns The pictures.
 * @throws {FileError} If a file cannot be read.
 * @throws {Failure} If the page does not exist.
 */
export async function readPictures(
  file: string,
  reference?: string,
  options: ReadingOptions = {},
): Promise<Pictures> {
  const opened = await openPictures(file, reference, options);
  const pictures = await opened.read(placeOf(opened, options.page));
  const { pages } = opened;
  if (pages === 1 || options.page !== undefined) return pictures;
  const note = `page 1 of ${pages} is taken (--page takes another)`;
  return { ...pictures, notes: [note, ...pictures.notes ?? []] };
}

/**
 * The index of a page.
 *
 * @param opened The file.
 * @param page Its number from 1.
 * @default {1}
 * @returns The index from 0.
 * @throws {Failure} If the file has fewer pages.
 */
export function placeOf({ pages }: Pick<OpenedPictures, "pages">, page = 1): number {
  if (page <= pages) return page - 1;
  throw new Failure(`--page ${page}: the file has ${pages === 1 ? "one page" : `${pages} pages`}`);
}

/**
 * Reads a picture that belongs to another, such as a mask.
 *
 * @param file The picture's file; `-` for standard input.
 * @param pictures The other picture.
 * @returns The page of the same number if both have as many, else the first, and notes.
 * @throws {FileError} If it cannot be read.
 */
export async function readCompanion(
  file: string,
  { place = { page: 0, pages: 1 } }: Partial<Pictures> = {},
): Promise<PicturePage> {
  return await pageLike(file, place);
}

/**
 * The metadata of a restored picture.
 *
 * @param image The restored picture.
 * @param pictures The original.
 * @returns The original's metadata, adapted to a larger picture.
 */
export function metadataOf(
  image: Image,
  { picture, metadata = {} }: Pictures,
): PictureMetadata {
  if (image.height === picture.height && image.width === picture.width) return metadata;
  // In an experiment a few rows may have been cropped.
  return enlargedMetadata(metadata, image, Math.max(1, Math.round(image.height / picture.height)));
}

/**
 * Checks that two pictures can be compared.
 *
 * @param picture The picture.
 * @param other The other.
 * @param names Their names.
 * @default {["the restored picture", "the reference"]}
 * @throws {Failure} If their sizes or channels differ.
 */
export function requireSameShape(
  picture: Image,
  other: Image,
  [name, otherName]: readonly [string, string] = ["the restored picture", "the reference"],
): void {
  const [wanted, found] = [picture, other].map(({ width, height, channels }) =>
    `${width}x${height} ${channels === 1 ? "grey" : "RGB"}`
  );
  if (found !== wanted) {
    throw new Failure(`${otherName} is ${found}, but ${name} is ${wanted}; they must be alike`);
  }
}

/**
 * Checks that two pictures have the same size.
 *
 * @param picture The picture.
 * @param other The other.
 * @param names Their names.
 * @throws {Failure} If their sizes differ.
 */
export function requireSameSize(
  picture: Image,
  other: Image,
  [name, otherName]: readonly [string, string],
): void {
  if (picture.height === other.height && picture.width === other.width) return;
  throw new Failure(
    `${otherName} is ${other.width}x${other.height}, but ${name} is ${picture.width}x${picture.height}; ` +
      "they must be of one size",
  );
}
