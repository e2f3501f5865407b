// Runs a tfjs step on a backend that computes nothing and records everything: the trace.
import { compareTraces } from "./compare.ts";
import { TraceError } from "./errors.ts";
import { type DType, Graph, reach, type Value } from "./graph.ts";
import { tf } from "./tfjs.ts";
import { BACKEND, type TraceBackend } from "./trace_backend.ts";

/** A step: reads its inputs and any tf.Variables, may assign variables, returns named tensors. */
export type StepFunction = (
  inputs: Readonly<Record<string, tf.Tensor>>,
) => Record<string, tf.Tensor>;

/** A variable of a traced step. */
export interface TracedVariable {
  readonly variable: tf.Variable;
  /** Its value when a run begins, and when it ends. */
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

/** The values that running a step needs: those that its outputs and the variables it assigns depend on. */
export const neededValues = ({ outputs, variables }: Trace): Set<Value> =>
  reach([
    ...Object.values(outputs),
    ...variables.filter(({ before, after }) => before !== after).map(({ after }) => after),
  ]);

/** tfjs's engine, as far as tracing has to look into it. */
interface Engine {
  registeredVariables: Record<string, tf.Variable>;
  makeVariable(initial: tf.Tensor, ...rest: unknown[]): tf.Variable;
}

const engine = tf.engine() as unknown as Engine;

/** Runs `body`, telling `created` of each variable it makes, with the initial value. */
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

/** Raises an error if a step needs what is neither its input nor a variable that a run can keep. */
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
 * The step is run three times: once to find the variables it makes (an optimiser's moments), once
 * to be recorded, once to see that it records the same again. Variables keep their values.
 *
 * @param step The step.
 * @param inputs The shape of each input.
 * @returns The recorded step.
 * @throws {UnsupportedKernelError} If a tfjs kernel of the step has no lowering.
 * @throws {TraceError} If the step reads a traced value, is not the same each time, does nothing,
 * keeps a tensor from run to run, makes a new variable in each, or uses a variable that is not of type float32.
 */
export function trace(
  step: StepFunction,
  inputs: Readonly<Record<string, readonly number[]>>,
): Trace {
  const previous = tf.getBackend(), home = tf.backend();
  // Variables get other values while the step is traced; this gives each its own again.
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
