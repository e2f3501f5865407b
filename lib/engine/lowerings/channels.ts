// Fused channel-wise operations on pictures: scale, shift, sum with another picture, activation.
import type { Emitter, Lowering } from "../emitter.ts";
import { affineOf, type ChannelAffine } from "../fuse.ts";
import type { Value } from "../graph.ts";
import { blockedImage, stored } from "../layout.ts";
import type { OnnxAttribute, Ref } from "../onnx.ts";
import { NCHWC } from "./blocked.ts";
import { mirrorBlocked, pad } from "./padding.ts";

/** The activation as an attribute of the blocked convolution. */
function fusedActivation({ activation }: ChannelAffine): Record<string, OnnxAttribute> {
  if (!activation) return {};
  const slope = activation.attrs["alpha"] as number | undefined;
  return {
    activation: activation.op,
    ...slope === undefined ? {} : { activation_params: { floats: [slope] } },
  };
}

/** The number of each channel, as a vector. */
function vector(e: Emitter, value: Value): Ref {
  return e.reshape(e.ref(value), [value.shape.at(-1)!]);
}

/** In one pass: as a 1x1 depthwise convolution, into a larger picture if a border is to be mirrored. */
function inBlocks(e: Emitter, parts: ChannelAffine, out: Value): void {
  const { x, scale, shift, isSubtracted, sum, mirrored } = parts;
  const layout = blockedImage(e.block), channels = out.shape[3]!;
  const factor = scale
    ? e.reshape(vector(e, scale), [channels, 1, 1, 1])
    : e.constant(new Float32Array(channels).fill(1), [channels, 1, 1, 1]);
  const added = shift && vector(e, shift);
  const bias = added && isSubtracted ? e.emit("Neg", [added], added.shape) : added;
  const result = e.emit(
    "Conv",
    [e.ref(x, layout), factor, bias, sum && e.ref(sum, layout)],
    stored(out.shape, layout),
    {
      kernel_shape: [1, 1],
      group: channels,
      ...mirrored ? { pads: [0, 1].flatMap((end) => mirrored.map((widths) => widths[end]!)) } : {},
      ...fusedActivation(parts),
    },
    NCHWC,
  );
  e.define(out, mirrored ? mirrorBlocked(e, result, mirrored) : result, layout);
}

const channelAffine: Lowering = (e, node) => {
  const parts = affineOf(node), out = node.outputs[0]!, layout = e.layoutOf(out);
  if (layout.cut.join() === "1") return inBlocks(e, parts, out);
  const { x, scale, shift, isSubtracted, sum, activation, mirrored } = parts;
  const operand = (value: Value) => e.operand(value, 4, layout);
  let ref = e.memory(e.ref(x, layout), layout);
  if (scale) ref = e.binary("Mul", ref, operand(scale));
  if (shift) ref = e.binary(isSubtracted ? "Sub" : "Add", ref, operand(shift));
  if (sum) ref = e.binary("Add", ref, e.memory(e.ref(sum, layout), layout));
  if (activation) {
    const alpha = activation.attrs["alpha"] as number | undefined;
    const attributes: Record<string, OnnxAttribute> = alpha === undefined
      ? {}
      : { alpha: { float: alpha } };
    ref = e.emit(activation.op, [ref], ref.shape, attributes);
  }
  if (mirrored) {
    const widths = [[0, 0], ...mirrored, [0, 0]] as [number, number][];
    ref = pad(e, ref, layout.order.map((axis) => widths[axis]!), "reflect", 0);
  }
  e.define(out, e.reshape(ref, stored(out.shape, layout)), layout);
};

/** Lowerings by operator. */
export const channels: Record<string, Lowering> = { ChannelAffine: channelAffine };
