// Runs a tfjs step on a backend that computes nothing and records everything: the trace.
import { TraceError, UnsupportedKernelError } from "./errors.ts";
import { type DType, Graph, sizeOf, type Value } from "./graph.ts";
import { KERNELS } from "./kernels.ts";
import { tf } from "./tfjs.ts";

/** A step: reads its inputs and any tf.Variables, may assign variables, returns named tensors. */
export type StepFunction = (
  inputs: Readonly<Record<string, tf.Tensor>>,
) => Record<string, tf.Tensor>;

/** A variable of a traced step. */
export interface TracedVariable {
  readonly variable: tf.Variable;
  /** Its value when a run begins, and when it ends. */
  readonly before: Value;
  readonly after: Value;
  /** Its value now, row-major. */
  readonly initial: Float32Array;
}

/** A recorded step. */
export interface Trace {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly variables: readonly TracedVariable[];
  readonly outputs: Readonly<Record<string, Value>>;
}

const BACKEND = "trace";

/** A tfjs backend whose tensors are values of a graph. */
class TraceBackend extends tf.KernelBackend {
  graph = new Graph();
  readonly #references = new Map<object, number>();
  readonly #moved = new Set<object>();
  readonly #values = new tf.DataStorage<Value>(
    this as unknown as tf.KernelBackend,
    tf.engine() as unknown as ConstructorParameters<typeof tf.DataStorage>[1],
  );

  lookUp({ dataId }: { dataId: object }): Value {
    return this.#values.get(dataId);
  }

  /** What tfjs's engine takes for the result of a kernel. */
  info(value: Value): tf.TensorInfo {
    const dataId = {};
    this.#store(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  tensor(value: Value): tf.Tensor {
    const { dataId, shape, dtype } = this.info(value);
    return tf.engine().makeTensorFromDataId(dataId, shape, dtype, this);
  }

  /** Gives the tensors that were moved here back to the backend they are computed on. */
  release(to: tf.KernelBackend): void {
    for (const dataId of this.#moved) {
      if (this.#references.has(dataId)) tf.engine().moveData(to, dataId);
    }
    this.#moved.clear();
    this.graph = new Graph();
  }

  #store(dataId: object, value: Value): void {
    this.#values.set(dataId, value);
    this.#references.set(dataId, 1);
  }

  override write(
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
  ): object {
    const dataId = {};
    this.#store(dataId, this.graph.constant(numeric(values, dtype), shape, dtype as DType));
    return dataId;
  }

  override move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    this.#store(dataId, this.graph.constant(numeric(values, dtype), shape, dtype as DType));
    this.#references.set(dataId, references);
    this.#moved.add(dataId);
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const { shape, dtype, source } = this.#values.get(dataId);
    const values =
      new (dtype === "float32" ? Float32Array : dtype === "int32" ? Int32Array : Uint8Array)(
        sizeOf(shape),
      );
    if (source.kind === "splat") return values.fill(source.value);
    if (source.kind === "constant") {
      values.set(source.values);
      return values;
    }
    throw new TraceError(
      `the step reads a value that is only known when it runs (a ${dtype} tensor of shape ` +
        `[${shape}]): a compiled step is a fixed graph, so return the tensor as an output, and ` +
        `replace branches on values by tf.where`,
    );
  }

  // deno-lint-ignore require-await -- rejects, rather than throws, as tfjs expects
  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId);
  }

  override incRef(dataId: object): void {
    this.#references.set(dataId, this.refCount(dataId) + 1);
  }

  override refCount(dataId: object): number {
    return this.#references.get(dataId) ?? 0;
  }

  override disposeData(dataId: object, force = false): boolean {
    const left = this.refCount(dataId) - 1;
    this.#references.set(dataId, left);
    if (left > 0 && !force) return false;
    this.#references.delete(dataId);
    this.#values.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.#values.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override timerAvailable(): boolean {
    return false;
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }
}

function numeric(values: tf.backend_util.BackendValues, dtype: tf.DataType): ArrayLike<number> {
  if (dtype === "string" || dtype === "complex64") {
    throw new UnsupportedKernelError("Const", `of type ${dtype} has no lowering`);
  }
  return values as Float32Array;
}

function registerKernels(): void {
  const names = new Set([
    ...Object.keys(KERNELS),
    ...tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName),
  ]);
  for (const kernelName of names) {
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const record = KERNELS[kernelName];
        if (!record) throw new UnsupportedKernelError(kernelName);
        const trace = backend as TraceBackend;
        const values: Record<string, Value> = {};
        for (const [name, info] of Object.entries(inputs)) {
          if (info) values[name] = trace.lookUp(info);
        }
        const result = record(trace.graph, values, attrs ?? {});
        return Array.isArray(result)
          ? result.map((value) => trace.info(value))
          : trace.info(result as Value);
      },
    });
  }
}

tf.registerBackend(BACKEND, () => new TraceBackend() as unknown as tf.KernelBackend, 0);
registerKernels();

/** tfjs's engine, as far as tracing has to look into it. */
interface Engine {
  registeredVariables: Record<string, tf.Variable>;
  makeVariable(initial: tf.Tensor, ...rest: unknown[]): tf.Variable;
}

const engine = tf.engine() as unknown as Engine;

/** Runs `body`, telling `created` of each variable it makes, with the initial value. */
function watchingVariables<T>(
  created: (variable: tf.Variable, initial: tf.Tensor) => void,
  body: () => T,
): T {
  const make = engine.makeVariable;
  engine.makeVariable = function (initial, ...rest) {
    const variable = make.call(this, initial, ...rest);
    created(variable, initial);
    return variable;
  };
  try {
    return body();
  } finally {
    engine.makeVariable = make;
  }
}

function record(
  backend: TraceBackend,
  step: StepFunction,
  shapes: Readonly<Record<string, readonly number[]>>,
  states: ReadonlyMap<tf.Variable, Float32Array>,
): Trace {
  backend.graph = new Graph();
  const { graph } = backend;
  const inputs: Record<string, Value> = {}, outputs: Record<string, Value> = {};
  const variables: TracedVariable[] = [];
  tf.tidy(() => {
    const given: Record<string, tf.Tensor> = {};
    for (const [name, shape] of Object.entries(shapes)) {
      inputs[name] = graph.input(name, shape);
      given[name] = backend.tensor(inputs[name]);
    }
    const before = new Map<tf.Variable, Value>();
    for (const variable of states.keys()) {
      const leaf = graph.variable(variable.name, variable.shape, variable.dtype as DType);
      before.set(variable, leaf);
      variable.assign(backend.tensor(leaf));
    }
    for (const [name, tensor] of Object.entries(step(given))) {
      outputs[name] = backend.lookUp(tensor);
    }
    for (const [variable, initial] of states) {
      const after = backend.lookUp(variable);
      variables.push({ variable, initial, before: before.get(variable)!, after });
    }
  });
  return { graph, inputs, variables, outputs };
}

function sameConstants(a: Graph, b: Graph): boolean {
  return a.constants.length === b.constants.length && a.constants.every(({ source: x }, i) => {
    const y = b.constants[i]!.source;
    if (x.kind === "splat") return y.kind === "splat" && Object.is(x.value, y.value);
    if (x.kind !== "constant" || y.kind !== "constant") return false;
    return x.values === y.values ||
      Array.prototype.every.call(x.values, (v, k) => Object.is(v, y.values[k]));
  });
}

/**
 * Records a step without computing it.
 *
 * The step is run three times: once to find the variables it makes (an optimiser's moments), once
 * to be recorded, once to see that it records the same again. Variables keep their values.
 *
 * @param step The step.
 * @param inputs The shape of each input.
 * @returns The recorded step.
 * @throws {UnsupportedKernelError} If a tfjs kernel of the step has no lowering.
 * @throws {TraceError} If the step reads a traced value, or is not the same each time.
 */
export function trace(
  step: StepFunction,
  inputs: Readonly<Record<string, readonly number[]>>,
): Trace {
  const previous = tf.getBackend();
  const states = new Map<tf.Variable, Float32Array>();
  for (const variable of Object.values(engine.registeredVariables)) {
    if (variable.dtype === "float32") states.set(variable, variable.dataSync<"float32">().slice());
  }
  const home = tf.backend();
  tf.setBackend(BACKEND);
  const backend = tf.backend() as unknown as TraceBackend;
  try {
    watchingVariables(
      (variable, initial) => states.set(variable, initial.dataSync<"float32">().slice()),
      () => record(backend, step, inputs, new Map(states)),
    );
    const first = record(backend, step, inputs, states);
    const second = record(backend, step, inputs, states);
    if (
      first.graph.nodes.length !== second.graph.nodes.length ||
      !sameConstants(first.graph, second.graph)
    ) {
      throw new TraceError(
        "the step is not the same each time it is traced (does it draw random numbers, or count?): " +
          "what changes from run to run must be an input",
      );
    }
    return first;
  } finally {
    tf.setBackend(previous);
    tf.tidy(() => {
      for (const [variable, values] of states) {
        if (!variable.isDisposed) variable.assign(tf.tensor(values, variable.shape));
      }
    });
    backend.release(home);
  }
}
