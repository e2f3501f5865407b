// The identity of a run, for its checkpoints: the problem, every setting that changes the result, and the program.
import { createHash, type Hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Degradation } from "../degradation/mod.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import { softwareVersions } from "./record.ts";

/** The identity as plain data; pictures and other arrays are digested. */
export interface Identity {
  /** Digest of all data of the problem. */
  readonly problem: string;
  /** Digest of the clean picture, which changes the record. */
  readonly reference: string | null;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** Feeds data to a digest: keys in order, arrays as bytes. Functions are left out. */
function feed(hash: Hash, value: unknown): void {
  if (ArrayBuffer.isView(value)) {
    hash.update(`${value.constructor.name} ${value.byteLength}\n`);
    hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  } else if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
      .filter(([, field]) => field !== undefined && typeof field !== "function")
      .sort(([a], [b]) => a < b ? -1 : 1);
    hash.update(`{${entries.length}\n`);
    for (const [key, field] of entries) {
      hash.update(`${JSON.stringify(key)}:`);
      feed(hash, field);
    }
  } else {
    hash.update(`${typeof value} ${JSON.stringify(value)}\n`);
  }
}

/**
 * The SHA-256 of plain data, pictures and other typed arrays in it.
 *
 * @param data The data; functions in it are passed over.
 * @returns 64 hexadecimal digits.
 *
 * @example One sample makes another picture
 * ```ts
 * import { digest } from "./identity.ts";
 * import assert from "node:assert/strict";
 *
 * const picture = (sample: number) => ({ width: 1, data: Float32Array.of(sample) });
 * assert.equal(digest(picture(0.5)), digest(picture(0.5)));
 * assert.notEqual(digest(picture(0.5)), digest(picture(0.25)));
 * ```
 */
export function digest(data: unknown): string {
  const hash = createHash("sha256");
  feed(hash, data);
  return hash.digest("hex");
}

/**
 * The identity of a run, so that a checkpoint is used for the same run only. All settings count, also new ones,
 * except `signal`, `memoryLimit` and `checkpoint`.
 *
 * @param problem The problem: all its data fields count; what its functions enclose is not seen.
 * @param settings All options of the run.
 * @returns The identity.
 */
export function identityOf(problem: Degradation, settings: ResolvedOptions): Identity {
  const {
    signal: _signal,
    memoryLimit: _memoryLimit,
    checkpoint: _checkpoint,
    // The noise is estimated from the picture unless `noiseSigma`, which counts, or a model is given.
    noise: { given },
    network: { name, settings: options, multiple, minimum },
    objective,
    stop,
    reference,
    ...others
  } = settings;
  return {
    problem: digest(problem),
    reference: reference ? digest(reference) : null,
    // Settings on which other defaults depend come first, so that a message names the cause.
    settings: JSON.parse(JSON.stringify({
      objective,
      network: { name, ...options, multiple, minimum },
      stop: stop.map(({ name, settings }) => ({ name, ...settings })),
      ...given && { noise: given },
      ...others,
    })),
    versions: { ...softwareVersions(), target: Deno.build.target },
  };
}

const shown = (value: unknown): string => value === undefined ? "none" : JSON.stringify(value);

/**
 * Describes the first difference between two runs.
 *
 * @param other The identity in a checkpoint.
 * @param own The identity of this run.
 * @returns The difference, or undefined if the runs are the same.
 */
export function difference(other: Identity, own: Identity): string | undefined {
  const firstOf = (a: Readonly<Record<string, unknown>>, b: typeof a): string | undefined =>
    [...new Set([...Object.keys(b), ...Object.keys(a)])]
      .find((key) => !isDeepStrictEqual(a[key], b[key]));
  const part = firstOf(other.versions, own.versions);
  if (part) {
    return `it was made by ${part} ${other.versions[part]}, this is ${own.versions[part]}`;
  }
  if (other.problem !== own.problem) return "it is of another picture or task";
  if (other.reference !== own.reference) return "it is of a run with another reference";
  const name = firstOf(other.settings, own.settings);
  if (!name) return undefined;
  const values = [other.settings[name], own.settings[name]];
  if (values.some((value) => typeof value === "object" && value !== null)) {
    return `it is of a run with another \`${name}\``;
  }
  const [was, is] = values.map(shown);
  return `it is of a run with \`${name}\` ${was}, not ${is}`;
}
