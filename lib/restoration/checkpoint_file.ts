// The file format of a checkpoint. A damaged file is refused.
import { createHash } from "node:crypto";
import { deserialize, serialize } from "node:v8";

/**
 * A checkpoint from which a run cannot be resumed: it is truncated, damaged, not a checkpoint, or from another run.
 *
 * Its message is a single line for users. It names `resume` and the reason.
 *
 * @example The message is one line
 * ```ts
 * import assert from "node:assert/strict";
 * import { CheckpointError } from "./checkpoint_file.ts";
 *
 * const { message } = new CheckpointError("run.checkpoint", "it is damaged");
 * assert.equal(message, '`resume` cannot go on from "run.checkpoint": it is damaged');
 * ```
 */
export class CheckpointError extends RangeError {
  override readonly name = "CheckpointError";

  /**
   * Makes the error.
   *
   * @param file The checkpoint's path.
   * @param reason What is wrong with it.
   * @param options The error's `cause`.
   */
  constructor(file: string, reason: string, options?: ErrorOptions) {
    const message = `\`resume\` cannot go on from "${file}": ${reason}`;
    super(message.replaceAll(/\s*[\r\n]+\s*/g, " "), options);
  }
}

/** The version of the format, one byte. */
const FORMAT = 3;

/**
 * The first bytes of the file. As in PNG, they are a byte that does not occur in text, a name, the version, and line
 * ends that a transfer in text mode would change.
 */
const MAGIC = Uint8Array.of(0x93, ...new TextEncoder().encode("DIPCKPT"), FORMAT, 0x0d, 0x0a, 0x1a);
const FORMAT_AT = 8;

/**
 * After the magic bytes follow: the file's length (8 bytes, little endian), the data as serialized by V8, and the
 * SHA-256 of all bytes before it.
 */
const DATA_AT = MAGIC.length + 8;
const DIGEST_LENGTH = 32;

const digestOf = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

const areEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

/**
 * Encodes plain data as the bytes of a checkpoint's file.
 *
 * @param data Anything that can be cloned; a typed array that occurs twice is written once.
 * @returns The file's bytes.
 * @throws {Error} If the data holds something that cannot be cloned, such as a function.
 */
export function encodeCheckpoint(data: unknown): Uint8Array<ArrayBuffer> {
  const packed = serialize(data);
  const bytes = new Uint8Array(DATA_AT + packed.length + DIGEST_LENGTH);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setBigUint64(MAGIC.length, BigInt(bytes.length), true);
  bytes.set(packed, DATA_AT);
  const end = bytes.length - DIGEST_LENGTH;
  bytes.set(digestOf(bytes.subarray(0, end)), end);
  return bytes;
}

/**
 * Decodes a checkpoint's file.
 *
 * @param bytes The file's bytes.
 * @param file The file's path, for the error.
 * @returns The data.
 * @throws {CheckpointError} If the file is not a checkpoint, has another format, is truncated or damaged.
 */
export function decodeCheckpoint(bytes: Uint8Array, file: string): unknown {
  const format = bytes[FORMAT_AT];
  if (!MAGIC.every((byte, i) => bytes[i] === byte || i === FORMAT_AT) || format === undefined) {
    throw new CheckpointError(file, "it is not a checkpoint");
  }
  if (format !== FORMAT) {
    throw new CheckpointError(file, `its format is ${format}, this version reads ${FORMAT}`);
  }
  const { buffer, byteOffset, length } = bytes;
  const end = length - DIGEST_LENGTH;
  if (
    end < DATA_AT ||
    new DataView(buffer, byteOffset).getBigUint64(MAGIC.length, true) !== BigInt(length)
  ) {
    throw new CheckpointError(file, "it is cut short or damaged");
  }
  if (!areEqual(digestOf(bytes.subarray(0, end)), bytes.subarray(end))) {
    throw new CheckpointError(file, "it is damaged");
  }
  return deserialize(bytes.subarray(DATA_AT, end));
}
