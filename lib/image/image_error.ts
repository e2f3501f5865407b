// The error of a picture's file: one line that a user can act on.

/**
 * A picture's file that cannot be read or written.
 *
 * Its message is always a single line, fit to be shown to a user as it is. What the system or the
 * decoder said is in `cause`.
 *
 * @example The message is one line
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const error = new ImageError('cannot read "a.png":\n  the picture is damaged or cut short');
 * assert.equal(error.message, 'cannot read "a.png": the picture is damaged or cut short');
 * ```
 */
export class ImageError extends Error {
  /** The name that a printed error begins with. */
  override name = "ImageError";

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
