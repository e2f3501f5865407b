// Operators that move, join, cut, pad or reduce.
import { UnsupportedKernelError } from "../errors.ts";
import type { Emitter } from "../emitter.ts";
import { mirrorIndex } from "../gradients.ts";
import { sizeOf } from "../graph.ts";
import { type Layout, stored } from "../layout.ts";
import type { Ref } from "../onnx.ts";
import type { Lowering } from "./lowering.ts";

type Paddings = readonly (readonly [number, number])[];

const reduce: Lowering = (e, { op, inputs: [x], outputs: [out], attrs }) => {
  const axes = attrs["axes"] as number[], layout = e.layoutOf(x!);
  let ref = e.ref(x!), over = axes.map((axis) => layout.indexOf(axis)).sort((a, b) => a - b);
  const kept = ref.shape.map((size, i) => over.includes(i) ? 1 : size);
  // Joining the reduced axes lets the runtime take its fast path over rows.
  const first = kept.findIndex((_, i) => over.includes(i) && ref.shape[i] !== 1);
  const tail = first >= 0 && kept.slice(first).every((_, i) => over.includes(first + i));
  if (tail) {
    ref = e.reshape(ref, [sizeOf(ref.shape.slice(0, first)), sizeOf(ref.shape.slice(first))]);
    over = [1];
  }
  const shape = ref.shape.map((size, i) => over.includes(i) ? 1 : size);
  const reduced = e.reshape(e.emit(op, [ref, e.list(over)], shape, { keepdims: 1 }), kept);
  const logical = e.transpose(reduced, layout.map((_, i) => layout.indexOf(i)));
  e.definePlain(out!, e.reshape(logical, out!.shape));
};

/** Pads each stored axis. */
function pad(e: Emitter, x: Ref, paddings: Paddings, mode: string, value: number): Ref {
  const ends = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  const shape = x.shape.map((size, i) => size + paddings[i]![0] + paddings[i]![1]);
  const inputs = [x, e.list(ends), ...(mode === "constant" ? [e.scalar(value)] : [])];
  return e.emit("Pad", inputs, shape, { mode });
}

/** Pads an `[N, C, H, W]` tensor with zeros: top, left, bottom, right. */
export function zeroPad(e: Emitter, x: Ref, [top, left, bottom, right]: readonly number[]): Ref {
  if (![top, left, bottom, right].some(Boolean)) return x;
  return pad(e, x, [[0, 0], [0, 0], [top!, bottom!], [left!, right!]], "constant", 0);
}

/** Adds what was mirrored along one axis back to where it came from. */
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

/** The same by a matrix of zeros and ones, where the mirrored parts overlap. */
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

const toStored = (paddings: Paddings, layout: Layout): Paddings =>
  layout.map((axis) => paddings[axis]!);

/** Lowerings by operator. */
export const shape: Record<string, Lowering> = {
  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceMax: reduce,
  ReduceMin: reduce,
  Reshape: (e, { inputs: [x], outputs: [out] }) =>
    e.definePlain(out!, e.reshape(e.plain(x!), out!.shape)),
  Transpose: (e, { inputs: [x], outputs: [out], attrs }) => {
    const perm = attrs["perm"] as number[], from = e.layoutOf(x!);
    const order = e.layoutOf(out!).map((axis) => from.indexOf(perm[axis]!));
    e.define(out!, e.transpose(e.ref(x!), order));
  },
  Concat: (e, { inputs, outputs: [out], attrs }) => {
    const layout = e.layoutOf(out!);
    const axis = layout.indexOf(attrs["axis"] as number);
    e.define(out!, e.concat(inputs.map((x) => e.ref(x, layout)), axis));
  },
  Slice: (e, { inputs: [x], outputs: [out], attrs }) => {
    const begin = attrs["begin"] as number[], layout = e.layoutOf(out!);
    let ref = e.ref(x!, layout);
    layout.forEach((axis, i) => {
      ref = e.slice(ref, i, begin[axis]!, begin[axis]! + out!.shape[axis]!);
    });
    e.define(out!, ref);
  },
  Tile: (e, { inputs: [x], outputs: [out], attrs }) => {
    const layout = e.layoutOf(out!), reps = stored(attrs["reps"] as number[], layout);
    const whole = stored(out!.shape, layout);
    e.define(out!, e.emit("Tile", [e.ref(x!, layout), e.list(reps)], whole));
  },
  Pad: (e, { inputs: [x], outputs: [out], attrs }) => {
    const layout = e.layoutOf(out!), mode = attrs["mode"] as string;
    const paddings = toStored(attrs["paddings"] as Paddings, layout);
    if (mode === "symmetric" && paddings.flat().some((width) => width > 1)) {
      throw new UnsupportedKernelError("MirrorPad", "'symmetric' by more than 1 has no lowering");
    }
    const onnxMode = mode === "symmetric" ? "edge" : mode;
    const value = (attrs["value"] as number | undefined) ?? 0;
    e.define(out!, pad(e, e.ref(x!, layout), paddings, onnxMode, value));
  },
  PadGrad: (e, { inputs: [dy], outputs: [out], attrs }) => {
    const layout = e.layoutOf(out!), mode = attrs["mode"] as "reflect" | "symmetric";
    let ref = e.ref(dy!, layout);
    toStored(attrs["paddings"] as Paddings, layout).forEach((width, axis) => {
      if (width[0] || width[1]) ref = unmirror(e, ref, axis, width, mode);
    });
    e.define(out!, ref);
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
