// An ONNX graph as plain data, and its encoding as a protobuf ModelProto.

/** Element types that the engine uses. */
export type OnnxType = "float32" | "int32" | "int64" | "bool";

/** A named tensor of a graph, with its known shape. */
export interface Ref {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: OnnxType;
}

/** A constant tensor of a graph. */
export interface Initializer extends Ref {
  readonly values: ArrayLike<number>;
}

/**
 * An attribute: a whole number, a list of whole numbers, a string, or floats (in an object, because JavaScript has
 * one number type).
 */
export type OnnxAttribute =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly floats: readonly number[] };

/** One operator call. */
export interface OnnxNode {
  readonly op: string;
  /** Empty for ONNX's own operators, or a domain of the runtime; `nchwc` is for pictures in blocks of channels. */
  readonly domain: "" | "com.microsoft" | "com.microsoft.nchwc";
  readonly inputs: readonly (Ref | undefined)[];
  readonly outputs: readonly Ref[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A whole graph. */
export interface OnnxGraph {
  readonly inputs: readonly Ref[];
  readonly outputs: readonly Ref[];
  readonly initializers: readonly Initializer[];
  readonly nodes: readonly OnnxNode[];
}

const TYPE_CODES: Record<OnnxType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const IR_VERSION = 9;
const OPSET = 18;

/** A protobuf message under construction: fields in the order they are added. */
class Message {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  #push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  #varint(value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    do {
      const low = Number(rest & 127n);
      rest >>= 7n;
      bytes.push(rest ? low | 128 : low);
    } while (rest);
    this.#push(Uint8Array.from(bytes));
  }

  int(field: number, value: number | bigint): this {
    this.#varint(field << 3);
    this.#varint(value);
    return this;
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    this.#push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    this.#push(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.encode());
  }

  encode(): Uint8Array {
    const out = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      out.set(chunk, at);
      at += chunk.length;
    }
    return out;
  }
}

/** Encodes whole numbers as int64 from two halves: BigInt is too slow for hundreds of thousands of indices. */
function wholeNumbers(values: ArrayLike<number>): Uint8Array {
  const halves = new Int32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    halves[2 * i] = values[i]!;
    halves[2 * i + 1] = Math.floor(values[i]! / 2 ** 32);
  }
  return new Uint8Array(halves.buffer);
}

function rawValues(type: OnnxType, values: ArrayLike<number>): Uint8Array {
  switch (type) {
    case "float32":
      return new Uint8Array(Float32Array.from(values).buffer);
    case "int32":
      return new Uint8Array(Int32Array.from(values).buffer);
    case "int64":
      return wholeNumbers(values);
    case "bool":
      return Uint8Array.from(values);
  }
}

function attribute(name: string, value: OnnxAttribute): Message {
  const message = new Message().string(1, name);
  if (typeof value === "number") return message.int(3, value).int(20, 2);
  if (typeof value === "string") return message.string(4, value).int(20, 3);
  if ("float" in value) return message.float(2, value.float).int(20, 1);
  if ("floats" in value) {
    for (const item of value.floats) message.float(7, item);
    return message.int(20, 6);
  }
  for (const item of value) message.int(8, item);
  return message.int(20, 7);
}

function valueInfo({ name, type, shape }: Ref): Message {
  const dimensions = new Message();
  for (const size of shape) dimensions.message(1, new Message().int(1, size));
  const tensor = new Message().int(1, TYPE_CODES[type]).message(2, dimensions);
  return new Message().string(1, name).message(2, new Message().message(1, tensor));
}

/**
 * Encodes a graph as the bytes of an ONNX model (little-endian machines).
 *
 * @param graph The graph; each node comes after those it reads.
 * @returns The bytes of the model.
 */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const message = new Message();
  graph.nodes.forEach((node, index) => {
    const item = new Message();
    for (const input of node.inputs) item.string(1, input?.name ?? "");
    for (const output of node.outputs) item.string(2, output.name);
    item.string(3, `${node.op}_${index}`).string(4, node.op);
    for (const [name, value] of Object.entries(node.attributes)) {
      item.message(5, attribute(name, value));
    }
    if (node.domain) item.string(7, node.domain);
    message.message(1, item);
  });
  message.string(2, "step");
  for (const { name, type, shape, values } of graph.initializers) {
    const tensor = new Message();
    for (const size of shape) tensor.int(1, size);
    tensor.int(2, TYPE_CODES[type]).string(8, name).bytes(9, rawValues(type, values));
    message.message(5, tensor);
  }
  for (const input of graph.inputs) message.message(11, valueInfo(input));
  for (const output of graph.outputs) message.message(12, valueInfo(output));
  const model = new Message().int(1, IR_VERSION).string(2, "tfjs").message(7, message);
  for (const domain of new Set(["", ...graph.nodes.map(({ domain }) => domain)])) {
    model.message(8, new Message().string(1, domain).int(2, domain ? 1 : OPSET));
  }
  return model.encode();
}
