// Records a tfjs step on a backend that computes nothing, and compares two such traces.
import { TraceError } from "./errors.ts";
import { ancestorsOf, type DType, Graph, keyOf, sameShape, type Value } from "./graph.ts";
import { tf } from "./tfjs.ts";
import { BACKEND, type TraceBackend } from "./trace_backend.ts";

/** A step: reads its inputs and any tf.Variables, may assign variables, returns named tensors. */
export type StepFunction = (
  inputs: Readonly<Record<string, tf.Tensor>>,
) => Record<string, tf.Tensor>;

/** A variable of a traced step. */
export interface TracedVariable {
  readonly variable: tf.Variable;
  /** Its value before and after a run. */
  readonly before: Value;
  readonly after: Value;
}

/** A recorded step. */
export interface Trace {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly variables: readonly TracedVariable[];
  readonly outputs: Readonly<Record<string, Value>>;
}

/** The values that a run needs: those on which its outputs and the assigned variables depend. */
export const neededValues = ({ outputs, variables }: Trace): Set<Value> =>
  ancestorsOf([
    ...Object.values(outputs),
    ...variables.filter(({ before, after }) => before !== after).map(({ after }) => after),
  ]);

/** The parts of tfjs's engine that tracing uses. */
interface Engine {
  registeredVariables: Record<string, tf.Variable>;
  makeVariable(initial: tf.Tensor, ...rest: unknown[]): tf.Variable;
}

const engine = tf.engine() as unknown as Engine;

/** Runs `body`, and calls `created` for each variable that it creates, with the initial value. */
function watchingVariables<T>(
  created: (variable: tf.Variable, initial: tf.Tensor) => void,
  body: () => T,
): T {
  const make = engine.makeVariable;
  engine.makeVariable = function (initial, ...rest) {
    const variable = make.call(this, initial, ...rest);
    created(variable, initial);
    return variable;
  };
  try {
    return body();
  } finally {
    engine.makeVariable = make;
  }
}

function record(
  backend: TraceBackend,
  step: StepFunction,
  shapes: Readonly<Record<string, readonly number[]>>,
  known: Iterable<tf.Variable>,
): Trace {
  backend.graph = new Graph();
  const { graph } = backend;
  const inputs: Record<string, Value> = {}, outputs: Record<string, Value> = {};
  const variables: TracedVariable[] = [];
  tf.tidy(() => {
    const given: Record<string, tf.Tensor> = {};
    for (const [name, shape] of Object.entries(shapes)) {
      inputs[name] = graph.input(name, shape);
      given[name] = backend.tensor(inputs[name]);
    }
    const before = new Map<tf.Variable, Value>();
    for (const variable of known) {
      const leaf = graph.variable(variable.name, variable.shape, variable.dtype as DType);
      before.set(variable, leaf);
      variable.assign(backend.tensor(leaf));
    }
    for (const [name, tensor] of Object.entries(step(given))) {
      outputs[name] = backend.lookUp(tensor);
    }
    for (const [variable, leaf] of before) {
      variables.push({ variable, before: leaf, after: backend.lookUp(variable) });
    }
  });
  return { graph, inputs, variables, outputs };
}

/** Throws if a step depends on anything but its inputs and variables. */
function checkLeaves(trace: Trace): void {
  const needed = neededValues(trace), nodes = new Set(trace.graph.nodes);
  const own = new Set(Object.values(trace.inputs));
  for (const { variable: { name, dtype }, before, after } of trace.variables) {
    if (dtype !== "float32" && (before !== after || needed.has(before))) {
      throw new TraceError(
        `the step uses the variable '${name}' of type ${dtype}: a compiled step keeps variables of ` +
          `type float32 alone`,
      );
    }
    own.add(before);
  }
  for (const value of needed) {
    const { kind } = value.source;
    const isLeaf = kind === "input" || kind === "variable";
    if (isLeaf ? !own.has(value) : kind === "node" && !nodes.has(value.source.node)) {
      throw new TraceError(
        `the step keeps a tensor of shape [${value.shape}] from one run to the next: ` +
          `what carries over must be a tf.Variable`,
      );
    }
  }
}

/**
 * Records a step without computing it.
 *
 * The step is run three times: to find the variables that it creates (an optimiser's moments), to be recorded, and to
 * check that the record is the same again. Variables keep their values.
 *
 * @param step The step.
 * @param inputs The shape of each input.
 * @returns The recorded step.
 * @throws {UnsupportedKernelError} If a tfjs kernel of the step has no lowering.
 * @throws {TraceError} If the step reads a traced value, is not the same each time, does nothing, keeps a tensor from
 * run to run, creates a new variable in each run, or uses a variable that is not of type float32.
 */
export function trace(
  step: StepFunction,
  inputs: Readonly<Record<string, readonly number[]>>,
): Trace {
  const previous = tf.getBackend(), home = tf.backend();
  // Variables are changed while the step is traced; these functions restore each of them.
  const owns = new Map<tf.Variable, () => tf.Tensor>();
  for (const variable of Object.values(engine.registeredVariables)) {
    const own = tf.keep(variable.clone());
    owns.set(variable, () => own);
  }
  const temporary: tf.Variable[] = [];
  tf.setBackend(BACKEND);
  const backend = tf.backend() as unknown as TraceBackend;
  try {
    watchingVariables((variable, initial) => {
      const values = initial.dataSync().slice();
      owns.set(variable, () => tf.tensor(values, variable.shape, variable.dtype));
    }, () => record(backend, step, inputs, [...owns.keys()]));
    const [first, second] = watchingVariables(
      (variable) => temporary.push(variable),
      () => [0, 1].map(() => record(backend, step, inputs, owns.keys())),
    ) as [Trace, Trace];
    if (temporary.length > 0) {
      throw new TraceError(
        `the step makes a new variable, '${temporary[0]!.name}', each time it runs: make it once`,
      );
    }
    const isEmpty = Object.keys(first.outputs).length === 0 &&
      first.variables.every(({ before, after }) => before === after);
    if (isEmpty) throw new TraceError("the step returns no tensor and assigns no variable");
    checkLeaves(first);
    const difference = compareTraces(first, second);
    if (difference !== undefined) {
      throw new TraceError(
        `the step is not the same each time it is traced (does it draw random numbers, or count?): ` +
          `${difference}; what changes from run to run must be an input`,
      );
    }
    return first;
  } finally {
    tf.dispose(temporary);
    tf.setBackend(previous);
    for (const [variable, own] of owns) {
      const value = own();
      if (!variable.isDisposed) variable.assign(value);
      value.dispose();
    }
    backend.release(home);
  }
}

const sameValues = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a === b ||
  a.length === b.length && Array.prototype.every.call(a, (value, i) => Object.is(value, b[i]));

/** The difference of two values, without the values from which they are computed; those must be compared in turn. */
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
 * Compares two traces of one step, as far as its outputs and variables depend on them: operators, attributes, shapes,
 * types, constants, and operands.
 *
 * @param a A trace.
 * @param b Another, with the same inputs and variables.
 * @returns The first difference; undefined if the traces are equal.
 */
function compareTraces(a: Trace, b: Trace): string | undefined {
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
