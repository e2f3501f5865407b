// Compares two records of one step: a step that is compiled must do the same each time.
import { keyOf, sameShape, type Value } from "./graph.ts";
import type { Trace } from "./trace.ts";

const sameValues = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a === b ||
  a.length === b.length && Array.prototype.every.call(a, (value, i) => Object.is(value, b[i]));

/** What differs between two values, but for what they are computed from; that must be compared in turn. */
function compareValues(
  a: Value,
  b: Value,
): { difference: string } | { from: readonly (readonly [Value, Value])[] } {
  const x = a.source, y = b.source;
  const now = (what: string, before: unknown, after: unknown) => ({
    difference: `${what} ${keyOf(before)}, then ${keyOf(after)}`,
  });
  if (x.kind === "node" && y.kind === "node") {
    const [m, n] = [x.node, y.node];
    if (m.op !== n.op) return { difference: `it computes ${m.op}, then ${n.op}` };
    if (keyOf(m.attrs) !== keyOf(n.attrs)) return now(`${m.op} has the settings`, m.attrs, n.attrs);
    const [results, others] = [m, n].map(({ outputs }) =>
      outputs.map(({ shape, dtype }) => [shape, dtype])
    );
    if (keyOf(results) !== keyOf(others)) return now(`the results of ${m.op} are`, results, others);
    const isSame = m.inputs.length === n.inputs.length &&
      m.outputs.indexOf(a) === n.outputs.indexOf(b);
    if (!isSame) return { difference: `${m.op} is used in another way` };
    return { from: m.inputs.map((input, i) => [input, n.inputs[i]!]) };
  }
  if (!sameShape(a.shape, b.shape)) return now("a tensor has the shape", a.shape, b.shape);
  if (a.dtype !== b.dtype) return now("a tensor has the type", a.dtype, b.dtype);
  if (x.kind === "splat" && y.kind === "splat") {
    return Object.is(x.value, y.value) ? { from: [] } : now("a constant is", x.value, y.value);
  }
  if (x.kind === "constant" && y.kind === "constant") {
    if (sameValues(x.values, y.values)) return { from: [] };
    return { difference: `a constant of shape [${a.shape}] has other values` };
  }
  if (x.kind === "broadcast" && y.kind === "broadcast") return { from: [[x.of, y.of]] };
  if (x.kind === "input" && y.kind === "input" && x.name !== y.name) {
    return now("it reads the input", x.name, y.name);
  }
  if (x.kind === "variable" && y.kind === "variable") {
    return now("it reads the variable", x.name, y.name);
  }
  return { difference: `it reads a ${x.kind}, then a ${y.kind}` };
}

/**
 * Compares two records of one step, as far as its outputs and variables depend on them: operators, their
 * settings, shapes, types, constants, and what each is computed from.
 *
 * @param a A record.
 * @param b Another, with the same inputs and variables.
 * @returns What differs first; undefined if the records are the same.
 */
export function compareTraces(a: Trace, b: Trace): string | undefined {
  const names = [a, b].map(({ outputs }) => Object.keys(outputs));
  if (keyOf(names[0]) !== keyOf(names[1])) return `its outputs are ${names.join(", then ")}`;
  const partners = new Map<Value, Value>();
  for (const [name, value] of Object.entries(a.inputs)) partners.set(value, b.inputs[name]!);
  a.variables.forEach(({ before }, i) => partners.set(before, b.variables[i]!.before));
  const open: (readonly [Value, Value])[] = [
    ...names[0]!.map((name) => [a.outputs[name]!, b.outputs[name]!] as const),
    ...a.variables.map(({ after }, i) => [after, b.variables[i]!.after] as const),
  ];
  for (let pair = open.pop(); pair; pair = open.pop()) {
    const [x, y] = pair;
    if (partners.get(x) === y) continue;
    const compared = compareValues(x, y);
    if ("difference" in compared) return compared.difference;
    partners.set(x, y);
    open.push(...compared.from);
  }
  return undefined;
}
