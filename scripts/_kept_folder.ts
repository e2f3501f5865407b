// A folder of results for one set of settings, so that a command that is repeated can continue.
import { join } from "node:path";
import { writeFileAtomic } from "../lib/files/mod.ts";
import { RECORD_VERSION, type RunRecord } from "../lib/restoration/mod.ts";
import { Failure } from "./_failure.ts";

/** The identity of a folder's results. */
export interface FolderContents {
  readonly settings: object;
  readonly [input: string]: unknown;
}

/** Encodes a value as the bytes of a JSON file. */
export const jsonBytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value)}\n`);

/** The SHA-256 of bytes, as hexadecimal digits. */
export async function sha256(bytes: Uint8Array | Float32Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(digest).toHex();
}

/** The system's message without its error number. */
export const reasonOf = (error: Error): string => error.message.replace(/ \(os error.*/, "");

/**
 * Reads a source file of a study.
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
 * Creates a folder, or checks that it belongs to these settings, so that results of others are not mixed in.
 *
 * @param folder The folder.
 * @param name The file in it that states its contents.
 * @param about The contents.
 * @param other A description of a refused folder, for the message.
 * @throws {Failure} If it has other contents, or cannot be created.
 * @throws {FileError} If it is not writable.
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
    // The order of the options does not matter.
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
 * Reads the result of an earlier run.
 *
 * @param file The file.
 * @returns The result; undefined if there is none, or it is not usable.
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
