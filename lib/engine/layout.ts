// In which order of axes each value is stored: pictures channels first, filters output-channel first, as native convolutions want them.
import { type Node, sameShape, type Value } from "./graph.ts";

/** Stored axis `i` is logical axis `layout[i]`. */
export type Layout = readonly number[];

/** Logical `[N, H, W, C]` stored as `[N, C, H, W]`. */
export const IMAGE: Layout = [0, 3, 1, 2];
/** Logical `[kh, kw, in, out]` stored as `[out, in, kh, kw]`. */
export const FILTER: Layout = [3, 2, 0, 1];

/** Stored as it reads. */
export const plain = (rank: number): Layout => Array.from({ length: rank }, (_, i) => i);

/** The stored shape of a logical one. */
export const stored = (shape: readonly number[], layout: Layout): number[] =>
  layout.map((axis) => shape[axis]!);

/** Copies row-major `values` of `shape` so that axis `i` of the copy is axis `order[i]` of the original. */
export function permute(
  values: ArrayLike<number>,
  shape: readonly number[],
  order: Layout,
): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const to = stored(shape, order), steps = stored(strides, order);
  const out = new Float32Array(values.length), index = to.map(() => 0);
  for (let i = 0, from = 0; i < out.length; i++) {
    out[i] = values[from]!;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < to[axis]!) break;
      from -= steps[axis]! * to[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** The order that undoes `order`. */
export const inverse = (order: Layout): number[] => order.map((_, i) => order.indexOf(i));

const SAME_LAYOUT = new Set(["Slice", "Concat", "Pad", "PadGrad", "Tile"]);
const IMAGE_TO_IMAGE = new Set([
  "ResizeBilinear",
  "ResizeBilinearGrad",
  "ResizeNearest",
  "ResizeNearestGrad",
]);

/**
 * Chooses the layout of every value: values that meet element by element share one, so that no
 * transposition stands between a convolution, its norm, its activation and their gradients, nor
 * between a filter, its gradient and its update.
 *
 * @param nodes The nodes of a step.
 * @param pairs Further pairs that must share a layout: each variable before and after the step.
 * @returns The layout of a value.
 */
export function assignLayouts(
  nodes: readonly Node[],
  pairs: readonly (readonly [Value, Value])[],
): (value: Value) => Layout {
  const parents = new Map<Value, Value>();
  const wanted = new Map<Value, Layout>();
  const root = (value: Value): Value => {
    let at = value;
    for (let up = parents.get(at); up; up = parents.get(at)) at = up;
    return at;
  };
  const tie = (a: Value, b: Value) => {
    if (a.shape.length !== 4 || b.shape.length !== 4) return;
    const x = root(a), y = root(b);
    if (x === y) return;
    parents.set(y, x);
    const layout = wanted.get(x) ?? wanted.get(y);
    if (layout) wanted.set(x, layout);
  };
  const want = (value: Value, layout: Layout) => {
    const at = root(value);
    if (!wanted.has(at)) wanted.set(at, layout);
  };

  const packed = new Map<string, readonly Value[]>();
  const tiePacked = (values: readonly Value[]) => {
    const key = values.map((v) => v.shape.join("x")).join();
    packed.get(key)?.forEach((value, i) => tie(value, values[i]!));
    packed.set(key, packed.get(key) ?? values);
  };

  for (const { op, inputs, outputs } of nodes) {
    const [first, second] = inputs, [out] = outputs;
    if (op === "Conv" || op === "ConvInputGrad" || op === "MirroredConvInputGrad") {
      want(first!, IMAGE), want(second!, FILTER), want(out!, IMAGE);
    } else if (op === "ConvFilterGrad") {
      want(first!, IMAGE), want(second!, IMAGE), want(out!, FILTER);
    } else if (IMAGE_TO_IMAGE.has(op)) {
      want(first!, IMAGE), want(out!, IMAGE);
    }
  }
  for (const { op, inputs, outputs } of nodes) {
    if (op === "Flatten") tiePacked(inputs);
    else if (op === "Unflatten") tiePacked(outputs);
    else {
      const [out] = outputs;
      for (const input of inputs) {
        const known = input.source.kind === "constant" || input.source.kind === "splat";
        if (known) continue;
        if (SAME_LAYOUT.has(op) || (isElementwise(op) && sameShape(input.shape, out!.shape))) {
          tie(out!, input);
        }
      }
    }
  }
  for (const [before, after] of pairs) tie(before, after);

  return (value) => wanted.get(root(value)) ?? plain(value.shape.length);
}

const NOT_ELEMENTWISE = new Set([
  ...SAME_LAYOUT,
  ...IMAGE_TO_IMAGE,
  "Conv",
  "ConvInputGrad",
  "ConvFilterGrad",
  "MirroredConvInputGrad",
  "Flatten",
  "Unflatten",
  "MatMul",
  "Reshape",
  "Transpose",
  "ReduceSum",
  "ReduceMean",
  "ReduceMax",
  "ReduceMin",
]);

/** Whether an operator of the intermediate form works element by element. */
export const isElementwise = (op: string): boolean => !NOT_ELEMENTWISE.has(op);
