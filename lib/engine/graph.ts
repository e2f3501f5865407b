// The intermediate form: values and nodes of one traced step, simplified while they are recorded.
import { tf } from "./tfjs.ts";

/** Element types of tfjs tensors that a step may hold. */
export type DType = "float32" | "int32" | "bool";

/** The origin of a value. */
export type Source =
  | { readonly kind: "constant"; readonly values: ArrayLike<number> }
  /** The same number everywhere. */
  | { readonly kind: "splat"; readonly value: number }
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "node"; readonly node: Node }
  /**
   * `of` repeated along axes by the rules of broadcasting; it takes memory only if an operator needs the full tensor.
   */
  | { readonly kind: "broadcast"; readonly of: Value };

/** A tensor of the step; only its shape and type are known. */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly source: Source;
}

/** Attributes of a node: plain data. */
export type Attributes = Readonly<Record<string, unknown>>;

/** One operator call. */
export interface Node {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attrs: Attributes;
  readonly outputs: readonly Value[];
}

/** The shape and type of a result. */
export interface Result {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** The number of elements in a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Whether two shapes are equal. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/**
 * A text that identifies plain data. JSON is not used, because it writes -0 as 0, and NaN and both infinities as
 * null.
 *
 * @param data Numbers, strings, booleans, null, undefined, and lists and objects of them.
 * @returns The text.
 * @throws {TypeError} If the data contains anything else.
 */
export function keyOf(data: unknown): string {
  switch (typeof data) {
    case "number":
      return Object.is(data, -0) ? "-0" : String(data);
    case "string":
      return JSON.stringify(data);
    case "boolean":
    case "undefined":
      return String(data);
    case "object": {
      if (data === null) return "null";
      if (Array.isArray(data)) return `[${data.map(keyOf)}]`;
      if (ArrayBuffer.isView(data)) {
        return data.constructor.name + keyOf(Array.from(data as unknown as Iterable<unknown>));
      }
      const entries = Object.entries(data).sort(([a], [b]) => a < b ? -1 : 1);
      return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${keyOf(value)}`)}}`;
    }
    default:
      throw new TypeError(`\`data\` must be plain: got a ${typeof data}`);
  }
}

/** The number that a value has everywhere, if that is known. */
export const splatOf = (value: Value): number | undefined =>
  value.source.kind === "splat" ? value.source.value : undefined;

/** Some values, and all values from which they are computed. */
export function ancestorsOf(values: readonly Value[]): Set<Value> {
  const reached = new Set<Value>(), open = [...values];
  for (let value = open.pop(); value; value = open.pop()) {
    if (reached.has(value)) continue;
    reached.add(value);
    if (value.source.kind === "node") open.push(...value.source.node.inputs);
    if (value.source.kind === "broadcast") open.push(value.source.of);
  }
  return reached;
}

const FOLDS: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
};

/** Values are numbered over all graphs, because a constant may be used in a later graph. */
let count = 0;

/**
 * Records a step. Equal operations are recorded once, arithmetic on known numbers is done at once, and broadcasts
 * stay small.
 */
export class Graph {
  readonly nodes: Node[] = [];
  readonly #known = new Map<string, readonly Value[]>();

  #value(shape: readonly number[], dtype: DType, source: Source): Value {
    return { id: count++, shape: [...shape], dtype, source };
  }

  /** A constant; a splat if all its numbers are equal. */
  constant(values: ArrayLike<number>, shape: readonly number[], dtype: DType): Value {
    const first = Number(values[0]);
    let equal = values.length > 0;
    for (let i = 1; equal && i < values.length; i++) equal = Object.is(values[i], values[0]);
    return equal
      ? this.splat(first, shape, dtype)
      : this.#value(shape, dtype, { kind: "constant", values });
  }

  /** The same number in any shape. */
  splat(value: number, shape: readonly number[], dtype: DType = "float32"): Value {
    return this.#value(shape, dtype, { kind: "splat", value });
  }

  /** A tensor that is given at every run. */
  input(name: string, shape: readonly number[]): Value {
    return this.#value(shape, "float32", { kind: "input", name });
  }

  /** A tensor that is kept from run to run. */
  variable(name: string, shape: readonly number[], dtype: DType): Value {
    return this.#value(shape, dtype, { kind: "variable", name });
  }

  /** Records an operator with any number of results. */
  node(
    op: string,
    inputs: readonly Value[],
    attrs: Attributes,
    results: Result[],
  ): readonly Value[] {
    // Two calls are equal only if all of this is equal: a slice's size, for example, is only in its result's shape.
    const key = keyOf([op, inputs.map(({ id }) => id), attrs, results]);
    const known = this.#known.get(key);
    if (known) return known;
    const node = { op, inputs, attrs, outputs: [] as Value[] };
    for (const { shape, dtype } of results) {
      node.outputs.push(this.#value(shape, dtype, { kind: "node", node }));
    }
    this.nodes.push(node);
    this.#known.set(key, node.outputs);
    return node.outputs;
  }

  /** Records an operator with one result. */
  op(
    op: string,
    inputs: readonly Value[],
    attrs: Attributes,
    shape: readonly number[],
    dtype: DType = "float32",
  ): Value {
    return this.node(op, inputs, attrs, [{ shape, dtype }])[0]!;
  }

  /** `value` repeated to `shape`. */
  broadcast(value: Value, shape: readonly number[]): Value {
    if (sameShape(value.shape, shape)) return value;
    const { source } = value;
    if (source.kind === "splat") return this.splat(source.value, shape, value.dtype);
    const of = source.kind === "broadcast" ? source.of : value;
    return this.#value(shape, value.dtype, { kind: "broadcast", of });
  }

  /**
   * Records an element-wise operator on inputs that broadcast together. It is applied before broadcasting, and its
   * result is broadcast instead.
   */
  elementwise(
    op: string,
    inputs: readonly Value[],
    dtype: DType = "float32",
    attrs: Attributes = {},
  ): Value {
    const shape = inputs.map((v) => [...v.shape]).reduce(
      tf.backend_util.assertAndGetBroadcastShape,
    );
    const folded = this.#fold(op, inputs);
    if (folded !== undefined) return this.splat(folded, shape, dtype);
    const same = this.#identity(op, inputs);
    if (same) return this.broadcast(same, shape);
    const cores = inputs.map((v) =>
      v.source.kind === "broadcast"
        ? v.source.of
        : v.source.kind === "splat"
        ? this.splatScalar(v.source.value, v.dtype)
        : v
    );
    const core = cores.map((v) => [...v.shape]).reduce(tf.backend_util.assertAndGetBroadcastShape);
    return this.broadcast(this.node(op, cores, attrs, [{ shape: core, dtype }])[0]!, shape);
  }

  /** A known number as a scalar; the same value for the same number. */
  splatScalar(value: number, dtype: DType): Value {
    const key = keyOf(["splat", dtype, value]);
    let known = this.#known.get(key);
    if (!known) this.#known.set(key, known = [this.splat(value, [], dtype)]);
    return known[0]!;
  }

  #fold(op: string, inputs: readonly Value[]): number | undefined {
    const numbers = inputs.map(splatOf);
    if (numbers.some((n) => n === undefined)) return undefined;
    const [a, b] = numbers as [number, number];
    if (op in FOLDS) return Math.fround(FOLDS[op]!(a, b));
    if (op === "Neg") return -a;
    if (op === "Sqrt") return Math.fround(Math.sqrt(a));
    return undefined;
  }

  #identity(op: string, [a, b]: readonly Value[]): Value | undefined {
    if (!a || !b) return undefined;
    const left = splatOf(a), right = splatOf(b);
    if (right === 1 && (op === "Mul" || op === "Div")) return a;
    if (right === 0 && (op === "Add" || op === "Sub")) return a;
    if (left === 1 && op === "Mul") return b;
    if (left === 0 && op === "Add") return b;
    return undefined;
  }
}
