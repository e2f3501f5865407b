// The pictures of a command: what is given, what the file says of it, and what can be compared with it.
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

/** What a command was given, as it was read. */
export interface Pictures {
  /** The picture's file. */
  readonly file: string;
  readonly picture: Image;
  /** The clean picture, if the command line names one. */
  readonly reference: Image | undefined;
  /** What the file says of the picture. @default {nothing} */
  readonly metadata?: PictureMetadata;
  /** How it was compressed, if it is a JPEG. */
  readonly quantization?: JpegQuantization;
  /** Which picture of the file it is, from 0, and of how many. @default {the only one} */
  readonly place?: { readonly page: number; readonly pages: number };
  /** What to tell the user of the file, a line each. @default {nothing} */
  readonly notes?: readonly string[];
}

/** How pictures are read, as it is parsed. */
export interface ReadingOptions {
  /** The picture's number in its file, from 1. */
  page?: number;
  allowDamaged?: boolean;
  /** Nothing but pixels is kept, their colours made sRGB. */
  strip?: boolean;
}

/** A file of one or more pictures. */
export interface OpenedPictures {
  readonly format: ReadFormat;
  readonly pages: number;
  readonly animation: Animation | undefined;
  /** Reads a picture of it, from 0, and what belongs to it. */
  read(page: number): Promise<Pictures>;
}

/** Names of what a pipe brings. */
const STANDARD_INPUT = ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/**
 * Whether a path stands for standard input.
 *
 * @example
 * ```ts
 * import { isStandardInput } from "./_pictures.ts";
 * import assert from "node:assert/strict";
 * assert.deepEqual(["-", "/dev/stdin", "photo.png"].map(isStandardInput), [true, true, false]);
 * ```
 */
export const isStandardInput = (path: string): boolean => STANDARD_INPUT.includes(path);

/** What the pipe has brought: it can be read once, and asked for again. */
let brought: Promise<Uint8Array> | undefined;

/** A path as it can be opened. */
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
 * Opens the pictures that a command line names.
 *
 * @param file The picture's file; `-` for standard input.
 * @param reference The reference's file, if there is one.
 * @param options How they are read.
 * @returns The file's pictures.
 * @throws {FileError} If one cannot be read.
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

/** What is no more than the meaning of the numbers. */
const onlyValues = ({ values }: PictureMetadata): PictureMetadata => values ? { values } : {};

const areUnlike = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one !== undefined && other !== undefined &&
  (one.length !== other.length || one.some((byte, i) => byte !== other[i]));

/** The page of another file that goes with a page: of the same number if they have as many, else the first. */
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

/** What is to be said of a file that goes with a picture. */
export const notesOf = (name: string, { notes }: Pick<PicturePage, "notes">): string[] =>
  notes.map((note) => `${name}: ${note}`);

/**
 * Reads one picture of a command line, and what is to be compared with it.
 *
 * @param file The picture's file; `-` for standard input.
 * @param reference The reference's file, if there is one.
 * @param options How they are read; without a page the first is taken, and said to be.
 * @returns The pictures.
 * @throws {FileError} If one cannot be read.
 * @throws {Failure} If there is no such page.
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
 * A page's place.
 *
 * @param opened The file.
 * @param page Its number from 1. @default {1}
 * @returns The place from 0.
 * @throws {Failure} If the file has fewer pages.
 */
export function placeOf({ pages }: Pick<OpenedPictures, "pages">, page = 1): number {
  if (page <= pages) return page - 1;
  throw new Failure(`--page ${page}: the file has ${pages === 1 ? "one page" : `${pages} pages`}`);
}

/**
 * Reads a picture that goes with another, such as a mask.
 *
 * @param file The picture's file; `-` for standard input.
 * @param pictures What it goes with.
 * @returns The page of the same number if there are as many, else the first, and what is to be said of it.
 * @throws {FileError} If it cannot be read.
 */
export async function readCompanion(
  file: string,
  { place = { page: 0, pages: 1 } }: Partial<Pictures> = {},
): Promise<PicturePage> {
  return await pageLike(file, place);
}

/**
 * What is said of a restored picture.
 *
 * @param image The restored picture.
 * @param pictures What it was made from.
 * @returns What the file said, true of a larger picture too.
 */
export function metadataOf(
  image: Image,
  { picture, metadata = {} }: Pictures,
): PictureMetadata {
  if (image.height === picture.height && image.width === picture.width) return metadata;
  // An experiment may have cut a few rows off.
  return enlargedMetadata(metadata, image, Math.max(1, Math.round(image.height / picture.height)));
}

/**
 * Refuses a picture that cannot be compared with another.
 *
 * @param picture The picture.
 * @param other The other.
 * @param names What they are called. @default {["the restored picture", "the reference"]}
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
 * Refuses a picture of another size.
 *
 * @param picture The picture.
 * @param other The other.
 * @param names What they are called.
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
