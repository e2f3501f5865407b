// The error of a file that cannot be read or written, with a message of one line.

/**
 * A file that cannot be read or written, or a picture's file that cannot be decoded.
 *
 * The message is a single line for users. The error of the system or the decoder is the `cause`.
 *
 * @example The message is one line
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const error = new FileError('cannot read "a.png":\n  the picture is damaged or cut short');
 * assert.equal(error.message, 'cannot read "a.png": the picture is damaged or cut short');
 * ```
 */
export class FileError extends Error {
  /** The name that a printed error begins with. */
  override name = "FileError";

  /**
   * Makes the error.
   *
   * @param message What is wrong; its line breaks become spaces.
   * @param options The error's `cause`.
   */
  constructor(message: string, options?: ErrorOptions) {
    super(message.trim().replaceAll(/\s*[\r\n]+\s*/g, " "), options);
  }
}

const REASONS: Record<string, string> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is not a folder",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
};

/** Why a file operation failed, in a few plain words. */
export function systemReason(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return "permission denied";
  const { code, message } = error as { code?: string; message?: string };
  return REASONS[code ?? ""] ?? message?.replace(/ \(os error \d+\).*/, "") ?? String(error);
}
