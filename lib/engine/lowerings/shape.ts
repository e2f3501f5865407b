// Operators that move, join, slice, pad or reduce.
import { UnsupportedKernelError } from "../errors.ts";
import type { Emitter, Lowering } from "../emitter.ts";
import { sizeOf, type Value } from "../graph.ts";
import { inMemory, type Layout, stored, unblocked } from "../layout.ts";
import type { Ref } from "../onnx.ts";
import { pad, type Paddings, unmirror, unmirrorBlocked } from "./padding.ts";

const reduce: Lowering = (e, { op, inputs: [x], outputs: [out], attrs }) => {
  const axes = attrs["axes"] as number[], own = e.layoutOf(x!);
  if (own.cut.join() === "1" && axes.toSorted().join() === "0,1,2") {
    return e.definePlain(out!, e.reshape(perChannel(e, op, e.ref(x!), own), out!.shape));
  }
  const { order } = unblocked(own);
  let ref = e.ref(x!, unblocked(own));
  let over = axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);
  const kept = ref.shape.map((size, i) => over.includes(i) ? 1 : size);
  // With joined axes the runtime takes its fast path over rows.
  const first = kept.findIndex((_, i) => over.includes(i) && ref.shape[i] !== 1);
  const tail = first >= 0 && kept.slice(first).every((_, i) => over.includes(first + i));
  if (tail) {
    ref = e.reshape(ref, [sizeOf(ref.shape.slice(0, first)), sizeOf(ref.shape.slice(first))]);
    over = [1];
  }
  const shape = ref.shape.map((size, i) => over.includes(i) ? 1 : size);
  const reduced = e.reshape(reduceAxes(e, op, ref, over, shape), kept);
  const logical = e.transpose(reduced, order.map((_, i) => order.indexOf(i)));
  e.definePlain(out!, e.reshape(logical, out!.shape));
};

/** The number of terms above which the rounding error of a float32 sum matters. */
const TERMS = 1024;

function reduceAxes(
  e: Emitter,
  op: string,
  x: Ref,
  axes: readonly number[],
  shape: readonly number[],
): Ref {
  const reduced = e.emit(op, [x, e.list(axes)], shape, { keepdims: 1 });
  if (op !== "ReduceMax" && op !== "ReduceMin") return reduced;
  // Whether the runtime's operator keeps NaN depends on its position.
  const isNaN = e.emit("IsNaN", [x], x.shape, {}, { type: "bool" });
  const marks = e.emit("Where", [isNaN, e.scalar(1), e.scalar(0)], x.shape);
  const count = e.emit("ReduceSum", [marks, e.list(axes)], shape, { keepdims: 1 });
  const isLost = e.binary("Greater", count, e.scalar(0), "bool");
  return e.emit("Where", [isLost, e.scalar(NaN), reduced], shape);
}

/**
 * Reduces pictures in blocks to one number for each channel. Large pictures are reduced over the rows first, whole
 * rows at a time, then over the remaining columns, so that no sum has very many terms.
 */
function perChannel(e: Emitter, op: string, x: Ref, layout: Layout): Ref {
  const [batch, blocks, height, width, block] = inMemory(x.shape, layout) as number[];
  const pictures = batch! * blocks!;
  const along = (ref: Ref, size: number, rest: number): Ref => {
    // A leading axis of 1 would prevent the runtime's fast path.
    const shape = pictures === 1 ? [size, rest] : [pictures, size, rest];
    const axis = shape.length - 2, reduced = shape.map((n, i) => i === axis ? 1 : n);
    return reduceAxes(e, op, e.reshape(ref, shape), [axis], reduced);
  };
  const sums = height! * width! <= TERMS
    ? along(x, height! * width!, block!)
    : along(along(x, height!, width! * block!), width!, block!);
  if (batch === 1) return sums;
  const perPicture = e.reshape(sums, [batch!, blocks! * block!]);
  return reduceAxes(e, op, perPicture, [0], [1, blocks! * block!]);
}

/**
 * The layout of a value if the operation along each axis keeps its blocks whole, else the same layout without blocks.
 *
 * @param fits Whether the operation along a logical axis moves whole blocks.
 */
function layoutFor(
  e: Emitter,
  value: Value,
  fits: (axis: number, block: number) => boolean,
): Layout {
  const own = e.layoutOf(value);
  return own.cut.every((i) => fits(own.order[i]!, own.block)) ? own : unblocked(own);
}

/** The number of elements along a logical axis that are one element along the axis in memory. */
const unitOf = ({ order, cut, block }: Layout, axis: number): number =>
  cut.includes(order.indexOf(axis)) ? block : 1;

/** Lowerings by operator. */
export const shape: Record<string, Lowering> = {
  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceMax: reduce,
  ReduceMin: reduce,
  Reshape: (e, { inputs: [x], outputs: [out] }) =>
    e.definePlain(out!, e.reshape(e.plain(x!), out!.shape)),
  Transpose: (e, { inputs: [x], outputs: [out], attrs }) => {
    const perm = attrs["perm"] as number[],
      from = unblocked(e.layoutOf(x!)),
      to = unblocked(e.layoutOf(out!));
    const order = to.order.map((axis) => from.order.indexOf(perm[axis]!));
    e.define(out!, e.transpose(e.ref(x!, from), order), to);
  },
  Concat: (e, { inputs, outputs: [out], attrs }) => {
    const axis = attrs["axis"] as number;
    const layout = layoutFor(
      e,
      out!,
      (at, block) => at !== axis || inputs.every(({ shape }) => shape[at]! % block === 0),
    );
    const parts = inputs.map((x) => e.memory(e.ref(x, layout), layout));
    const joined = e.concat(parts, layout.order.indexOf(axis));
    e.define(out!, e.reshape(joined, stored(out!.shape, layout)), layout);
  },
  Slice: (e, { inputs: [x], outputs: [out], attrs }) => {
    const begin = attrs["begin"] as number[];
    const layout = layoutFor(
      e,
      out!,
      (axis, block) => begin[axis]! % block === 0 && out!.shape[axis]! % block === 0,
    );
    let ref = e.memory(e.ref(x!, layout), layout);
    layout.order.forEach((axis, i) => {
      const unit = unitOf(layout, axis), first = begin[axis]! / unit;
      ref = e.slice(ref, i, first, first + out!.shape[axis]! / unit);
    });
    e.define(out!, e.reshape(ref, stored(out!.shape, layout)), layout);
  },
  Tile: (e, { inputs: [x], outputs: [out], attrs }) => {
    const reps = attrs["reps"] as number[];
    const layout = layoutFor(e, out!, () => true);
    const whole = inMemory(stored(out!.shape, layout), layout);
    const times = [...stored(reps, layout), ...layout.cut.map(() => 1)];
    const ref = e.memory(e.ref(x!, layout), layout), { type } = ref;
    const tiled = e.emit("Tile", [ref, e.list(times)], whole, {}, { type });
    e.define(out!, e.reshape(tiled, stored(out!.shape, layout)), layout);
  },
  Pad: (e, { inputs: [x], outputs: [out], attrs }) => {
    const mode = attrs["mode"] as string, paddings = attrs["paddings"] as Paddings;
    const layout = layoutFor(e, out!, (axis) => paddings[axis]!.every((width) => width === 0));
    if (mode === "symmetric" && paddings.flat().some((width) => width > 1)) {
      throw new UnsupportedKernelError("MirrorPad", "'symmetric' by more than 1 has no lowering");
    }
    const onnxMode = mode === "symmetric" ? "edge" : mode;
    const value = (attrs["value"] as number | undefined) ?? 0;
    const widths: Paddings = [
      ...layout.order.map((axis) => paddings[axis]!),
      ...layout.cut.map((): [number, number] => [0, 0]),
    ];
    const padded = pad(e, e.memory(e.ref(x!, layout), layout), widths, onnxMode, value);
    e.define(out!, e.reshape(padded, stored(out!.shape, layout)), layout);
  },
  PadGrad: (e, { inputs: [dy], outputs: [out], attrs }) => {
    const mode = attrs["mode"] as "reflect" | "symmetric", paddings = attrs["paddings"] as Paddings;
    const layout = layoutFor(e, out!, (axis) => paddings[axis]!.every((width) => width === 0));
    const isWithinPictures = paddings[0]?.every((width) => width === 0);
    if (layout.cut.join() === "1" && isWithinPictures) {
      const sides = [paddings[1]!, paddings[2]!];
      return e.define(out!, unmirrorBlocked(e, e.ref(dy!, layout), sides, mode), layout);
    }
    let ref = e.memory(e.ref(dy!, layout), layout);
    layout.order.forEach((axis, i) => {
      const width = paddings[axis]!;
      if (width[0] || width[1]) ref = unmirror(e, ref, i, width, mode);
    });
    e.define(out!, e.reshape(ref, stored(out!.shape, layout)), layout);
  },
  Flatten: (e, { inputs, outputs: [out] }) =>
    e.define(out!, e.concat(inputs.map((x) => e.reshape(e.ref(x), [sizeOf(x.shape)])), 0)),
  Unflatten: (e, { inputs: [vector], outputs }) => {
    const sizes = outputs.map((out) => sizeOf(out.shape));
    const parts = outputs.length === 1
      ? [e.ref(vector!)]
      : e.emitAll("Split", [e.ref(vector!), e.list(sizes)], sizes.map((n) => [n]), { axis: 0 });
    outputs.forEach((out, i) =>
      e.define(out, e.reshape(parts[i]!, stored(out.shape, e.layoutOf(out))))
    );
  },
  MatMul: (e, { inputs: [a, b], outputs: [out], attrs }) => {
    const [x, y] = [e.plain(a!), e.plain(b!)];
    const [transA, transB] = [Number(attrs["transposeA"]), Number(attrs["transposeB"])];
    const product = transA || transB
      ? e.emit("FusedMatMul", [x, y], out!.shape, { transA, transB }, { domain: "com.microsoft" })
      : e.emit("MatMul", [x, y], out!.shape);
    e.definePlain(out!, product);
  },
};
