// Padding, mirrored borders, and the gradient of mirroring.
import type { Emitter } from "../emitter.ts";
import { mirrorIndex } from "../gradients.ts";
import { sizeOf } from "../graph.ts";
import { blockedImage } from "../layout.ts";
import type { Ref } from "../onnx.ts";

/** The numbers to add before and after, along each axis. */
export type Paddings = readonly (readonly [number, number])[];

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
