// How much memory a graph needs: the largest total of tensors alive at once.
import { sizeOf } from "./graph.ts";
import type { OnnxGraph, Ref } from "./onnx.ts";

const BYTES = { float32: 4, int32: 4, int64: 8, bool: 1 } as const;

/** Operators whose result is a view of their first input. */
const VIEWS = new Set(["Reshape", "Identity"]);

/** A fresh process with the runtime, tfjs and its models loaded. */
const PROCESS_BYTES = 250e6;

/** The runtime's allocator does not use all it takes, and operators have scratch space. */
const SLACK = 1.15;

/**
 * Estimates the resident memory of running a graph, in bytes.
 *
 * Tensors live from the node that makes them to the last that reads them, in the order written.
 * Variables are counted twice: as they were and as they become.
 *
 * @param graph The graph.
 * @returns The estimate, in bytes.
 */
export function estimateMemory({ inputs, outputs, initializers, nodes }: OnnxGraph): number {
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
