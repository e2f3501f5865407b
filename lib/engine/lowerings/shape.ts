// Operators that move, join, slice, pad or reduce.
import { UnsupportedKernelError } from "../errors.ts";
import type { Emitter, Lowering } from "../emitter.ts";
import { mirrorIndex } from "../gradients.ts";
import { sizeOf, type Value } from "../graph.ts";
import { blockedImage, inMemory, type Layout, stored, unblocked } from "../layout.ts";
import type { Ref } from "../onnx.ts";

type Paddings = readonly (readonly [number, number])[];

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

/** Pads each stored axis. */
export function pad(e: Emitter, x: Ref, paddings: Paddings, mode: string, value: number): Ref {
  const ends = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  const shape = x.shape.map((size, i) => size + paddings[i]![0] + paddings[i]![1]);
  const constant = mode === "constant" ? [e.constant([value], [], x.type)] : [];
  return e.emit("Pad", [x, e.list(ends), ...constant], shape, { mode }, { type: x.type });
}

/** Pads an `[N, C, H, W]` tensor with zeros: top, left, bottom, right. */
export function zeroPad(e: Emitter, x: Ref, [top, left, bottom, right]: readonly number[]): Ref {
  if (![top, left, bottom, right].some(Boolean)) return x;
  return pad(e, x, [[0, 0], [0, 0], [top!, bottom!], [left!, right!]], "constant", 0);
}

/** Adds the mirrored values along one axis to the places they come from. */
export function unmirror(
  e: Emitter,
  dy: Ref,
  axis: number,
  [before, after]: readonly [number, number],
  mode: "reflect" | "symmetric",
): Ref {
  const n = dy.shape[axis]! - before - after, skip = mode === "reflect" ? 1 : 0;
  if (n < before + after + 2 * skip) return fold(e, dy, axis, before, n, mode);
  const cut = (begin: number, end: number) => e.slice(dy, axis, before + begin, before + end);
  const flipped = (begin: number, end: number) =>
    end - begin === 1 ? e.slice(dy, axis, begin, end) : e.slice(dy, axis, end - 1, begin - 1, -1);
  const parts: Ref[] = [];
  if (skip) parts.push(cut(0, 1));
  if (before) parts.push(e.binary("Add", cut(skip, skip + before), flipped(0, before)));
  if (n > before + after + 2 * skip) parts.push(cut(skip + before, n - skip - after));
  if (after) {
    const end = before + n;
    parts.push(e.binary("Add", cut(n - skip - after, n - skip), flipped(end, end + after)));
  }
  if (skip) parts.push(cut(n - 1, n));
  return e.concat(parts, axis);
}

/** The same by a matrix of zeros and ones, for overlapping mirrored parts. */
function fold(
  e: Emitter,
  dy: Ref,
  axis: number,
  before: number,
  n: number,
  mode: "reflect" | "symmetric",
): Ref {
  const size = dy.shape[axis]!, rank = dy.shape.length;
  const matrix = new Float32Array(size * n);
  for (let i = 0; i < size; i++) matrix[i * n + mirrorIndex(i - before, n, mode)]! += 1;
  const order = dy.shape.map((_, i) => i);
  [order[axis], order[rank - 1]] = [order[rank - 1]!, order[axis]!];
  const turned = e.transpose(dy, order);
  const shape = [...turned.shape.slice(0, -1), n];
  return e.transpose(e.emit("MatMul", [turned, e.constant(matrix, [size, n])], shape), order);
}

/** Copies or adds lines along an axis of `x` to other lines of it, in place; no two to the same line. */
function moveLines(
  e: Emitter,
  x: Ref,
  axis: number,
  moves: readonly (readonly [from: number, to: number])[],
  reduction: "none" | "add",
): Ref {
  const size = x.shape[axis]!;
  const outer = sizeOf(x.shape.slice(0, axis)), inner = sizeOf(x.shape.slice(axis + 1));
  const every = (lines: readonly number[]) =>
    Array.from({ length: outer }, (_, k) => lines.map((line) => k * size + line)).flat();
  const from = every(moves.map(([line]) => line)), to = every(moves.map(([, line]) => line));
  const data = e.reshape(x, [outer * size, inner]), shape = [from.length, inner];
  const lines = e.emit("Gather", [data, e.list(from)], shape, { axis: 0 });
  const indices = e.once(`lines ${x.shape} ${axis} ${to}`, () => {
    const values = new Float64Array(to.length * inner);
    to.forEach((line, k) => values.fill(line, k * inner, (k + 1) * inner));
    return e.constant(values, shape, "int64");
  });
  const attributes = { axis: 0, reduction };
  const moved = e.emit("ScatterElements", [data, indices, lines], data.shape, attributes);
  return e.reshape(moved, x.shape);
}

/** Pairs of lines around an axis: each mirrored line and its source. */
function mirroredLines(
  size: number,
  [before, after]: readonly [number, number],
  mode: "reflect" | "symmetric",
): { around: number; inside: number }[] {
  const n = size - before - after;
  return Array.from({ length: size }, (_, i) => i)
    .filter((i) => i < before || i >= before + n)
    .map((i) => ({ around: i, inside: before + mirrorIndex(i - before, n, mode) }));
}

/**
 * Fills the border of pictures in blocks with their mirrored inside.
 *
 * @param x `[N, C, H, W]` in blocks, with the border.
 * @param paddings The border's width above and below, left and right.
 * @returns The pictures, changed in place.
 */
export function mirrorBlocked(e: Emitter, x: Ref, paddings: Paddings): Ref {
  const layout = blockedImage(e.block);
  const filled = paddings.reduce((ref, widths, i) => {
    const lines = mirroredLines(ref.shape[2 + i]!, widths, "reflect");
    if (lines.length === 0) return ref;
    return moveLines(e, ref, 2 + i, lines.map(({ around, inside }) => [inside, around]), "none");
  }, e.memory(x, layout));
  return e.reshape(filled, x.shape);
}

/**
 * Adds the values at the mirrored borders of pictures in blocks to the places they come from.
 *
 * @param dy `[N, C, H, W]` in blocks.
 * @param paddings The border's width above and below, left and right.
 * @param mode How it was mirrored.
 * @returns The pictures without the border.
 */
export function unmirrorBlocked(
  e: Emitter,
  dy: Ref,
  paddings: Paddings,
  mode: "reflect" | "symmetric",
): Ref {
  const [batch, channels, ...sides] = dy.shape as [number, number, number, number];
  const b = e.block, skip = mode === "reflect" ? 1 : 0;
  const inner = sides.map((size, i) => size - paddings[i]![0] - paddings[i]![1]);
  const view = e.reshape(dy, [batch, channels / b, ...sides, b]);
  const shape = [batch, channels, ...inner];
  if (paddings.some(([before, after], i) => inner[i]! < before + after + 2 * skip)) {
    const rows = unmirror(e, view, 2, paddings[0]!, mode);
    return e.reshape(unmirror(e, rows, 3, paddings[1]!, mode), shape);
  }
  const summed = paddings.reduce((ref, widths, i) => {
    const lines = mirroredLines(ref.shape[2 + i]!, widths, mode);
    if (lines.length === 0) return ref;
    return moveLines(e, ref, 2 + i, lines.map(({ around, inside }) => [around, inside]), "add");
  }, view);
  const begins = paddings.map(([before]) => before);
  const ends = begins.map((begin, i) => begin + inner[i]!);
  const lists = [begins, ends, [2, 3]].map((values) => e.list(values));
  const cropped = e.emit("Slice", [summed, ...lists], [batch, channels / b, ...inner, b]);
  return e.reshape(cropped, shape);
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
