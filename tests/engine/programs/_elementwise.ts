// Element-wise operators of random programs: arithmetic, comparisons, selection, casts.
import { tf } from "../../../lib/engine/mod.ts";
import type { Operator, Scope, Slot, Written } from "./_program.ts";

const isFloat = ({ tensor }: Slot): boolean => tensor.dtype === "float32";
const isNumber = ({ tensor }: Slot): boolean => tensor.dtype !== "bool";
const isBool = ({ tensor }: Slot): boolean => tensor.dtype === "bool";
const isWhole = ({ tensor }: Slot): boolean => tensor.dtype === "int32";

const broadcasts = ({ tensor: { shape: a } }: Slot, { tensor: { shape: b } }: Slot): boolean =>
  Array.from({ length: Math.min(a.length, b.length) }, (_, i) => [a.at(-1 - i)!, b.at(-1 - i)!])
    .every(([m, n]) => m === n || m === 1 || n === 1);

const sameShape = (a: Slot, b: Slot): boolean => `${a.tensor.shape}` === `${b.tensor.shape}`;

type Values = (value: number) => boolean;

/**
 * Of a tensor whose values are not too sensitive to compare; of any in a program of special numbers, but for
 * those of which tfjs's backends make different things.
 */
function unary(
  name: string,
  f: (x: tf.Tensor) => tf.Tensor,
  takes: Values = () => true,
  never: Values = () => false,
): Operator {
  return (scope) => {
    const fits = ({ values }: Slot) =>
      (scope.isSpecial || values.every(takes)) && !values.some(never);
    const x = scope.pick((slot) => isFloat(slot) && fits(slot));
    return x && { text: name, from: [x], run: ([x]) => [f(x!)] };
  };
}

const isPositive: Values = (value) => value > 0.05;
const isModerate: Values = (value) => Math.abs(value) < 20;
const isNotSmall: Values = (value) => Math.abs(value) > 0.05;

const BOUNDS = [[0, 1], [-0.5, 0.7], [-Infinity, 0.3], [0, Infinity], [0.2, 0.25]] as const;

const unaries: Operator[] = [
  unary("abs", (x) => x.abs()),
  unary("neg", (x) => x.neg()),
  unary("sign", (x) => x.sign(), undefined, Number.isNaN),
  unary("floor", (x) => x.floor()),
  unary(
    "truncate",
    (x) => x.toInt().toFloat(),
    undefined,
    (v) => Number.isFinite(v) && Math.abs(v) > 1e6,
  ),
  unary("relu", (x) => tf.relu(x)),
  unary("relu6", (x) => tf.relu6(x)),
  unary("square", (x) => x.square()),
  unary("sqrt", (x) => x.sqrt(), isPositive),
  unary("rsqrt", (x) => x.rsqrt(), isPositive),
  unary("reciprocal", (x) => x.reciprocal(), isNotSmall),
  unary("exp", (x) => x.exp(), isModerate),
  unary("log", (x) => x.log(), isPositive),
  unary("sin", (x) => x.sin(), isModerate),
  unary("cos", (x) => x.cos(), isModerate),
  unary("tanh", (x) => x.tanh()),
  unary("sigmoid", (x) => x.sigmoid()),
  unary("softplus", (x) => x.softplus()),
  // tfjs's differs by 1e-7 near 0.
  unary("erf", (x) => x.erf(), undefined, (value) => Math.abs(value) < 0.01),
  unary("elu", (x) => tf.elu(x)),
  (scope) => {
    const alpha = scope.of([0.2, 0, 1, 0.01, -0.5, 1.5]);
    return unary(`leakyRelu ${alpha}`, (x) => tf.leakyRelu(x, alpha))(scope);
  },
  (scope) => {
    const alpha = scope.of([0, 0, 0.3, -1]);
    return unary(`step ${alpha}`, (x) => x.step(alpha))(scope);
  },
  (scope) => {
    const [low, high] = scope.of(BOUNDS);
    return unary(`clip ${low} ${high}`, (x) => x.clipByValue(low, high))(scope);
  },
];

/** Numbers that arithmetic may treat in a way of its own. */
const NUMBERS = [0, 1, -1, 0.2, 2, 0.5, -0.5, 3, 1.7];

interface Binary {
  readonly name:
    | "add"
    | "sub"
    | "mul"
    | "div"
    | "maximum"
    | "minimum"
    | "pow"
    | "squaredDifference";
  readonly takes?: (a: number, b: number) => boolean;
  /** What it does not take even in a program of special numbers. */
  readonly never?: (a: number, b: number) => boolean;
  /** Whether tfjs has a gradient by an operand that is repeated. */
  readonly broadcasts: boolean;
  readonly takesWhole: boolean;
}

const BINARIES: Binary[] = [
  { name: "add", broadcasts: true, takesWhole: true },
  { name: "sub", broadcasts: true, takesWhole: true },
  { name: "mul", broadcasts: true, takesWhole: true },
  // Whole numbers are divided by a kernel of their own, which is not supported.
  { name: "div", broadcasts: true, takesWhole: false, takes: (_, b) => isNotSmall(b) },
  { name: "maximum", broadcasts: false, takesWhole: true },
  { name: "minimum", broadcasts: false, takesWhole: true },
  {
    name: "pow",
    broadcasts: true,
    takesWhole: false,
    takes: (a, b) => a > 0.05 && a < 20 && Math.abs(b) < 5,
    // 1 in IEEE 754, NaN in JavaScript.
    never: (a, b) => Math.abs(a) === 1 && !Number.isFinite(b),
  },
  { name: "squaredDifference", broadcasts: false, takesWhole: true },
];

function binary(
  { name, takes = () => true, never = () => false, broadcasts: repeats, takesWhole }: Binary,
): Operator {
  const f = (a: tf.Tensor, b: tf.Tensor) => tf[name](a, b) as tf.Tensor;
  const fits = takesWhole ? isNumber : isFloat;
  return (scope) => {
    const a = scope.pick(fits);
    if (!a) return undefined;
    if (scope.below(4) === 3) {
      const number = scope.of(NUMBERS), isLeft = scope.below(2) === 1;
      const isTaken = a.values.every((v) => isLeft ? takes(number, v) : takes(v, number));
      const isNever = a.values.some((v) => isLeft ? never(number, v) : never(v, number));
      if (!isFloat(a) || isNever || !scope.isSpecial && !isTaken) return undefined;
      const run: Written["run"] = (
        [x],
      ) => [isLeft ? f(tf.scalar(number), x!) : f(x!, tf.scalar(number))];
      return {
        text: isLeft ? `${name} ${number} and` : `${name} ${number} to`,
        from: [a],
        run,
      };
    }
    const b = scope.pick((slot) =>
      fits(slot) && (repeats ? broadcasts(a, slot) : sameShape(a, slot))
    );
    if (!b) return undefined;
    const all = (test: (a: number, b: number) => boolean) =>
      a.values.every((v) => b.values.every((w) => test(v, w)));
    if (!scope.isSpecial && !all(takes) || !all((v, w) => !never(v, w))) return undefined;
    return { text: name, from: [a, b], run: ([a, b]) => [f(a!, b!)] };
  };
}

/** A tensor, and another that it broadcasts with. */
function pair(
  scope: Scope,
  first: (slot: Slot) => boolean,
  second: (slot: Slot) => boolean,
): [Slot, Slot] | undefined {
  const a = scope.pick(first), b = a && scope.pick((slot) => second(slot) && broadcasts(a, slot));
  return b && [a, b];
}

const COMPARISONS = ["greater", "greaterEqual", "less", "lessEqual", "equal"] as const;

/** LeakyReLU's gradient as tfjs writes it, and what looks like it. */
const leak: Operator = (scope) => {
  const comparison = scope.of(["greater", "greater", "greaterEqual", "less"] as const);
  const by = scope.of([0, 0, 0.3]),
    k = scope.of([0.2, 0, 1, 3, -1]),
    isLeft = scope.below(2) === 1;
  const from = pair(scope, isFloat, isFloat);
  return from && {
    text: `x ${comparison} ${by} ? y : ${isLeft ? `${k} y` : `y ${k}`}`,
    from,
    hasNoGradient: true,
    run: ([x, y]) => {
      const scaled = isLeft ? tf.mul(k, y!) : y!.mul(k);
      return [tf.where(tf[comparison](x!, by), y!, scaled)];
    },
  };
};

const choices: Operator[] = [
  (scope) => {
    const a = scope.pick(isFloat);
    if (!a) return undefined;
    const rest = Array.from(
      { length: 1 + scope.below(3) },
      () => scope.pick((slot) => isFloat(slot) && sameShape(a, slot))!,
    );
    return { text: "addN", from: [a, ...rest], run: (tensors) => [tf.addN([...tensors])] };
  },
  (scope) => {
    const comparison = scope.of(COMPARISONS),
      by = scope.of([0, 0, 0.3, 1]),
      x = scope.pick(isNumber);
    const run: Written["run"] = ([x]) => [tf[comparison](x!, by)];
    return x && { text: `${comparison} ${by}`, from: [x], hasNoGradient: true, run };
  },
  (scope) => {
    const comparison = scope.of(COMPARISONS), from = pair(scope, isNumber, isNumber);
    const run: Written["run"] = ([a, b]) => [tf[comparison](a!, b!)];
    return from && { text: comparison, from, hasNoGradient: true, run };
  },
  (scope) => {
    const op = scope.of(["logicalAnd", "logicalOr"] as const), from = pair(scope, isBool, isBool);
    const run: Written["run"] = ([a, b]) => [tf[op](a!, b!)];
    return from && { text: op, from, hasNoGradient: true, run };
  },
  (scope) => {
    const a = scope.pick(isBool), run: Written["run"] = ([a]) => [tf.logicalNot(a!)];
    return a && { text: "not", from: [a], hasNoGradient: true, run };
  },
  (scope) => {
    const two = pair(scope, isBool, isFloat);
    const c = two &&
      scope.pick((slot) => isFloat(slot) && two.every((other) => broadcasts(slot, other)));
    const run: Written["run"] = ([a, b, c]) => [tf.where(a!, b!, c!)];
    return c && { text: "where", from: [...two, c], run };
  },
  // The likeliest to be taken for something else.
  leak,
  leak,
  leak,
  // ReLU's.
  (scope) => {
    const isLeft = scope.below(2) === 1, from = pair(scope, isFloat, isFloat);
    const run: Written["run"] = ([x, y]) => [isLeft ? x!.step().mul(y!) : y!.mul(x!.step())];
    return from && { text: isLeft ? "step x times y" : "y times step x", from, run };
  },
];

const types: Operator[] = [
  (scope) => {
    const x = scope.pick((slot) => !isFloat(slot)), run: Written["run"] = ([x]) => [x!.toFloat()];
    return x && { text: "toFloat", from: [x], run };
  },
  (scope) => {
    const type = scope.of(["int32", "bool"] as const);
    const x = scope.pick(({ tensor, values }) =>
      tensor.dtype !== type && values.every((value) => Math.abs(value) < 1e6)
    );
    const run: Written["run"] = ([x]) => [x!.cast(type)];
    return x && { text: `cast to ${type}`, from: [x], hasNoGradient: true, run };
  },
  (scope) => {
    const name = scope.of(["abs", "neg", "square", "relu", "sign"] as const);
    const x = scope.pick((slot) => isWhole(slot) && slot.values.every((v) => Math.abs(v) < 1000));
    const run: Written["run"] = ([x]) => [x![name]()];
    return x && { text: `${name} of whole`, from: [x], hasNoGradient: true, run };
  },
];

/** All of them. */
export const elementwise: Operator[] = [
  ...unaries,
  ...BINARIES.flatMap((kind) => [binary(kind), binary(kind)]),
  ...choices,
  ...types,
];
