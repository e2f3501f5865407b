// compile(step): traces a tfjs training step once and runs it natively in a worker.
import { availableMemory } from "./available_memory.ts";
import { MemoryError } from "./errors.ts";
import type { Lowered } from "./lower.ts";
import { inputName, lower, outputName } from "./lower.ts";
import { pack, unpack } from "./layout.ts";
import type { ConvolutionPath } from "./convolutions.ts";
import { KERNELS } from "./kernels.ts";
import { estimateGraphMemory } from "./memory.ts";
import { encodeModel } from "./onnx.ts";
import { tf } from "./tfjs.ts";
import { sizeOf } from "./graph.ts";
import { type StepFunction, type Trace, trace } from "./trace.ts";
import { WorkerSession } from "./worker_session.ts";

/** Options of {@linkcode compile}. */
export interface CompileOptions<Inputs extends string = string> {
  /** The shape of each input of the step; `[]` is a number. */
  inputs: Readonly<Record<Inputs, readonly number[]>>;
  /** Threads that an operator may use. @default {navigator.hardwareConcurrency} */
  threads?: number;
  /**
   * How 3x3 convolutions are computed; `auto` takes the fastest path whose estimated memory fits.
   * @default {"auto"}
   */
  convolutions?: ConvolutionPath | "auto";
  /** Bytes that the run may take. @default {{@linkcode availableMemory}} */
  memoryLimit?: number;
  /**
   * ONNX Runtime's execution provider: `cpu`, or `webgpu`, `cuda`, `coreml` if the machine has it.
   * @default {"cpu"}
   */
  device?: string;
}

/** The value of an input: a number for a scalar, else an array in row-major order. */
export type Feed = number | Float32Array;

/** A step that runs natively. It holds the values of the step's variables until {@linkcode CompiledStep.sync}. */
export interface CompiledStep<Inputs extends string = string> {
  /** Estimated resident memory of a run, in bytes. */
  readonly memory: number;
  /** How 3x3 convolutions are computed. */
  readonly convolutions: ConvolutionPath;
  /** Milliseconds that tracing, lowering and opening the native session took. */
  readonly compileMilliseconds: number;
  /** The tfjs variables that the step reads or assigns. */
  readonly variables: readonly tf.Variable[];
  /**
   * Runs the step once.
   *
   * @param inputs The value of each input; one left out keeps its previous value.
   * @param outputs The outputs to return. @default {all}
   * @returns Each output, row-major, and the milliseconds the native run took.
   * @throws {TypeError} If an input is unknown, missing at the first run, or of the wrong size.
   */
  run(
    inputs: Partial<Record<Inputs, Feed>>,
    outputs?: readonly string[],
  ): Promise<{ outputs: Record<string, Float32Array>; milliseconds: number }>;
  /** Copies the current values of the variables that the step assigns back into the tfjs variables. */
  sync(): Promise<void>;
  /**
   * Reads the variables that the step assigns, and does not change the tfjs variables.
   *
   * @param kept Whether to read the stored values.
   * @default {false, the current values}
   * @returns Each variable's values, row-major.
   * @throws {Error} If stored values are asked for, and none have been stored.
   */
  read(kept?: boolean): Promise<Map<tf.Variable, Float32Array>>;
  /** Replaces the native variables' values by those of the tfjs variables. */
  load(): Promise<void>;
  /** Stores the current values of the variables; takes no time. */
  keep(): Promise<void>;
  /**
   * Returns to the stored values of the variables.
   *
   * @throws {Error} If none have been stored. To store the first state, call {@linkcode CompiledStep.keep} before the
   * first run.
   */
  restore(): Promise<void>;
  /**
   * Ends the worker and frees all its memory. A run in progress is rejected.
   *
   * @returns Resolves when that run has ended and the memory is free; it need not be awaited.
   */
  dispose(): Promise<void>;
}

/** The names of the tfjs kernels that a compiled step may use. */
export function supportedKernels(): string[] {
  return Object.keys(KERNELS).sort();
}

const PATHS: readonly ConvolutionPath[] = ["winograd", "direct"];

/** The block size of most processors. The memory estimate does not depend on it. */
const LIKELY_BLOCK = 16;

/** Channels in a block of the runtime's blocked convolutions, once it has been measured. */
let knownBlock: number | undefined;

async function blockOf(session: WorkerSession): Promise<number> {
  return knownBlock ??= (await session.ask({ kind: "probe" }, "probed")).block;
}

/** A lowered step. */
interface Opened {
  readonly traced: Trace;
  readonly lowered: Lowered;
  readonly path: ConvolutionPath;
  readonly memory: number;
}

/** Lowers by the first path whose estimated memory fits, or by the last path if none does. */
function lowerWithin(
  traced: Trace,
  paths: readonly ConvolutionPath[],
  limit: number,
  block: number,
): Opened {
  let result: Opened | undefined;
  for (const path of paths) {
    const lowered = lower(traced, path, block);
    result = { traced, lowered, path, memory: estimateGraphMemory(lowered.graph) };
    if (result.memory <= limit) break;
  }
  return result!;
}

/** Traces and lowers a step and opens its session. */
async function open<Inputs extends string>(
  session: WorkerSession,
  step: StepFunction,
  options: CompileOptions<Inputs>,
): Promise<Opened> {
  const {
    inputs,
    threads = navigator.hardwareConcurrency,
    convolutions = "auto",
    device = "cpu",
    memoryLimit: limit = availableMemory(),
  } = options;
  const traced = trace(step, inputs);
  const initial = new Map(
    traced.variables.map(({ variable }) => [variable, variable.dataSync<"float32">()]),
  );
  const block = device === "cpu" ? await blockOf(session) : 0;
  const paths = convolutions === "auto" ? PATHS : [convolutions];
  const opened = lowerWithin(traced, paths, limit, block);
  if (opened.memory > limit) {
    const [needed, there] = [opened.memory, limit].map((bytes) => (bytes / 1e9).toFixed(1));
    throw new MemoryError(`the step needs ${needed} GB of memory; there are ${there} GB`);
  }
  const { graph, states } = opened.lowered;
  const values = stateValues(opened.lowered, (variable) => initial.get(variable)!);
  await session.ask({
    kind: "open",
    model: encodeModel(graph),
    states: states.map((state, i) => ({ ...state, values: values[i]! })),
    options: { threads, device },
  }, "done");
  return opened;
}

/** The values of a lowered step's states, computed from those of its variables. */
function stateValues(
  { variables, states }: Lowered,
  valuesOf: (variable: tf.Variable) => Float32Array,
): Float32Array[] {
  const values = states.map(({ shape }) => new Float32Array(sizeOf(shape)));
  for (const { traced: { variable }, layout, state, offset } of variables) {
    values[state]!.set(pack(valuesOf(variable), variable.shape, layout), offset);
  }
  return values;
}

/**
 * Estimates the memory of a step without opening it.
 *
 * @param step The step.
 * @param inputs The shape of each of its inputs.
 * @returns The resident memory of a run, in bytes, with all convolutions computed directly.
 * @throws {UnsupportedKernelError} As {@linkcode compile}.
 * @throws {TraceError} As {@linkcode compile}.
 */
export function estimateMemory(
  step: StepFunction,
  inputs: Readonly<Record<string, readonly number[]>>,
): number {
  return estimateGraphMemory(
    lower(trace(step, inputs), "direct", knownBlock ?? LIKELY_BLOCK).graph,
  );
}

function shipped(name: string, feed: Feed, shape: readonly number[]) {
  const values = typeof feed === "number" ? Float32Array.of(feed) : feed;
  if (values.length !== sizeOf(shape)) {
    throw new TypeError(
      `\`${name}\` has ${values.length} values; its shape [${shape}] takes ${sizeOf(shape)}`,
    );
  }
  return { values, shape };
}

/**
 * Compiles a tfjs step: forward pass, gradients and update become one native graph.
 *
 * The step is traced (see {@linkcode trace}) and must do the same each time. So what changes from run to run, such as
 * noise, the learning rate or a counter, is an input, and what is kept from run to run is a `tf.Variable`. The
 * compiled step holds the variables' values; {@linkcode CompiledStep.sync} copies them back.
 *
 * @param step A function from inputs to named outputs; it may assign variables.
 * @param options Shapes of the inputs, threads, memory.
 * @returns The compiled step.
 * @throws {UnsupportedKernelError} If a tfjs kernel of the step has no lowering.
 * @throws {TraceError} If the step reads a tensor's value, or is not the same each time it is traced.
 * @throws {MemoryError} If it needs more memory than it may take.
 *
 * @example Fit a line by gradient descent
 * ```ts
 * import { compile, tf } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const slope = tf.variable(tf.scalar(0));
 * const step = await compile(({ x, rate }) => {
 *   const { value, grads } = tf.variableGrads(() => slope.mul(x!).sub(x!.mul(3)).square().mean());
 *   slope.assign(slope.sub(grads[slope.name]!.mul(rate!)));
 *   return { loss: value };
 * }, { inputs: { x: [4], rate: [] } });
 *
 * for (let i = 0; i < 50; i++) await step.run({ x: Float32Array.of(-1, 0, 1, 2), rate: 0.1 });
 * await step.sync();
 * assert.ok(Math.abs(slope.dataSync()[0]! - 3) < 1e-4);
 * step.dispose();
 * ```
 */
export async function compile<Inputs extends string>(
  step: StepFunction,
  options: CompileOptions<Inputs>,
): Promise<CompiledStep<Inputs>> {
  const start = performance.now();
  // The worker loads the runtime while the step is traced here.
  const session = new WorkerSession();
  let opened: Opened;
  try {
    opened = await open(session, step, options);
  } catch (error) {
    await session.close(error as Error);
    throw error;
  }
  const { inputs } = options, { traced, path, memory, lowered } = opened;
  const { graph, variables } = lowered;
  const given = new Set<string>();
  const feedable = new Set(graph.inputs.map(({ name }) => name));
  const read = async (kept: boolean) => {
    const { values } = await session.ask({ kind: "read", kept }, "states");
    return new Map(variables.flatMap(({ traced: { variable }, layout, state, offset }) => {
      const all = values[state];
      if (!all) return [];
      const own = all.subarray(offset, offset + variable.size);
      return [[variable, unpack(own, variable.shape, layout)] as const];
    }));
  };

  return {
    memory,
    convolutions: path,
    compileMilliseconds: performance.now() - start,
    variables: variables.map(({ traced: { variable } }) => variable),
    async run(feeds, outputs = Object.keys(traced.outputs)) {
      const ready: Record<string, { values: Float32Array; shape: readonly number[] }> = {};
      for (const [name, feed] of Object.entries(feeds) as [Inputs, Feed][]) {
        if (!inputs[name]) throw new TypeError(`\`${name}\` is not an input of the step`);
        const value = shipped(name, feed, inputs[name]);
        if (feedable.has(inputName(name))) ready[inputName(name)] = value;
      }
      const missing = Object.keys(inputs).find((name) => !given.has(name) && !(name in feeds));
      if (missing) throw new TypeError(`\`${missing}\` has not been given`);
      const unknown = outputs.find((name) => !(name in traced.outputs));
      if (unknown) throw new TypeError(`\`${unknown}\` is not an output of the step`);
      for (const name of Object.keys(feeds)) given.add(name);
      const reply = await session.ask(
        { kind: "run", feeds: ready, fetches: outputs.map(outputName) },
        "ran",
      );
      return {
        outputs: Object.fromEntries(
          outputs.map((name) => [name, reply.outputs[outputName(name)]!]),
        ),
        milliseconds: reply.milliseconds,
      };
    },
    async sync() {
      for (const [variable, values] of await read(false)) {
        tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
      }
    },
    read: (kept = false) => read(kept),
    async load() {
      const values = stateValues(lowered, (variable) => variable.dataSync<"float32">());
      await session.ask({ kind: "write", values }, "done");
    },
    async keep() {
      await session.ask({ kind: "keep" }, "done");
    },
    async restore() {
      await session.ask({ kind: "restore" }, "done");
    },
    dispose: () => session.close(new Error("the compiled step was disposed")),
  };
}
