// Lowers a trace to one ONNX graph: drops unused nodes, assigns layouts, and writes each node.
import { Emitter, type Lowering } from "./emitter.ts";
import { fuse } from "./fuse.ts";
import type { Node, Value } from "./graph.ts";
import { assignLayouts } from "./assign_layouts.ts";
import type { ConvolutionPath } from "./convolutions.ts";
import { channels } from "./lowerings/channels.ts";
import { convolution } from "./lowerings/convolution.ts";
import { elementwise } from "./lowerings/elementwise.ts";
import { resampling } from "./lowerings/resampling.ts";
import { shape } from "./lowerings/shape.ts";
import type { OnnxGraph } from "./onnx.ts";
import { type LoweredState, type LoweredVariable, States } from "./states.ts";
import { neededValues, type Trace } from "./trace.ts";

/** The lowering of every recorded operator. */
export const LOWERINGS: Readonly<Record<string, Lowering>> = {
  ...elementwise,
  ...shape,
  ...convolution,
  ...resampling,
};

/** The lowerings including those of the operators that {@linkcode fuse} makes. */
const ALL_LOWERINGS: Readonly<Record<string, Lowering>> = { ...LOWERINGS, ...channels };

/** A step as an ONNX graph. Inputs and outputs are row-major and have the step's own names. */
export interface Lowered {
  readonly graph: OnnxGraph;
  readonly variables: readonly LoweredVariable[];
  readonly states: readonly LoweredState[];
}

const INPUT_GRADIENTS = new Set(["ConvInputGrad", "MirroredConvInputGrad"]);

/**
 * Moves each filter gradient before the input gradient that uses the same values, if its operands are computed by
 * then; they may not be if the input gradient is a transposed convolution.
 */
function filterGradientsFirst(nodes: readonly Node[]): Node[] {
  const waiting = new Map(
    nodes.flatMap((node) => node.op === "ConvFilterGrad" ? [[node.inputs[1]!, node]] : []),
  );
  const made = new Set<Value>();
  const isMade = (value: Value): boolean => {
    const { source } = value;
    return source.kind === "broadcast"
      ? isMade(source.of)
      : source.kind !== "node" || made.has(value);
  };
  const ordered = nodes.flatMap((node) => {
    const first = INPUT_GRADIENTS.has(node.op) ? waiting.get(node.inputs[0]!) : undefined;
    const next = first?.inputs.every(isMade) ? [first, node] : [node];
    for (const { outputs } of next) outputs.forEach((value) => made.add(value));
    return next;
  });
  return [...new Set(ordered)];
}

/** ONNX's number for the type float32. */
const FLOAT = 1;

/** The name of a step's input in its graph; the prefix avoids collisions with other tensors. */
export const inputName = (name: string): string => `input/${name}`;
/** The name of a step's output in its graph. */
export const outputName = (name: string): string => `output/${name}`;

/**
 * Writes a trace as an ONNX graph.
 *
 * @param trace The trace.
 * @param path How 3x3 convolutions are computed.
 * @param block Channels in a block of the runtime's blocked convolutions; 0 if it has none.
 * @returns The graph and its variables.
 * @throws {UnsupportedKernelError} If a form of an operator has no lowering.
 */
export function lower(trace: Trace, path: ConvolutionPath, block: number): Lowered {
  const needed = neededValues(trace);
  const results = [...Object.values(trace.outputs), ...trace.variables.map(({ after }) => after)];
  const live = trace.graph.nodes.filter((node) => node.outputs.some((v) => needed.has(v)));
  const nodes = filterGradientsFirst(fuse(live, results));
  const used = trace.variables.filter(({ before, after }) =>
    needed.has(before) || before !== after
  );
  const pairs = used.map(({ before, after }) => [before, after] as const);
  const layoutOf = assignLayouts(nodes, pairs, path, block);
  const e = new Emitter(layoutOf, block);

  for (const [name, value] of Object.entries(trace.inputs)) {
    if (needed.has(value)) e.definePlain(value, e.input(inputName(name), value.shape));
  }
  const kept = new States(nodes, used, needed, layoutOf);
  kept.read(e);
  for (const node of nodes) {
    if (!node.outputs.every((value) => e.isDefined(value))) ALL_LOWERINGS[node.op]!(e, node, path);
  }
  const { states, variables } = kept.write(e);
  for (const [name, value] of Object.entries(trace.outputs)) {
    const ref = e.plain(value);
    const numbers = ref.type === "bool" ? e.emit("Cast", [ref], ref.shape, { to: FLOAT }) : ref;
    e.output(outputName(name), numbers);
  }
  return { graph: e.finish(), variables, states };
}
