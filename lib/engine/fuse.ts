// Fuses channel-wise operators on pictures, so that they take one pass over memory.
import { type Node, sameShape, sizeOf, type Value } from "./graph.ts";

/**
 * The operation of a `ChannelAffine` node: `activation(x * scale ± shift + sum)`; `scale` and `shift` have one number
 * for each channel. The node's inputs are `x` and those of the others that exist, in this order.
 */
export interface ChannelAffine {
  readonly x: Value;
  readonly scale?: Value;
  readonly shift?: Value;
  readonly isSubtracted?: boolean;
  readonly sum?: Value;
  readonly activation?: Node;
  /** The width of the mirrored border: above and below, left and right. */
  readonly mirrored?: readonly (readonly [number, number])[];
}

/** The parts of a `ChannelAffine` node. */
export const affineOf = ({ attrs }: Node): ChannelAffine => attrs["parts"] as ChannelAffine;

function affineNode(parts: ChannelAffine, outputs: readonly Value[]): Node {
  const { x, scale, shift, sum } = parts;
  const inputs = [x, scale, shift, sum].filter((value) => value !== undefined);
  return { op: "ChannelAffine", inputs, attrs: { parts }, outputs };
}

/** Whether `value` has one number for each channel of `picture`. */
function isPerChannel(value: Value, { shape }: Value): boolean {
  const channels = shape.at(-1)!;
  return shape.length === 4 && channels > 1 && value.source.kind !== "splat" &&
    value.shape.at(-1) === channels && sizeOf(value.shape) === channels;
}

const isActivation = ({ op }: Node): boolean => op === "Relu" || op === "LeakyRelu";

/** The widths of a node's mirrored border, if the node does nothing else. */
function mirroredSides({ op, attrs }: Node): ChannelAffine["mirrored"] {
  if (op !== "Pad" || attrs["mode"] !== "reflect") return undefined;
  const [batch, rows, columns, channels] = attrs["paddings"] as [number, number][];
  return [batch, channels].flat().every((width) => width === 0) ? [rows!, columns!] : undefined;
}

/**
 * If the gradient of an activation needs the sign of the activation's input, the output has the same sign and is in
 * memory anyway.
 */
function signsFromActivations(nodes: readonly Node[]): Node[] {
  const activated = new Map<Value, Value>();
  return nodes.map((node) => {
    const { op, inputs: [x], outputs: [out], attrs } = node;
    const keepsSign = op === "Relu" || op === "LeakyRelu" && attrs["alpha"] as number > 0;
    if (keepsSign) activated.set(x!, out!);
    if (op !== "LeakyReluGrad" && op !== "Step") return node;
    const inputs = [...node.inputs], last = inputs.length - 1;
    inputs[last] = activated.get(inputs[last]!) ?? inputs[last]!;
    return { ...node, inputs };
  });
}

/** How often each value is read; a broadcast value counts as a read of its source. */
function countUses(nodes: readonly Node[], results: readonly Value[]): Map<Value, number> {
  const uses = new Map<Value, number>();
  const use = (value: Value) => {
    uses.set(value, (uses.get(value) ?? 0) + 1);
    if (value.source.kind === "broadcast") use(value.source.of);
  };
  for (const { inputs } of nodes) inputs.forEach(use);
  results.forEach(use);
  return uses;
}

/**
 * Fuses a scale, a shift, a sum with another picture, an activation and a mirrored border that follow each other into
 * one `ChannelAffine`, unless an intermediate value is used elsewhere.
 *
 * @param nodes The nodes of a step, each after those it reads.
 * @param results The values that the step returns and assigns.
 * @returns The nodes, fewer.
 */
export function fuse(nodes: readonly Node[], results: readonly Value[]): Node[] {
  const signed = signsFromActivations(nodes), uses = countUses(signed, results);
  const made = new Map<Value, Node>();
  const joined = new Set<Node>();
  /** The affine that computes a value, if nothing else reads that value. */
  const open = (value: Value): ChannelAffine | undefined => {
    const node = made.get(value);
    const parts = uses.get(value) === 1 && node?.op === "ChannelAffine"
      ? affineOf(node)
      : undefined;
    return parts?.mirrored ? undefined : parts;
  };

  const join = (node: Node): Node => {
    const [a, b] = node.inputs as [Value, Value], [out] = node.outputs as [Value];
    const make = (parts: ChannelAffine, ...from: Value[]) => {
      from.forEach((value) => joined.add(made.get(value)!));
      return affineNode(parts, node.outputs);
    };
    const known = open(a);
    const mirrored = mirroredSides(node);
    if (mirrored) return known && !known.sum ? make({ ...known, mirrored }, a) : node;
    if (isActivation(node)) {
      return known && !known.activation ? make({ ...known, activation: node }, a) : node;
    }
    if (!["Mul", "Add", "Sub"].includes(node.op)) return node;
    if (sameShape(a.shape, out.shape) && sameShape(b.shape, out.shape)) {
      if (node.op !== "Add" || a === b) return node;
      for (const [value, sum] of [[a, b], [b, a]] as const) {
        const parts = open(value);
        if (parts && !parts.sum && !parts.activation) return make({ ...parts, sum }, value);
      }
      return node;
    }
    const [x, by] = sameShape(a.shape, out.shape) ? [a, b] : [b, a];
    if (!sameShape(x.shape, out.shape) || !isPerChannel(by, x)) return node;
    if (node.op === "Mul") return make({ x, scale: by });
    if (node.op === "Sub" && x !== a) return node;
    const isSubtracted = node.op === "Sub", parts = open(x);
    return parts && !parts.shift && !parts.sum && !parts.activation
      ? make({ ...parts, shift: by, isSubtracted }, x)
      : make({ x, shift: by, isSubtracted });
  };

  const result = signed.map((node) => {
    const next = join(node);
    next.outputs.forEach((value) => made.set(value, next));
    return next;
  });
  return result.filter((node) => !joined.has(node));
}
