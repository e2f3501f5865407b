// A folder that keeps results, so that the same command goes on: it belongs to one set of settings.
import { join } from "node:path";
import { writeFileAtomic } from "../lib/files/mod.ts";
import { RECORD_VERSION, type RunRecord } from "../lib/restoration/mod.ts";
import { Failure } from "./_failure.ts";

/** What a folder holds the results of. */
export interface FolderContents {
  readonly settings: object;
  readonly [input: string]: unknown;
}

/** A value as the bytes of a JSON file. */
export const jsonBytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/** The SHA-256 of bytes, as hexadecimal digits. */
export async function sha256(bytes: Uint8Array | Float32Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(digest).toHex();
}

/** The system's reason without its number, for a line. */
export const reasonOf = (error: Error): string => error.message.replace(/ \(os error.*/, "");

/**
 * Reads a file that a study is made from.
 *
 * @throws {Failure} If it cannot be read.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new Failure(`cannot read "${path}": ${reasonOf(error as Error)}`);
  }
}

/**
 * Makes a folder, or sees that it belongs to these settings: results of others must not be mixed in.
 *
 * @param folder The folder.
 * @param name The file in it that says what it holds.
 * @param about What that is.
 * @param other What a folder that is refused holds, in words.
 * @throws {Failure} If it holds something else, or cannot be made.
 * @throws {FileError} If it cannot be written to.
 */
export async function claimFolder(
  folder: string,
  name: string,
  { settings, ...inputs }: FolderContents,
  other: string,
): Promise<void> {
  const about = jsonBytes({
    record: RECORD_VERSION,
    ...inputs,
    // The order in which options are given does not matter.
    settings: Object.fromEntries(Object.entries(settings).sort(([a], [b]) => a < b ? -1 : 1)),
  });
  const file = join(folder, name);
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    throw new Failure(`cannot make the folder "${folder}": ${reasonOf(error as Error)}`);
  }
  const there = await Deno.readTextFile(file).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new Failure(`cannot read "${file}": ${reasonOf(error)}`);
  });
  if (there === undefined) return await writeFileAtomic(file, about);
  if (there === new TextDecoder().decode(about)) return;
  throw new Failure(`"${folder}" holds ${other}; choose another --output`);
}

/**
 * Reads what an earlier run has kept.
 *
 * @param file The file.
 * @returns What it holds; undefined if there is none, or none that can be used.
 */
export async function readKeptResult<T extends { readonly record: RunRecord }>(
  file: string,
): Promise<T | undefined> {
  try {
    const kept: T = JSON.parse(await Deno.readTextFile(file));
    return kept.record.version === RECORD_VERSION ? kept : undefined;
  } catch {
    return undefined;
  }
}
