// Operators that work element by element.
import { broadcastShape, type Emitter } from "../emitter.ts";
import { type Node, sameShape, type Value } from "../graph.ts";
import { type Layout, stored } from "../layout.ts";
import type { OnnxAttribute, Ref } from "../onnx.ts";
import type { Lowering } from "./lowering.ts";

/** float32's largest number: times the smallest normal one it passes 1, so that it turns a sign into a step. */
const STEEP = { float: (2 - 2 ** -23) * 2 ** 127 };

/**
 * Remembers which tensor holds the activation of `x`, stored in a layout: it has the sign of `x`, so that `x`
 * itself can be freed.
 */
const activationKey = (x: Value, layout: Layout) => `activation of ${x.id} ${layout}`;

function operands(e: Emitter, { inputs, outputs: [out] }: Node): Ref[] {
  const layout = e.layoutOf(out!);
  return inputs.map((input) => e.operand(input, out!.shape.length, layout));
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

const activation =
  (op: string, attributes?: (node: Node) => Record<string, OnnxAttribute>): Lowering =>
  (e, node, path) => {
    direct(op, attributes)(e, node, path);
    const out = node.outputs[0]!;
    e.once(activationKey(node.inputs[0]!, e.layoutOf(out)), () => e.ref(out));
  };

const alpha = ({ attrs }: Node) => ({ alpha: { float: attrs["alpha"] as number } });

/** The tensor to take the sign of `x` from. */
function signed(e: Emitter, node: Node, x: Value): Ref {
  const out = node.outputs[0]!, layout = e.layoutOf(out);
  // An activation is as large as x: where x is repeated it does not fit.
  const activated = sameShape(x.shape, out.shape) && e.known(activationKey(x, layout));
  return activated || e.operand(x, out.shape.length, layout);
}

/** 1 where `x` is above 0, else 0. */
const step = (e: Emitter, x: Ref): Ref =>
  e.emit("HardSigmoid", [x], x.shape, { alpha: STEEP, beta: { float: 0 } });

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
      ...["LessOrEqual", "Equal", "And", "Or", "Not", "Where", "Abs", "Neg", "Sign", "Sqrt"],
      ...["Reciprocal", "Exp", "Log", "Sin", "Cos", "Tanh", "Sigmoid", "Softplus", "Erf"],
      ...["Floor", "Elu"],
    ].map((op) => [op, direct(op)]),
  ),
  Relu: activation("Relu"),
  LeakyRelu: (e, node, path) =>
    (node.attrs["alpha"] as number > 0 ? activation : direct)("LeakyRelu", alpha)(e, node, path),
  LeakyReluGrad: (e, node) => {
    const [dy, x] = node.inputs, out = node.outputs[0]!;
    const by = e.operand(dy!, out.shape.length, e.layoutOf(out));
    // The factor is as large as the picture: it must not be computed before it is needed.
    const sign = e.after(signed(e, node, x!), by), slope = node.attrs["alpha"] as number;
    finish(e, out, e.binary("Mul", by, slope === 0 ? step(e, sign) : leak(e, sign, slope)));
  },
  Step: (e, node) => finish(e, node.outputs[0]!, step(e, signed(e, node, node.inputs[0]!))),
  Clip: (e, node) => {
    const { min, max } = node.attrs as { min: number; max: number };
    const x = e.ref(node.inputs[0]!);
    finish(e, node.outputs[0]!, e.emit("Clip", [x, e.scalar(min), e.scalar(max)], x.shape));
  },
  Cast: (e, node) => {
    const [x] = node.inputs, out = node.outputs[0]!;
    const ref = operands(e, node)[0]!;
    if (x!.dtype !== "bool" && out.dtype !== "bool") {
      // Whole numbers are stored as floats: only the fraction has to go.
      if (out.dtype === "float32") return finish(e, out, ref);
      const sign = e.emit("Sign", [ref], ref.shape), size = e.emit("Abs", [ref], ref.shape);
      return finish(e, out, e.binary("Mul", sign, e.emit("Floor", [size], ref.shape)));
    }
    const [to, type] = out.dtype === "bool" ? [9, "bool" as const] : [1, "float32" as const];
    finish(e, out, e.emit("Cast", [ref], ref.shape, { to }, { type }));
  },
};
