// Operators of random programs that move, concatenate, slice, pad, repeat or reduce.
import { flatten, tf, unflatten } from "../../../lib/engine/mod.ts";
import type { Operator, Scope, Slot } from "./_program.ts";

type Paddings = [number, number][];

/** Of a tensor of any type, its settings by its shape. */
function moving(
  write: (
    scope: Scope,
    shape: readonly number[],
  ) => { text: string; run: (x: tf.Tensor) => tf.Tensor[] } | undefined,
  rank = 0,
): Operator {
  return (scope) => {
    const x = scope.pick(({ tensor }) => tensor.rank >= rank);
    const written = x && write(scope, x.tensor.shape);
    return written &&
      { text: written.text, from: [x], run: ([x]) => written.run(x!) };
  };
}

/** A shape of as many elements. */
function reshaped(scope: Scope, shape: readonly number[]): number[] {
  let left = shape.reduce((a, b) => a * b, 1);
  const to: number[] = [];
  while (left > 1 && to.length < 3) {
    const divisors = Array.from({ length: left }, (_, i) => i + 1).filter((n) => left % n === 0);
    to.push(scope.of(divisors));
    left /= to.at(-1)!;
  }
  return left > 1 ? [...to, left] : to;
}

function shuffled(scope: Scope, length: number): number[] {
  const left = Array.from({ length }, (_, i) => i);
  return Array.from({ length }, () => left.splice(scope.below(left.length), 1)[0]!);
}

const reorderings: Operator[] = [
  moving((scope, shape) => {
    const to = reshaped(scope, shape);
    return { text: `reshape to ${to}`, run: (x) => [x.reshape(to)] };
  }),
  moving((scope, shape) => {
    const axis = scope.below(shape.length + 1);
    return { text: `expandDims ${axis}`, run: (x) => [x.expandDims(axis)] };
  }),
  moving(() => ({ text: "squeeze", run: (x) => [x.squeeze()] })),
  moving((scope, shape) => {
    const order = shuffled(scope, shape.length);
    return { text: `transpose ${order}`, run: (x) => [x.transpose(order)] };
  }, 2),
];

const cuts: Operator[] = [
  moving((scope, shape) => {
    const begin = shape.map((size) => scope.below(size));
    const size = shape.map((size, i) => 1 + scope.below(size - begin[i]!));
    return { text: `slice ${begin} size ${size}`, run: (x) => [x.slice(begin, size)] };
  }, 1),
  // Both ends along one axis, as a total variation takes them.
  moving((scope, shape) => {
    const axis = scope.below(shape.length);
    if (shape[axis] === 1) return undefined;
    const size = shape.map((n, i) => i === axis ? n - 1 : n);
    const begins = [0, 1].map((at) => shape.map((_, i) => i === axis ? at : 0));
    return {
      text: `all but the ends along ${axis}`,
      run: (x) => begins.map((begin) => x.slice(begin, size)),
    };
  }, 1),
  moving((scope, shape) => {
    const axis = scope.below(shape.length), first = 1 + scope.below(shape[axis]!);
    if (first >= shape[axis]!) return undefined;
    const sizes = [first, shape[axis]! - first];
    return { text: `split ${axis} by ${sizes}`, run: (x) => tf.split(x, sizes, axis) };
  }, 1),
];

const PADDING = [0, 0.4, -1, Infinity, -Infinity, NaN];

const growths: Operator[] = [
  moving((scope, shape) => {
    // tfjs has no gradient of more.
    if (shape.length > 4) return undefined;
    const reps = shape.map(() => scope.of([1, 1, 1, 2, 3]));
    return { text: `tile ${reps}`, run: (x) => [tf.tile(x, reps)] };
  }, 1),
  moving((scope, shape) => {
    const to = shape.map((size) => size === 1 ? 1 + scope.below(4) : size);
    if (scope.below(2) === 1) to.unshift(1 + scope.below(3));
    if (to.length > 4) return undefined;
    return { text: `broadcast to ${to}`, run: (x) => [tf.broadcastTo(x, to)] };
  }),
  moving((scope, shape) => {
    const paddings = shape.map(() =>
      scope.below(2) === 0 ? [0, 0] : [scope.below(3), scope.below(3)]
    );
    const value = scope.of(scope.isSpecial ? PADDING : PADDING.slice(0, 3));
    return {
      text: `pad ${paddings.join(" ")} with ${value}`,
      run: (x) => [x.pad(paddings as Paddings, x.dtype === "float32" ? value : 0)],
    };
  }, 1),
  ...(["reflect", "symmetric"] as const).map((mode) =>
    moving((scope, shape) => {
      // Its gradient is a sum of products, where a number that is not finite would meet zeros.
      if (scope.isSpecial) return undefined;
      // A reflection adds at most a side less one; symmetric padding by more than 1 is not supported.
      const paddings = shape.map((size) => {
        const count = mode === "reflect" ? Math.min(size, 4) : 2;
        return scope.below(2) === 0 ? [0, 0] : [scope.below(count), scope.below(count)];
      });
      return {
        text: `mirrorPad ${paddings.join(" ")}, ${mode}`,
        run: (x) => [tf.mirrorPad(x, paddings as Paddings, mode)],
      };
    }, 1)
  ),
  moving((scope) => {
    const like = scope.of(["onesLike", "zerosLike"] as const);
    return { text: like, run: (x) => [tf[like](x)] };
  }),
];

const joins: Operator[] = [
  (scope) => {
    const a = scope.pick(({ tensor }) => tensor.rank > 0);
    if (!a) return undefined;
    const axis = scope.below(a.tensor.rank), { shape, dtype } = a.tensor;
    const fits = ({ tensor }: Slot) =>
      tensor.dtype === dtype && tensor.rank === shape.length &&
      tensor.shape.every((size, i) => i === axis || size === shape[i]);
    const rest = Array.from({ length: 1 + scope.below(2) }, () => scope.pick(fits)!);
    return {
      text: `concat ${axis}`,
      from: [a, ...rest],
      run: (tensors) => [tf.concat([...tensors], axis)],
    };
  },
  (scope) => {
    const list = Array.from(
      { length: 1 + scope.below(3) },
      () => scope.pick(({ tensor }) => tensor.dtype === "float32")!,
    );
    if (list.includes(undefined!)) return undefined;
    const shapes = list.map(({ tensor }) => tensor.shape);
    // The order within the vector is the engine's own: only what is taken apart again is the same.
    return {
      text: "flatten, double and unflatten",
      from: list,
      hasNoGradient: true,
      run: (tensors) => unflatten(flatten(tensors).mul(2), shapes),
    };
  },
];

const reductions: Operator[] = (["sum", "mean", "max", "min"] as const).map((op) => (scope) => {
  // A sum of numbers of very different size is another in another order.
  const isSum = op === "sum" || op === "mean";
  const fits = (value: number) => !isSum || !Number.isFinite(value) || Math.abs(value) < 1e6;
  const x = scope.pick(({ tensor, values }) => tensor.dtype !== "bool" && values.every(fits));
  if (!x) return undefined;
  const axes = x.tensor.shape.map((_, i) => i).filter(() => scope.below(2) === 0);
  const keepDims = scope.below(2) === 0;
  return {
    text: `${op} over ${axes}${keepDims ? ", kept" : ""}`,
    from: [x],
    run: ([x]) => [x![op](axes, keepDims)],
  };
});

/** All of them. */
export const moves: Operator[] = [...reorderings, ...cuts, ...growths, ...joins, ...reductions];
