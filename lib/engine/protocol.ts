// The messages between the caller's thread and the worker that runs a compiled step.

/** A tensor in a message: row-major values in the stored layout. */
export interface Shipped {
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** A tensor that the worker keeps from run to run: one variable of the step, or several joined. */
export interface WorkerState {
  /** Name of the graph's input, if the step reads it. */
  readonly input: string | undefined;
  /** Name of the graph's output, if the step assigns it. */
  readonly output: string | undefined;
}

/** Options of the native session. */
export interface SessionOptions {
  /** Threads that an operator may use. */
  readonly threads: number;
  /** Execution provider of ONNX Runtime. */
  readonly device: string;
}

/** A request; each is answered by one {@linkcode Reply}, in order. */
export type Request =
  /** Asks for the block size of the runtime; needs no session. */
  | { readonly kind: "probe" }
  | {
    readonly kind: "open";
    readonly model: Uint8Array;
    readonly states: readonly (WorkerState & Shipped)[];
    readonly options: SessionOptions;
  }
  | {
    readonly kind: "run";
    readonly feeds: Readonly<Record<string, Shipped>>;
    readonly fetches: readonly string[];
  }
  /** Asks for the current or the stored values of the states that the step assigns. */
  | { readonly kind: "read"; readonly kept: boolean }
  | { readonly kind: "write"; readonly values: readonly Float32Array[] }
  | { readonly kind: "keep" }
  | { readonly kind: "restore" }
  /** The last request: frees the session. */
  | { readonly kind: "end" };

/** The answer to a request. */
export type Reply =
  | { readonly kind: "done" }
  /** Channels in a block of the runtime's blocked convolutions; 0 if it has none. */
  | { readonly kind: "probed"; readonly block: number }
  | {
    readonly kind: "ran";
    readonly outputs: Readonly<Record<string, Float32Array>>;
    readonly milliseconds: number;
  }
  | { readonly kind: "states"; readonly values: readonly (Float32Array | undefined)[] }
  | { readonly kind: "failed"; readonly message: string };
