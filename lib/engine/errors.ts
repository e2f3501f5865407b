// The errors that the engine raises, each saying what to do.

/** A tfjs kernel of the step has no lowering. */
export class UnsupportedKernelError extends Error {
  override readonly name = "UnsupportedKernelError";
  /** @param kernel The tfjs kernel's name. @param detail What about it is not supported, if not all of it. */
  constructor(readonly kernel: string, detail?: string) {
    super(
      `tfjs kernel '${kernel}' ${detail ?? "has no lowering"}: express it with supported kernels ` +
        `(supportedKernels() lists them), or run this step eagerly on tfjs's cpu backend`,
    );
  }
}

/** The step reads a value that is only known when it runs, or is otherwise not a fixed graph. */
export class TraceError extends Error {
  override readonly name = "TraceError";
}

/** A step needs more memory than there is. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}
