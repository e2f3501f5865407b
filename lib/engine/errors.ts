// The errors of the engine. Their messages say what to do.

/** A tfjs kernel of the step has no lowering. */
export class UnsupportedKernelError extends Error {
  override readonly name = "UnsupportedKernelError";
  /** @param kernel The tfjs kernel's name. @param detail The unsupported form, if others are supported. */
  constructor(readonly kernel: string, detail?: string) {
    super(
      `tfjs kernel '${kernel}' ${detail ?? "has no lowering"}: express it with supported kernels ` +
        `(supportedKernels() lists them), or run this step eagerly on tfjs's cpu backend`,
    );
  }
}

/** The step reads a value that is only known at run time, or is not a fixed graph for another reason. */
export class TraceError extends Error {
  override readonly name = "TraceError";
}

/** A step needs more memory than is available. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}
