// The order of axes in which each value is stored. Native convolutions need pictures channels-first and filters
// output-channel-first, both in blocks of channels if the runtime has fast convolutions for them.

/** How a tensor is stored. */
export interface Layout {
  /** Stored axis `i` is logical axis `order[i]`. */
  readonly order: readonly number[];
  /**
   * The stored axes that are split into blocks of `block`. In memory the block's number takes the axis's place, and
   * the position inside it follows all axes, that of the last split axis first.
   */
  readonly cut: readonly number[];
  readonly block: number;
}

const whole = (order: readonly number[]): Layout => ({ order, cut: [], block: 1 });

/** Logical `[N, H, W, C]` stored as `[N, C, H, W]`. */
export const IMAGE: Layout = whole([0, 3, 1, 2]);
/** Logical `[kh, kw, in, out]` stored as `[out, in, kh, kw]`. */
export const FILTER: Layout = whole([3, 2, 0, 1]);

/** {@linkcode IMAGE} in blocks of channels, in memory `[N, C / block, H, W, block]`. */
export const blockedImage = (block: number): Layout => ({ ...IMAGE, cut: [1], block });
/**
 * {@linkcode FILTER} in blocks, in memory `[out / block, in / block, kh, kw, block of in, block of out]`, or without
 * blocks of `in`: `[out / block, in, kh, kw, block of out]`.
 */
export const blockedFilter = (block: number, isInputCut: boolean): Layout => ({
  ...FILTER,
  cut: isInputCut ? [0, 1] : [0],
  block,
});

/** The row-major layout of a rank. */
export const plain = (rank: number): Layout => whole(Array.from({ length: rank }, (_, i) => i));

/** The same order of axes without blocks. */
export const unblocked = (layout: Layout): Layout =>
  layout.cut.length ? whole(layout.order) : layout;

/** A text that identifies a layout. */
export const keyOfLayout = ({ order, cut, block }: Layout): string => `${order}/${cut}/${block}`;

/** Whether two layouts are the same. */
export const sameLayout = (a: Layout, b: Layout): boolean => keyOfLayout(a) === keyOfLayout(b);

/**
 * The stored shape of a logical one. An axis in blocks keeps its full size, as the runtime's operators declare it.
 */
export const stored = (shape: readonly number[], { order }: Layout): number[] =>
  order.map((axis) => shape[axis]!);

/**
 * The shape in memory of a stored one: an axis in blocks becomes two. An axis of size 1, along which a value is
 * repeated, stays 1.
 */
export function inMemory(shape: readonly number[], { cut, block }: Layout): number[] {
  const outer = shape.map((size, i) => cut.includes(i) && size > 1 ? size / block : size);
  return [...outer, ...cut.toReversed().map((i) => shape[i] === 1 ? 1 : block)];
}

/** The order of the axes of {@linkcode inMemory} that puts both parts of each split axis side by side. */
export function unblockedOrder(rank: number, { cut }: Layout): number[] {
  const inner = (axis: number) => rank + cut.length - 1 - cut.indexOf(axis);
  return Array.from({ length: rank }, (_, i) => cut.includes(i) ? [i, inner(i)] : [i]).flat();
}

/** The inverse of a permutation. */
export const inverse = (order: readonly number[]): number[] =>
  order.map((_, i) => order.indexOf(i));

/** Copies row-major `values` of `shape` so that axis `i` of the copy is axis `order[i]` of the original. */
function permute(
  values: ArrayLike<number>,
  shape: readonly number[],
  order: readonly number[],
): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const to = order.map((axis) => shape[axis]!), steps = order.map((axis) => strides[axis]!);
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

/** Converts row-major values of a logical shape to the stored order. */
export function pack(
  values: ArrayLike<number>,
  shape: readonly number[],
  layout: Layout,
): Float32Array {
  const ordered = permute(values, shape, layout.order);
  if (layout.cut.length === 0) return ordered;
  const order = unblockedOrder(shape.length, layout),
    memory = inMemory(stored(shape, layout), layout);
  return permute(ordered, order.map((axis) => memory[axis]!), inverse(order));
}

/** Converts stored values of a logical shape to row-major order, the inverse of {@linkcode pack}. */
export function unpack(
  values: ArrayLike<number>,
  shape: readonly number[],
  layout: Layout,
): Float32Array {
  const whole = stored(shape, layout);
  const ordered = layout.cut.length
    ? permute(values, inMemory(whole, layout), unblockedOrder(shape.length, layout))
    : values;
  return permute(ordered, whole, inverse(layout.order));
}
