// Element-wise operators.
import { broadcastShape, type Emitter, type Lowering } from "../emitter.ts";
import { type Node, sameShape, sizeOf, type Value } from "../graph.ts";
import { inMemory, stored } from "../layout.ts";
import type { OnnxAttribute, Ref } from "../onnx.ts";

/**
 * float32's largest number. Multiplied with the smallest normal number it exceeds 1, so that it turns a sign into a
 * step.
 */
const STEEP = { float: (2 - 2 ** -23) * 2 ** 127 };

/** Whether a value is one number, or has one number for each channel. */
const isPerChannel = ({ shape }: Value): boolean => shape.slice(0, -1).every((size) => size === 1);

/** The operands of a node in shapes that broadcast together. */
function operands(e: Emitter, { inputs, outputs: [out] }: Node): Ref[] {
  const layout = e.layoutOf(out!), rank = out!.shape.length;
  const isWhole = (input: Value) =>
    input.source.kind !== "splat" && sameShape(input.shape, out!.shape);
  const others = inputs.filter((input) => !isWhole(input));
  const whole = (input: Value) => e.ref(input, layout);
  if (others.every((value) => value.source.kind === "splat" || sizeOf(value.shape) === 1)) {
    return inputs.map((input) => isWhole(input) ? whole(input) : e.operand(input, rank, layout));
  }
  if (layout.cut.join() === "1" && others.every(isPerChannel)) {
    // Join whole rows: the runtime is slow if the innermost axis has only the few numbers of a block.
    const [batch, blocks, height, width, block] = inMemory(
      stored(out!.shape, layout),
      layout,
    ) as number[];
    const row = (input: Value) => {
      const channel = e.operand(input, rank, layout);
      const shape = [1, blocks!, 1, width!, block!], { type } = channel;
      if (channel.shape.length === 0) return channel;
      const repeated = e.emit("Expand", [channel, e.list(shape)], shape, {}, { type });
      return e.reshape(repeated, [1, blocks!, 1, width! * block!]);
    };
    const rows = [batch!, blocks!, height!, width! * block!];
    return inputs.map((input) => isWhole(input) ? e.reshape(whole(input), rows) : row(input));
  }
  return inputs.map((input) =>
    isWhole(input) ? e.memory(whole(input), layout) : e.operand(input, rank, layout)
  );
}

function finish(e: Emitter, out: Value, ref: Ref): void {
  e.define(out, e.reshape(ref, stored(out.shape, e.layoutOf(out))));
}

function direct(
  op: string,
  attributes: (node: Node) => Record<string, OnnxAttribute> = () => ({}),
): Lowering {
  return (e, node) => {
    const out = node.outputs[0]!, refs = operands(e, node);
    const type = out.dtype === "bool" ? "bool" : "float32";
    finish(e, out, e.emit(op, refs, broadcastShape(refs), attributes(node), { type }));
  };
}

const alpha = ({ attrs }: Node) => ({ alpha: { float: attrs["alpha"] as number } });

/** 1 where `x` is above 0, else 0. */
const step = (e: Emitter, x: Ref): Ref =>
  e.emit("HardSigmoid", [x], x.shape, { alpha: STEEP, beta: { float: 0 } });

/** `x` where it is above 0, else 0, also if it is NaN. */
const positive = (e: Emitter, x: Ref): Ref =>
  e.emit("ThresholdedRelu", [x], x.shape, { alpha: { float: 0 } });

/** 1 where `x` is above 0, else `slope`. */
const leak = (e: Emitter, x: Ref, slope: number): Ref =>
  e.emit(
    "Clip",
    [e.binary("Mul", x, e.scalar(STEEP.float)), e.scalar(slope), e.scalar(1)],
    x.shape,
  );

/** Lowerings by operator. */
export const elementwise: Record<string, Lowering> = {
  ...Object.fromEntries(
    [
      ...["Add", "Sub", "Mul", "Div", "Max", "Min", "Pow", "Greater", "GreaterOrEqual", "Less"],
      ...["LessOrEqual", "Equal", "And", "Or", "Not", "Where", "Abs", "Neg", "Sqrt"],
      ...["Reciprocal", "Exp", "Log", "Sin", "Cos", "Tanh", "Softplus", "Erf"],
      ...["Floor", "Elu"],
    ].map((op) => [op, direct(op)]),
  ),
  // The runtime's sign of NaN is NaN, but that of tfjs is 0.
  Sign: (e, node) => {
    const x = operands(e, node)[0]!;
    const isNumber = e.binary("Equal", x, x, "bool");
    const sign = e.emit("Sign", [x], x.shape);
    finish(e, node.outputs[0]!, e.emit("Where", [isNumber, sign, e.scalar(0)], x.shape));
  },
  // The runtime's own operator returns 0 below -18, whose logarithm is infinite.
  Sigmoid: (e, node) => {
    const x = operands(e, node)[0]!;
    const power = e.emit("Exp", [e.emit("Neg", [x], x.shape)], x.shape);
    const sum = e.binary("Add", power, e.scalar(1));
    finish(e, node.outputs[0]!, e.emit("Reciprocal", [sum], x.shape));
  },
  Relu: direct("Relu"),
  // A Clip alone would keep the sign of a negative zero.
  Relu6: (e, node) => {
    const x = operands(e, node)[0]!;
    const clipped = e.emit("Clip", [x, e.scalar(0), e.scalar(6)], x.shape);
    finish(e, node.outputs[0]!, e.binary("Add", clipped, e.scalar(0)));
  },
  LeakyRelu: direct("LeakyRelu", alpha),
  LeakyReluGrad: (e, node) => {
    const [by, x] = operands(e, node) as [Ref, Ref], slope = node.attrs["alpha"] as number;
    // The factor is as large as the picture, so compute it only when it is needed.
    const sign = e.after(x, by);
    const factor = slope === 0 ? step(e, sign) : leak(e, positive(e, sign), slope);
    finish(e, node.outputs[0]!, e.binary("Mul", by, factor));
  },
  Step: (e, node) => finish(e, node.outputs[0]!, step(e, operands(e, node)[0]!)),
  Clip: (e, node) => {
    const { min, max } = node.attrs as { min: number; max: number };
    const x = operands(e, node)[0]!;
    finish(e, node.outputs[0]!, e.emit("Clip", [x, e.scalar(min), e.scalar(max)], x.shape));
  },
  Cast: (e, node) => {
    const [x] = node.inputs, out = node.outputs[0]!;
    const ref = operands(e, node)[0]!;
    if (x!.dtype !== "bool" && out.dtype !== "bool") {
      // Whole numbers are stored as floats: only the fraction has to be removed.
      if (out.dtype === "float32") return finish(e, out, ref);
      const sign = e.emit("Sign", [ref], ref.shape), size = e.emit("Abs", [ref], ref.shape);
      const signed = e.binary("Mul", sign, e.emit("Floor", [size], ref.shape));
      // Whole numbers have no -0.
      const whole = e.binary("Add", signed, e.scalar(0));
      // Numbers that are not finite become 0, as in JavaScript.
      const difference = e.binary("Sub", ref, ref);
      const isFinite = e.binary("Equal", difference, e.scalar(0), "bool");
      return finish(e, out, e.emit("Where", [isFinite, whole, e.scalar(0)], ref.shape));
    }
    const [to, type] = out.dtype === "bool" ? [9, "bool" as const] : [1, "float32" as const];
    finish(e, out, e.emit("Cast", [ref], ref.shape, { to }, { type }));
  },
};
