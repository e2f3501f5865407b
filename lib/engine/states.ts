// How the variables of a step are stored between runs: each in its own tensor, or joined in the vector to which the
// step flattens them.
import type { Emitter } from "./emitter.ts";
import { type Node, sizeOf, type Value } from "./graph.ts";
import { type Layout, stored } from "./layout.ts";
import type { TracedVariable } from "./trace.ts";

/** A tensor that is kept from run to run: one variable, or several joined. */
export interface LoweredState {
  readonly shape: readonly number[];
  /** Name of the graph's input, if the step reads it. */
  readonly input: string | undefined;
  /** Name of the graph's output, if the step assigns it. */
  readonly output: string | undefined;
}

/** Where and how a variable of a lowered step is stored. */
export interface LoweredVariable {
  readonly traced: TracedVariable;
  readonly layout: Layout;
  /** The index of its state, and its offset in the state. */
  readonly state: number;
  readonly offset: number;
}

/** A state before it is written: its values before and after a run, and its variables. */
interface Kept {
  readonly before: Value;
  readonly after: Value;
  readonly members: readonly TracedVariable[];
}

/**
 * The variables that a step flattens together and assigns from the result. They are stored as one vector, so that
 * they need not be joined and split in every run.
 */
function joinedVariables(nodes: readonly Node[], variables: readonly TracedVariable[]): Kept[] {
  const byBefore = new Map(variables.map((traced) => [traced.before, traced]));
  const apart = nodes.filter(({ op }) => op === "Unflatten");
  const taken = new Set<Value>();
  return nodes.flatMap(({ op, inputs, outputs: [before] }): Kept[] => {
    if (op !== "Flatten") return [];
    const members = inputs.map((value) => byBefore.get(value));
    const assigning = apart.find(({ outputs }) =>
      outputs.length === members.length && outputs.every((v, i) => v === members[i]?.after)
    );
    const isNew = new Set(inputs).size === inputs.length && !inputs.some((v) => taken.has(v));
    if (!assigning || !isNew) return [];
    inputs.forEach((value) => taken.add(value));
    const [after] = assigning.inputs as [Value];
    return [{ before: before!, after, members: members as TracedVariable[] }];
  });
}

/** The variables of a step as states of its graph. */
export class States {
  readonly #kept: readonly Kept[];
  readonly #needed: ReadonlySet<Value>;
  readonly #layoutOf: (value: Value) => Layout;

  /**
   * @param nodes The nodes of the step.
   * @param variables The variables that it reads or assigns.
   * @param needed The values on which its results depend.
   * @param layoutOf The layout of a value.
   */
  constructor(
    nodes: readonly Node[],
    variables: readonly TracedVariable[],
    needed: ReadonlySet<Value>,
    layoutOf: (value: Value) => Layout,
  ) {
    const joined = joinedVariables(nodes, variables);
    const members = new Set(joined.flatMap(({ members }) => members));
    const alone = variables.filter((traced) => !members.has(traced));
    this.#kept = [
      ...joined,
      ...alone.map((traced) => ({ ...traced, members: [traced] })),
    ];
    this.#needed = needed;
    this.#layoutOf = layoutOf;
  }

  /** Defines the values of the variables before a run. */
  read(e: Emitter): void {
    for (const { before, members } of this.#kept) {
      if (!this.#needed.has(before)) continue;
      const whole = e.input(nameOf(before), stored(before.shape, this.#layoutOf(before)));
      e.define(before, whole);
      if (members[0]!.before === before) continue;
      const sizes = members.map((traced) => sizeOf(traced.before.shape));
      const parts = e.emitAll("Split", [whole, e.list(sizes)], sizes.map((n) => [n]), { axis: 0 });
      members.forEach(({ before }, i) =>
        e.define(before, e.reshape(parts[i]!, stored(before.shape, this.#layoutOf(before))))
      );
    }
  }

  /** Makes the values of the variables after a run results of the graph. */
  write(e: Emitter): { states: LoweredState[]; variables: LoweredVariable[] } {
    const states: LoweredState[] = [], variables: LoweredVariable[] = [];
    for (const { before, after, members } of this.#kept) {
      const layout = this.#layoutOf(before), output = `new/${nameOf(before)}`;
      if (after !== before) e.output(output, e.ref(after, layout));
      let offset = 0;
      for (const traced of members) {
        const layout = this.#layoutOf(traced.before);
        variables.push({ traced, layout, state: states.length, offset });
        offset += sizeOf(traced.before.shape);
      }
      states.push({
        shape: stored(before.shape, layout),
        input: this.#needed.has(before) ? nameOf(before) : undefined,
        output: after === before ? undefined : output,
      });
    }
    return { states, variables };
  }
}

const nameOf = ({ id }: Value): string => `variable/${id}`;
