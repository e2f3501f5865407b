// The translation of each supported tfjs kernel to the intermediate form: its result's shape, and simpler operators
// if possible.
import { UnsupportedKernelError } from "./errors.ts";
import { MirrorPadGrad } from "./gradients.ts";
import { type DType, type Graph, sameShape, sizeOf, splatOf, type Value } from "./graph.ts";
import { FLATTEN_KERNEL, UNFLATTEN_KERNEL } from "./packing.ts";
import { tf } from "./tfjs.ts";

// deno-lint-ignore no-explicit-any -- tfjs attributes are untyped maps
type Attrs = any;
type Inputs = Readonly<Record<string, Value>>;

/** Records one tfjs kernel call. */
export type Recorder = (graph: Graph, inputs: Inputs, attrs: Attrs) => Value | readonly Value[];

const B = tf.backend_util;

/** The smallest normal float32. */
const SMALLEST_NORMAL = 2 ** -126;

const unary = (op: string, attrs?: (a: Attrs) => Record<string, unknown>): Recorder => (g, i, a) =>
  g.elementwise(op, [i["x"]!], i["x"]!.dtype, attrs?.(a) ?? {});
const binary = (op: string): Recorder => (g, i) =>
  g.elementwise(op, [i["a"]!, i["b"]!], i["a"]!.dtype);
const comparison = (op: string): Recorder => (g, i) =>
  g.elementwise(op, [i["a"]!, i["b"]!], "bool");

function reduction(op: string): Recorder {
  return (g, i, { axis, reductionIndices, keepDims }) => {
    const x = i["x"]!;
    const axes = tf.util.parseAxisParam(axis ?? reductionIndices ?? x.shape.map((_, k) => k), [
      ...x.shape,
    ]);
    if (axes.length === 0) return x;
    const kept = x.shape.map((size, k) => axes.includes(k) ? 1 : size);
    const shape = keepDims ? kept : x.shape.filter((_, k) => !axes.includes(k));
    const dtype = op === "ReduceMean" ? "float32" : x.dtype;
    const known = splatOf(x);
    if (known !== undefined) {
      const scale = op === "ReduceSum" ? sizeOf(x.shape) / sizeOf(shape) : 1;
      return g.splat(Math.fround(known * scale), shape, dtype);
    }
    return g.op(op, [x], { axes }, shape, dtype);
  };
}

function reshape(g: Graph, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  const known = splatOf(x);
  if (known !== undefined) return g.splat(known, shape, x.dtype);
  return g.op("Reshape", [x], { shape }, shape, x.dtype);
}

function pad(mode: "constant" | "reflect" | "symmetric", g: Graph, x: Value, a: Attrs): Value {
  const paddings = a.paddings as [number, number][];
  const shape = paddings.map(([before, after], k) => before + x.shape[k]! + after);
  if (sameShape(shape, x.shape)) return x;
  return g.op("Pad", [x], { paddings, mode, value: a.constantValue ?? 0 }, shape, x.dtype);
}

/** Attributes of a convolution, resolved by tfjs's own shape rules. */
export interface ConvolutionAttributes {
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number];
}

function convolution(
  kernel: string,
  xShape: readonly number[],
  filterShape: readonly number[],
  a: Attrs,
): { attrs: ConvolutionAttributes; shape: number[] } {
  if ((a.dataFormat ?? "NHWC") !== "NHWC") {
    throw new UnsupportedKernelError(kernel, `with dataFormat '${a.dataFormat}' has no lowering`);
  }
  const info = B.computeConv2DInfo(
    xShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    a.strides,
    a.dilations ?? 1,
    a.pad,
    a.dimRoundingMode,
    kernel.startsWith("Depthwise"),
  );
  const { top, left, bottom, right } = info.padInfo;
  return {
    attrs: {
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight, info.dilationWidth],
      pads: [top, left, bottom, right],
    },
    shape: info.outShape,
  };
}

function conv2d(g: Graph, x: Value, filter: Value, a: Attrs): Value {
  const { attrs, shape } = convolution("Conv2D", x.shape, filter.shape, a);
  return g.op("Conv", [x, filter], { ...attrs }, shape);
}

function matMul(g: Graph, i: Inputs, { transposeA, transposeB }: Attrs): Value {
  const a = i["a"]!, b = i["b"]!;
  const rows = a.shape.at(transposeA ? -1 : -2)!, columns = b.shape.at(transposeB ? -2 : -1)!;
  const batch = B.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const attrs = { transposeA: !!transposeA, transposeB: !!transposeB };
  return g.op("MatMul", [a, b], attrs, [...batch, rows, columns], a.dtype);
}

function activated(g: Graph, x: Value, activation: string, a: Attrs): Value {
  switch (activation ?? "linear") {
    case "linear":
      return x;
    case "relu":
      return g.elementwise("Relu", [x]);
    case "sigmoid":
      return g.elementwise("Sigmoid", [x]);
    case "leakyrelu":
      return g.elementwise("LeakyRelu", [x], "float32", { alpha: a.leakyreluAlpha });
    default:
      throw new UnsupportedKernelError(
        "FusedConv2D",
        `with activation '${activation}' has no lowering`,
      );
  }
}

const fused = (product: (g: Graph, i: Inputs, a: Attrs) => Value): Recorder => (g, i, a) => {
  const y = product(g, i, a);
  const biased = i["bias"] ? g.elementwise("Add", [y, i["bias"]]) : y;
  return activated(g, biased, a.activation, a);
};

/**
 * The gradient of LeakyReLU, which tfjs writes as where(x > 0, dy, dy * alpha), as one operator. It is lowered for
 * slopes above 0, up to 1. With slope 0 it would be the gradient of ReLU, dy * step(x), which differs if x is NaN.
 */
function leakyReluGrad(g: Graph, condition: Value, dy: Value, scaled: Value): Value | undefined {
  const test = condition.source, product = scaled.source;
  if (test.kind !== "node" || test.node.op !== "Greater") return undefined;
  if (product.kind !== "node" || product.node.op !== "Mul") return undefined;
  const [x, threshold] = test.node.inputs, [left, right] = product.node.inputs;
  if (splatOf(threshold!) !== 0) return undefined;
  const alpha = left === dy ? splatOf(right!) : right === dy ? splatOf(left!) : undefined;
  if (alpha === undefined || !(alpha > 0 && alpha <= 1)) return undefined;
  return g.elementwise("LeakyReluGrad", [dy, x!], "float32", { alpha });
}

/** The input's gradient of a 3x3 convolution after reflection padding by 1, as one operator. */
function mirroredInputGrad(
  g: Graph,
  dy: Value,
  paddings: readonly (readonly [number, number])[],
  mode: string,
  shape: readonly number[],
): Value | undefined {
  const { source } = dy;
  if (source.kind !== "node" || source.node.op !== "ConvInputGrad" || mode !== "reflect") return;
  const [gradient, filter] = source.node.inputs as [Value, Value];
  const { strides, dilations, pads } = source.node.attrs as unknown as ConvolutionAttributes;
  const plain = [...strides, ...dilations].every((n) => n === 1) && pads.every((n) => n === 0);
  const byOne = paddings.flat().join() === "0,0,1,1,1,1,0,0";
  if (!plain || !byOne || filter.shape[0] !== 3 || filter.shape[1] !== 3) return;
  return g.op("MirroredConvInputGrad", [gradient, filter], {}, shape);
}

/** The gradient of ReLU, which tfjs writes as dy * step(x), as one operator. */
function reluGrad(g: Graph, dy: Value, step: Value): Value | undefined {
  const { source } = step;
  if (source.kind !== "node" || source.node.op !== "Step") return undefined;
  return g.elementwise("LeakyReluGrad", [dy, source.node.inputs[0]!], "float32", { alpha: 0 });
}

const resized = (i: Inputs, { size }: Attrs): number[] => {
  const { shape } = i["images"]!;
  return [shape[0]!, size[0], size[1], shape[3]!];
};

/** Every tfjs kernel that has a lowering. */
export const KERNELS: Readonly<Record<string, Recorder>> = {
  Add: binary("Add"),
  Sub: binary("Sub"),
  Multiply: (g, i) => reluGrad(g, i["a"]!, i["b"]!) ?? binary("Mul")(g, i, {}),
  RealDiv: (g, i) => {
    const a = i["a"]!, b = i["b"]!, inverse = Math.fround(1 / (splatOf(b) ?? NaN));
    const isNormal = Math.abs(inverse) >= SMALLEST_NORMAL && Number.isFinite(inverse);
    return isNormal
      ? g.elementwise("Mul", [a, g.splat(inverse, b.shape)])
      : g.elementwise("Div", [a, b]);
  },
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Pow: binary("Pow"),
  SquaredDifference: (g, i) => {
    const difference = g.elementwise("Sub", [i["a"]!, i["b"]!], i["a"]!.dtype);
    return g.elementwise("Mul", [difference, difference], difference.dtype);
  },
  AddN: (g, i) => Object.values(i).reduce((a, b) => g.elementwise("Add", [a, b], a.dtype)),
  Greater: comparison("Greater"),
  GreaterEqual: comparison("GreaterOrEqual"),
  Less: comparison("Less"),
  LessEqual: comparison("LessOrEqual"),
  Equal: comparison("Equal"),
  LogicalAnd: comparison("And"),
  LogicalOr: comparison("Or"),
  LogicalNot: (g, i) => g.elementwise("Not", [i["x"]!], "bool"),
  Select: (g, i) => {
    const condition = i["condition"]!, t = i["t"]!, e = i["e"]!;
    return leakyReluGrad(g, condition, t, e) ??
      g.elementwise("Where", [condition, t, e], t.dtype);
  },

  Abs: unary("Abs"),
  Neg: unary("Neg"),
  Sign: unary("Sign"),
  Square: (g, i) => g.elementwise("Mul", [i["x"]!, i["x"]!], i["x"]!.dtype),
  Sqrt: unary("Sqrt"),
  Rsqrt: (g, i) => g.elementwise("Reciprocal", [g.elementwise("Sqrt", [i["x"]!])]),
  Reciprocal: unary("Reciprocal"),
  Exp: unary("Exp"),
  Log: unary("Log"),
  Sin: unary("Sin"),
  Cos: unary("Cos"),
  Tanh: unary("Tanh"),
  Sigmoid: unary("Sigmoid"),
  Softplus: unary("Softplus"),
  Erf: unary("Erf"),
  Floor: unary("Floor"),
  Relu: unary("Relu"),
  Relu6: unary("Relu6"),
  LeakyRelu: unary("LeakyRelu", (a) => ({ alpha: Math.fround(a.alpha) })),
  Elu: unary("Elu"),
  ClipByValue: unary("Clip", (a) => ({ min: a.clipValueMin, max: a.clipValueMax })),
  EluGrad: (g, i) => {
    const dy = i["dy"]!, y = i["y"]!;
    const scaled = g.elementwise("Mul", [dy, g.elementwise("Add", [y, g.splat(1, [])])]);
    const positive = g.elementwise("GreaterOrEqual", [y, g.splat(0, [])], "bool");
    return g.elementwise("Where", [positive, dy, scaled]);
  },
  Step: (g, i, { alpha = 0 }) => {
    const step = g.elementwise("Step", [i["x"]!]);
    const scaled = g.elementwise("Mul", [step, g.splat(1 - alpha, [])]);
    return g.elementwise("Add", [scaled, g.splat(alpha, [])]);
  },
  Cast: (g, i, { dtype }) => {
    const x = i["x"]!;
    if (x.dtype === dtype) return x;
    const known = splatOf(x);
    if (known !== undefined) {
      const value = dtype === "bool"
        ? Number(known !== 0)
        : dtype === "int32"
        ? Number.isFinite(known) ? Math.trunc(known) + 0 : 0
        : known;
      return g.splat(value, x.shape, dtype as DType);
    }
    return g.elementwise("Cast", [x], dtype as DType, { dtype });
  },
  Identity: (_g, i) => i["x"]!,
  ZerosLike: (g, i) => g.splat(0, i["x"]!.shape, i["x"]!.dtype),
  OnesLike: (g, i) => g.splat(1, i["x"]!.shape, i["x"]!.dtype),
  Fill: (g, _i, { shape, value, dtype }) => g.splat(value, shape, dtype ?? "float32"),

  Range: (g, _i, { start, stop, step, dtype }) => {
    const length = Math.max(0, Math.ceil((stop - start) / step));
    return g.constant(Float32Array.from({ length }, (_, k) => start + k * step), [length], dtype);
  },

  Sum: reduction("ReduceSum"),
  Mean: reduction("ReduceMean"),
  Max: reduction("ReduceMax"),
  Min: reduction("ReduceMin"),

  Reshape: (g, i, { shape }) =>
    reshape(g, i["x"]!, tf.util.inferFromImplicitShape(shape, sizeOf(i["x"]!.shape))),
  ExpandDims: (g, i, { dim }) => {
    const x = i["input"]!, shape = [...x.shape];
    shape.splice(dim < 0 ? dim + shape.length + 1 : dim, 0, 1);
    return reshape(g, x, shape);
  },
  Transpose: (g, i, { perm }) => {
    const x = i["x"]!, shape = (perm as number[]).map((k) => x.shape[k]!);
    const known = splatOf(x);
    if (known !== undefined) return g.splat(known, shape, x.dtype);
    return g.op("Transpose", [x], { perm }, shape, x.dtype);
  },
  Concat: (g, i, a) => {
    const list = Object.values(i).filter((v) => sizeOf(v.shape) > 0);
    const axis = tf.util.parseAxisParam(a.axis, [...list[0]!.shape])[0]!;
    const shape = B.computeOutShape(list.map((v) => [...v.shape]), axis);
    return list.length === 1 ? list[0]! : g.op("Concat", list, { axis }, shape, list[0]!.dtype);
  },
  SplitV: (g, i, a) => {
    const x = i["x"]!, axis = tf.util.parseAxisParam(a.axis, [...x.shape])[0]!;
    const sizes = B.prepareSplitSize(x as unknown as tf.Tensor, a.numOrSizeSplits, axis);
    let at = 0;
    return sizes.map((size) => {
      const begin = x.shape.map((_, k) => k === axis ? at : 0);
      at += size;
      const shape = x.shape.map((full, k) => k === axis ? size : full);
      return g.op("Slice", [x], { begin }, shape, x.dtype);
    });
  },
  Slice: (g, i, a) => {
    const x = i["x"]!;
    const [begin, shape] = tf.slice_util.parseSliceParams(
      x as unknown as tf.Tensor,
      a.begin,
      a.size,
    ) as [number[], number[]];
    return sameShape(shape, x.shape) ? x : g.op("Slice", [x], { begin }, shape, x.dtype);
  },
  Tile: (g, i, { reps }) => {
    const x = i["x"]!, shape = x.shape.map((size, k) => size * reps[k]);
    return x.shape.every((size, k) => size === 1 || reps[k] === 1)
      ? g.broadcast(x, shape)
      : g.op("Tile", [x], { reps }, shape, x.dtype);
  },
  PadV2: (g, i, a) => pad("constant", g, i["x"]!, a),
  MirrorPad: (g, i, a) => pad(a.mode, g, i["x"]!, a),
  [MirrorPadGrad]: (g, i, { paddings, mode, inputShape }) => {
    const dy = i["dy"]!;
    if (sameShape(dy.shape, inputShape)) return dy;
    return mirroredInputGrad(g, dy, paddings, mode, inputShape) ??
      g.op("PadGrad", [dy], { paddings, mode }, inputShape);
  },
  [FLATTEN_KERNEL]: (g, i) => {
    const list = Object.values(i);
    return g.op("Flatten", list, {}, [list.reduce((sum, v) => sum + sizeOf(v.shape), 0)]);
  },
  [UNFLATTEN_KERNEL]: (g, i, { shapes }) =>
    g.node(
      "Unflatten",
      [i["vector"]!],
      {},
      (shapes as number[][]).map((shape) => ({ shape, dtype: "float32" })),
    ),

  BatchMatMul: matMul,
  _FusedMatMul: fused(matMul),
  Conv2D: (g, i, a) => conv2d(g, i["x"]!, i["filter"]!, a),
  FusedConv2D: fused((g, i, a) => conv2d(g, i["x"]!, i["filter"]!, a)),
  Conv2DBackpropInput: (g, i, a) => {
    const { attrs } = convolution("Conv2DBackpropInput", a.inputShape, i["filter"]!.shape, a);
    return g.op("ConvInputGrad", [i["dy"]!, i["filter"]!], { ...attrs }, a.inputShape);
  },
  Conv2DBackpropFilter: (g, i, a) => {
    const { attrs } = convolution("Conv2DBackpropFilter", i["x"]!.shape, a.filterShape, a);
    return g.op("ConvFilterGrad", [i["x"]!, i["dy"]!], { ...attrs }, a.filterShape);
  },
  FusedBatchNorm: (g, i, { varianceEpsilon }) => {
    const deviation = g.elementwise("Sqrt", [
      g.elementwise("Add", [i["variance"]!, g.splat(varianceEpsilon, [])]),
    ]);
    const inverse = g.elementwise("Reciprocal", [deviation]);
    const scale = i["scale"] ? g.elementwise("Mul", [inverse, i["scale"]]) : inverse;
    const centred = g.elementwise("Sub", [i["x"]!, i["mean"]!]);
    const scaled = g.elementwise("Mul", [centred, scale]);
    return i["offset"] ? g.elementwise("Add", [scaled, i["offset"]]) : scaled;
  },
  ResizeBilinear: (g, i, a) => g.op("ResizeBilinear", [i["images"]!], resampling(a), resized(i, a)),
  ResizeBilinearGrad: (g, i, a) =>
    g.op("ResizeBilinearGrad", [i["dy"]!], resampling(a), i["images"]!.shape),
  ResizeNearestNeighbor: (g, i, a) =>
    g.op(
      "ResizeNearest",
      [i["images"]!],
      nearest(i["images"]!.shape, resized(i, a), a),
      resized(i, a),
      i["images"]!.dtype,
    ),
  ResizeNearestNeighborGrad: (g, i, a) =>
    g.op(
      "ResizeNearestGrad",
      [i["dy"]!],
      nearest(i["images"]!.shape, i["dy"]!.shape, a),
      i["images"]!.shape,
    ),
};

const resampling = ({ alignCorners, halfPixelCenters }: Attrs) => ({
  alignCorners: !!alignCorners,
  halfPixelCenters: !!halfPixelCenters,
});

/** Nearest-neighbour resampling is lowered if it repeats pixels: by whole factors, without aligned corners. */
function nearest(from: readonly number[], to: readonly number[], { alignCorners }: Attrs) {
  const factors = [to[1]! / from[1]!, to[2]! / from[2]!];
  if (alignCorners || !factors.every(Number.isInteger)) {
    throw new UnsupportedKernelError(
      "ResizeNearestNeighbor",
      `from ${from[1]}x${from[2]} to ${to[1]}x${to[2]}${
        alignCorners ? " with aligned corners" : ""
      } has no lowering`,
    );
  }
  return { factors };
}
