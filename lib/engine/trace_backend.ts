// A tfjs backend that computes nothing but records each kernel call in a graph.
import { TraceError, UnsupportedKernelError } from "./errors.ts";
import { type DType, Graph, sizeOf, type Value } from "./graph.ts";
import { KERNELS } from "./kernels.ts";
import { tf } from "./tfjs.ts";

/** The name of the backend. */
export const BACKEND = "trace";

/** A tfjs backend whose tensors are values of a graph. */
export class TraceBackend extends tf.KernelBackend {
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

  /** The result of a kernel, in the form that tfjs's engine needs. */
  info(value: Value): tf.TensorInfo {
    const dataId = {};
    this.#store(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.dtype };
  }

  tensor(value: Value): tf.Tensor {
    const { dataId, shape, dtype } = this.info(value);
    return tf.engine().makeTensorFromDataId(dataId, shape, dtype, this);
  }

  /** Returns the tensors that were moved here to the backend that computes them. */
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
    // Copy the array, because the step may reuse it.
    const own = Array.prototype.slice.call(numeric(values, dtype));
    this.#store(dataId, this.graph.constant(own, shape, dtype as DType));
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
