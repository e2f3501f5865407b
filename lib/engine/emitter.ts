// Builds an ONNX graph: operators with known shapes, shared constants, and layout conversions where needed.
import type { ConvolutionPath } from "./convolutions.ts";
import { keyOf, type Node, sameShape, sizeOf, type Value } from "./graph.ts";
import {
  inMemory,
  inverse,
  keyOfLayout,
  type Layout,
  pack,
  plain,
  sameLayout,
  stored,
  unblockedOrder,
} from "./layout.ts";
import type { Initializer, OnnxAttribute, OnnxGraph, OnnxNode, OnnxType, Ref } from "./onnx.ts";

/** Options of {@linkcode Emitter.emit}. */
export interface EmitOptions {
  domain?: OnnxNode["domain"];
  type?: OnnxType;
}

/** Writes one node of the intermediate form with ONNX operators. */
export type Lowering = (emitter: Emitter, node: Node, path: ConvolutionPath) => void;

const axesAbove1 = (shape: readonly number[]): number => shape.filter((size) => size !== 1).length;

/** The shape to which tensors broadcast. */
export function broadcastShape(refs: readonly Ref[]): number[] {
  const rank = Math.max(...refs.map((ref) => ref.shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = refs.map(({ shape }) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

/** Builds an ONNX graph from values of the intermediate form. */
export class Emitter {
  readonly graph = {
    inputs: [] as Ref[],
    outputs: [] as Ref[],
    initializers: [] as Initializer[],
    nodes: [] as OnnxNode[],
  };
  /** The layout of every value. */
  readonly layoutOf: (value: Value) => Layout;
  /** Channels in a block of the runtime's blocked convolutions; 0 if it has none. */
  readonly block: number;
  readonly #refs = new Map<Value, Ref>();
  readonly #memo = new Map<string, Ref>();
  /** The tensor that each reshaped tensor is a view of. */
  readonly #views = new Map<string, Ref>();
  /** The names of the graph's results. */
  readonly #results = new Map<string, string>();
  #count = 0;

  constructor(layoutOf: (value: Value) => Layout, block: number) {
    this.layoutOf = layoutOf;
    this.block = block;
  }

  /** Makes a tensor once for a key. */
  once(key: string, make: () => Ref): Ref {
    let ref = this.#memo.get(key);
    if (!ref) this.#memo.set(key, ref = make());
    return ref;
  }

  /** The tensor that was made for a key, if there is one. */
  known(key: string): Ref | undefined {
    return this.#memo.get(key);
  }

  /** Adds an input of the graph. */
  input(name: string, shape: readonly number[]): Ref {
    const ref: Ref = { name, shape, type: "float32" };
    this.graph.inputs.push(ref);
    return ref;
  }

  /** Makes a tensor a result of the graph. */
  output(name: string, ref: Ref): void {
    const isMade = !this.#results.has(ref.name) &&
      [...this.graph.inputs, ...this.graph.initializers].every((known) => known.name !== ref.name);
    const own = isMade ? ref : this.emit("Identity", [ref], ref.shape, {}, { type: ref.type });
    this.#results.set(own.name, name);
    this.graph.outputs.push({ ...ref, name });
  }

  /** The finished graph, without nodes that no result needs. */
  finish(): OnnxGraph {
    const { inputs, outputs, initializers, nodes } = this.graph;
    const needed = new Set(this.#results.keys());
    const live = nodes.toReversed().filter((node) => {
      if (!node.outputs.some(({ name }) => needed.has(name))) return false;
      node.inputs.forEach((input) => input && needed.add(input.name));
      return true;
    }).reverse();
    const named = <T extends Ref | undefined>(ref: T): T => {
      const name = ref && this.#results.get(ref.name);
      return name === undefined ? ref : { ...ref, name };
    };
    return {
      inputs,
      outputs,
      initializers: initializers.filter(({ name }) => needed.has(name)),
      nodes: live.map((node) => ({
        ...node,
        inputs: node.inputs.map(named),
        outputs: node.outputs.map(named),
      })),
    };
  }

  /** Adds an operator with several results of given shapes. */
  emitAll(
    op: string,
    inputs: readonly (Ref | undefined)[],
    shapes: readonly (readonly number[])[],
    attributes: Record<string, OnnxAttribute> = {},
    { domain = "", type = "float32" }: EmitOptions = {},
  ): Ref[] {
    const outputs = shapes.map((shape): Ref => ({ name: `t${this.#count++}`, shape, type }));
    this.graph.nodes.push({ op, domain, inputs, outputs, attributes });
    return outputs;
  }

  /** Adds an operator with one result of a given shape. */
  emit(
    op: string,
    inputs: readonly (Ref | undefined)[],
    shape: readonly number[],
    attributes: Record<string, OnnxAttribute> = {},
    options: EmitOptions = {},
  ): Ref {
    return this.emitAll(op, inputs, [shape], attributes, options)[0]!;
  }

  /** Adds a constant; small equal ones are shared. */
  constant(values: ArrayLike<number>, shape: readonly number[], type: OnnxType = "float32"): Ref {
    const make = () => {
      const ref = { name: `c${this.#count++}`, shape, type, values };
      this.graph.initializers.push(ref);
      return ref;
    };
    return values.length > 64
      ? make()
      : this.once(keyOf(["constant", type, shape, Array.from(values)]), make);
  }

  /** A float32 scalar. */
  scalar(value: number): Ref {
    return this.constant([value], []);
  }

  /** A vector of whole numbers, such as a shape. */
  list(values: readonly number[]): Ref {
    return this.constant(values, [values.length], "int64");
  }

  reshape(ref: Ref, shape: readonly number[]): Ref {
    const whole = this.#views.get(ref.name) ?? ref;
    if (sameShape(whole.shape, shape)) return whole;
    return this.once(`reshape ${whole.name} ${shape}`, () => {
      const view = this.emit("Reshape", [whole, this.list(shape)], shape, {}, { type: ref.type });
      this.#views.set(view.name, whole);
      return view;
    });
  }

  /** Axis `i` of the result is axis `order[i]` of `ref`. */
  transpose(ref: Ref, order: readonly number[]): Ref {
    const shape = order.map((axis) => ref.shape[axis]!);
    const moved = order.filter((axis) => ref.shape[axis] !== 1);
    if (moved.every((axis, i) => i === 0 || moved[i - 1]! < axis)) return this.reshape(ref, shape);
    return this.once(
      `transpose ${ref.name} ${order}`,
      () => this.emit("Transpose", [ref], shape, { perm: order }, { type: ref.type }),
    );
  }

  /** `ref` from `begin` (inclusive) to `end` (exclusive) along one axis; backwards with step -1. */
  slice(ref: Ref, axis: number, begin: number, end: number, step: 1 | -1 = 1): Ref {
    const shape = ref.shape.map((size, k) => k === axis ? (end - begin) * step : size);
    if (step === 1 && sameShape(shape, ref.shape)) return ref;
    const stop = step === -1 && end < 0 ? -ref.shape[axis]! - 1 : end;
    const lists = [[begin], [stop], [axis], [step]].map((values) => this.list(values));
    return this.emit("Slice", [ref, ...lists], shape, {}, { type: ref.type });
  }

  /**
   * `ref`, but only after `other` has been computed.
   *
   * The runtime orders the operators by their dependencies alone, and its order can take much memory. This adds a
   * dependency at no cost: a view whose shape depends on a side of `other`, times zero.
   */
  after(ref: Ref, other: Ref): Ref {
    if (other.shape.length === 0) return ref;
    const int64 = { type: "int64" } as const;
    const side = this.emit("Shape", [other], [1], { start: 0, end: 1 }, int64);
    const nothing = this.binary("Mul", side, this.list([0]), "int64");
    const shape = this.binary("Add", nothing, this.list(ref.shape), "int64");
    return this.emit("Reshape", [ref, shape], ref.shape);
  }

  concat(refs: readonly Ref[], axis: number): Ref {
    const total = refs.reduce((sum, ref) => sum + ref.shape[axis]!, 0);
    const shape = refs[0]!.shape.map((size, k) => k === axis ? total : size);
    return this.emit("Concat", refs, shape, { axis }, { type: refs[0]!.type });
  }

  /** An operator on two operands of the same rank that broadcast. */
  binary(op: string, a: Ref, b: Ref, type: OnnxType = "float32"): Ref {
    return this.emit(op, [a, b], broadcastShape([a, b]), {}, { type });
  }

  /** Converts a tensor from one layout to another. */
  converted(ref: Ref, from: Layout, to: Layout): Ref {
    if (sameLayout(from, to)) return ref;
    return this.once(`${ref.name} from ${keyOfLayout(from)} to ${keyOfLayout(to)}`, () => {
      const order = to.order.map((axis) => from.order.indexOf(axis));
      return this.#cut(this.transpose(this.#whole(ref, from), order), to);
    });
  }

  /** Removes the blocks of a tensor. */
  #whole(ref: Ref, layout: Layout): Ref {
    if (layout.cut.length === 0) return ref;
    const { shape } = ref;
    if (layout.cut.join() === "1" && ref.type === "float32") {
      const domain = "com.microsoft.nchwc";
      return this.emit("ReorderOutput", [ref], shape, { channels: shape[1]! }, { domain });
    }
    const memory = this.reshape(ref, inMemory(shape, layout));
    return this.reshape(this.transpose(memory, unblockedOrder(shape.length, layout)), shape);
  }

  /** Brings a tensor into the blocks of a layout. */
  #cut(ref: Ref, layout: Layout): Ref {
    if (layout.cut.length === 0) return ref;
    const { shape } = ref;
    if (layout.cut.join() === "1" && ref.type === "float32") {
      return this.emit("ReorderInput", [ref], shape, {}, { domain: "com.microsoft.nchwc" });
    }
    const order = unblockedOrder(shape.length, layout), memory = inMemory(shape, layout);
    const split = this.reshape(ref, order.map((axis) => memory[axis]!));
    return this.reshape(this.transpose(split, inverse(order)), shape);
  }

  /** A tensor with the shape it has in memory, where an axis in blocks is two axes. */
  memory(ref: Ref, layout: Layout): Ref {
    return this.reshape(ref, inMemory(ref.shape, layout));
  }

  /** Sets the tensor that holds `value`, and its layout if it is not the value's own. */
  define(value: Value, ref: Ref, layout?: Layout): void {
    const own = this.layoutOf(value), from = layout ?? own;
    const shape = stored(value.shape, from);
    if (!sameShape(ref.shape, shape)) {
      throw new Error(`a value of stored shape [${shape}] was given one of shape [${ref.shape}]`);
    }
    this.#refs.set(value, this.converted(ref, from, own));
  }

  /** Whether a tensor holds `value`. */
  isDefined(value: Value): boolean {
    return this.#refs.has(value);
  }

  /** Sets the tensor that holds `value` in row-major order. */
  definePlain(value: Value, ref: Ref): void {
    this.define(value, ref, plain(value.shape.length));
  }

  /** The tensor of `value` without pending broadcasts, in a layout. */
  ref(value: Value, layout: Layout = this.layoutOf(value)): Ref {
    const { source, shape, dtype } = value;
    const type: OnnxType = dtype === "int32" ? "float32" : dtype;
    if (source.kind === "constant") {
      return this.once(
        `constant value ${value.id} ${keyOfLayout(layout)}`,
        () => this.constant(pack(source.values, shape, layout), stored(shape, layout), type),
      );
    }
    const own = this.layoutOf(value);
    let ref = this.#refs.get(value);
    if (!ref && source.kind === "splat") {
      ref = shape.length === 0 ? this.constant([source.value], [], type) : this.emit(
        "Expand",
        [this.constant([source.value], [], type), this.list(stored(shape, own))],
        stored(shape, own),
        {},
        { type },
      );
      this.#refs.set(value, ref);
    }
    if (!ref && source.kind === "broadcast") {
      const whole = inMemory(stored(shape, own), own);
      const core = this.operand(source.of, shape.length, own);
      const repeated = this.emit("Expand", [core, this.list(whole)], whole, {}, { type });
      this.#refs.set(value, ref = this.reshape(repeated, stored(shape, own)));
    }
    if (!ref) throw new Error(`a value of shape [${shape}] is used before it is computed`);
    return this.converted(ref, own, layout);
  }

  /** The tensor of `value` in row-major order. */
  plain(value: Value): Ref {
    return this.ref(value, plain(value.shape.length));
  }

  /**
   * `value` as an operand that broadcasts against values of a rank and layout that have their shapes in memory
   * ({@linkcode Emitter.memory}).
   */
  operand(value: Value, rank: number, layout: Layout): Ref {
    const { source, shape } = value;
    if (source.kind === "splat") {
      return this.constant([source.value], [], value.dtype === "bool" ? "bool" : "float32");
    }
    if (sizeOf(shape) === 1) return this.reshape(this.ref(value), []);
    const aligned = [...Array<number>(rank - shape.length).fill(1), ...shape];
    const to = stored(aligned, layout), memory = inMemory(to, layout);
    if (axesAbove1(shape) === 1) return this.reshape(this.ref(value), memory);
    const partly = { ...layout, cut: layout.cut.filter((i) => to[i]! > 1) };
    const ref = shape.length === rank
      ? this.ref(value, partly)
      : this.converted(this.reshape(this.plain(value), aligned), plain(rank), partly);
    return this.reshape(ref, memory);
  }
}
