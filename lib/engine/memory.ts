// Estimates the memory of a graph: the largest total size of tensors that exist at the same time.
import { sizeOf } from "./graph.ts";
import type { OnnxGraph, OnnxNode, Ref } from "./onnx.ts";

const BYTES = { float32: 4, int32: 4, int64: 8, bool: 1 } as const;

/** Operators whose result is a view of their first input. */
const VIEWS = new Set(["Reshape", "Identity"]);

/** The memory of a process with the runtime, tfjs and its models loaded. */
const PROCESS_BYTES = 250e6;

/**
 * The runtime's allocator takes up to twice the size of the live tensors (measured: 1.5 to 2.0 on the three
 * networks).
 */
const SLACK = 2;

/**
 * The nodes in the order in which ONNX Runtime runs them: depth first from the results, the last results and the last
 * inputs first (`Graph::ReverseDFSFrom` with nodes compared by index).
 */
export function executionOrder(nodes: readonly OnnxNode[]): OnnxNode[] {
  const makers = new Map<string, number>();
  nodes.forEach(({ outputs }, index) => outputs.forEach(({ name }) => makers.set(name, index)));
  const sources = nodes.map(({ inputs }) => {
    const indices = inputs.flatMap((input) => (input && makers.get(input.name)) ?? []);
    return [...new Set(indices)].sort((a, b) => a - b);
  });
  const read = new Set(sources.flat());
  const stack = nodes.flatMap((_, index) => read.has(index) ? [] : [{ index, leave: false }]);
  const visited = new Set<number>(), order: OnnxNode[] = [];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { index, leave } = entry;
    if (leave) {
      order.push(nodes[index]!);
    } else if (!visited.has(index)) {
      visited.add(index);
      stack.push({ index, leave: true });
      for (const source of sources[index]!) {
        if (!visited.has(source)) stack.push({ index: source, leave: false });
      }
    }
  }
  return order;
}

/**
 * Estimates the resident memory of running a graph, in bytes.
 *
 * A tensor is live from the node that makes it to the last node that reads it, in the runtime's order. Variables
 * count twice: before and after the step.
 *
 * @param graph The graph.
 * @returns The estimate, in bytes.
 */
export function estimateGraphMemory(
  { inputs, outputs, initializers, nodes: unordered }: OnnxGraph,
): number {
  const nodes = executionOrder(unordered);
  const bytes = (refs: readonly Ref[]) =>
    refs.reduce((sum, { shape, type }) => sum + sizeOf(shape) * BYTES[type], 0);
  const owner = new Map<string, string>();
  const ownerOf = (name: string): string => owner.get(name) ?? name;
  const lastUse = new Map<string, number>();
  nodes.forEach((node, index) => {
    if (VIEWS.has(node.op)) owner.set(node.outputs[0]!.name, ownerOf(node.inputs[0]!.name));
    for (const input of node.inputs) if (input) lastUse.set(ownerOf(input.name), index);
  });
  const held = new Map<string, number>();
  let now = 0, peak = 0;
  nodes.forEach((node, index) => {
    for (const output of node.outputs) {
      if (owner.has(output.name)) continue;
      held.set(output.name, bytes([output]));
      now += held.get(output.name)!;
    }
    peak = Math.max(peak, now);
    for (const ref of [...node.inputs, ...node.outputs]) {
      const name = ref && ownerOf(ref.name);
      if (name && held.has(name) && (lastUse.get(name) ?? index) <= index) {
        now -= held.get(name)!;
        held.delete(name);
      }
    }
  });
  const fixed = bytes(inputs) + bytes(outputs) + bytes(initializers);
  return PROCESS_BYTES + fixed + peak * SLACK;
}
