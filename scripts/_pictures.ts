// The pictures of a command: what is given, and what can be compared with it.
import { type Image, readImage } from "../lib/image/mod.ts";
import { Failure } from "./_failure.ts";

/** What a command was given, as it was read. */
export interface Pictures {
  /** The picture's file. */
  readonly file: string;
  readonly picture: Image;
  /** The clean picture, if the command line names one. */
  readonly reference: Image | undefined;
}

/**
 * Reads the pictures that a command line names.
 *
 * @param file The picture's file.
 * @param reference The reference's file, if there is one.
 * @returns The pictures.
 * @throws {ImageError} If one cannot be read.
 */
export async function readPictures(file: string, reference?: string): Promise<Pictures> {
  return {
    file,
    picture: await readImage(file),
    reference: reference === undefined ? undefined : await readImage(reference),
  };
}

/**
 * Refuses a picture that cannot be compared with another.
 *
 * @param picture The picture.
 * @param other The other.
 * @param names What they are called. @default {["the restored picture", "the reference"]}
 * @throws {Failure} If their sizes or channels differ.
 */
export function refuseUnlike(
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
