// Tracing and lowering: the recorded nodes and their order of execution.
import assert from "node:assert/strict";
import { tf } from "../../lib/engine/mod.ts";
import { KERNELS } from "../../lib/engine/kernels.ts";
import { lower, LOWERINGS } from "../../lib/engine/lower.ts";
import { executionOrder } from "../../lib/engine/memory.ts";
import type { OnnxNode } from "../../lib/engine/onnx.ts";
import { trace } from "../../lib/engine/trace.ts";
import { decoder, deepDecoder, dip, variablesOf } from "../../lib/network/mod.ts";

Deno.test("every operator that a supported kernel is recorded as has a lowering", async () => {
  // Operators are named by string literals where they are recorded.
  const source = await Deno.readTextFile(new URL("../../lib/engine/kernels.ts", import.meta.url));
  const called = /\b(?:g\.(?:op|node|elementwise)|unary|binary|comparison|reduction)\(\s*"(\w+)"/g;
  const operators = new Set([...source.matchAll(called)].map(([, op]) => op!));
  assert.ok(operators.size > 40, `${operators.size} operators found`);
  for (const op of operators) assert.ok(op in LOWERINGS, `${op} has no lowering`);
  for (const op of Object.keys(LOWERINGS)) assert.ok(operators.has(op), `${op} is never recorded`);
});

Deno.test("every supported kernel is one of tfjs or of the engine", () => {
  const known = new Set(tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName));
  for (const kernel of Object.keys(KERNELS)) assert.ok(known.has(kernel), kernel);
});

/** Traces of one training step of each network. */
const TRACES = [
  decoder({ channels: 4, scales: 2, inputChannels: 4, lipschitz: 1 }),
  dip({ channels: 4, scales: 2, inputChannels: 4 }),
  deepDecoder({ channels: 4, scales: 2 }),
].map((architecture) => () => {
  const { model, input } = architecture.build({ height: 16, width: 16, channels: 3 }, 1);
  const variables = variablesOf(model);
  const traced = trace(({ z }) => {
    const loss = () => (model.apply(z!) as tf.Tensor).square().mean() as tf.Scalar;
    const { value, grads } = tf.variableGrads(loss, variables);
    for (const v of variables) if (grads[v.name]) v.assign(v.sub(grads[v.name]!));
    return { value };
  }, { z: input.shape });
  model.dispose();
  return traced;
});

function assertTopological(nodes: readonly OnnxNode[]): void {
  const made = new Map(nodes.flatMap((node, i) => node.outputs.map(({ name }) => [name, i])));
  nodes.forEach((node, i) => {
    for (const input of node.inputs) {
      const maker = input && made.get(input.name);
      assert.ok(
        maker === undefined || maker < i,
        `${node.op} reads ${input?.name} before it is made`,
      );
    }
  });
}

const WAYS = [["direct", 0], ["direct", 16], ["winograd", 0], ["winograd", 16]] as const;

for (const [path, block] of WAYS) {
  const way = `${path}, ${block ? `blocks of ${block}` : "no blocks"}`;
  Deno.test(`a lowered graph and its execution order read nothing before it is made: ${way}`, () => {
    for (const make of TRACES) {
      const { nodes } = lower(make(), path, block).graph;
      assertTopological(nodes);
      const order = executionOrder(nodes);
      assertTopological(order);
      assert.equal(order.length, nodes.length);
      assert.deepEqual(new Set(order), new Set(nodes));
    }
  });
}

Deno.test("every tensor of a lowered graph is made once, an input or a constant", () => {
  for (const [make, block] of TRACES.flatMap((make) => [[make, 0], [make, 16]] as const)) {
    const { inputs, initializers, nodes, outputs } = lower(make(), "direct", block).graph;
    const names = [...inputs, ...initializers, ...nodes.flatMap((node) => node.outputs)]
      .map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    const known = new Set(names);
    const read = nodes.flatMap((node) => node.inputs.flatMap((input) => input ? [input.name] : []));
    for (const name of [...read, ...outputs.map(({ name }) => name)]) {
      assert.ok(known.has(name), name);
    }
  }
});

Deno.test("executionOrder() of a chain, a fork and unused nodes", () => {
  const ref = (name: string) => ({ name, shape: [1], type: "float32" as const });
  const node = (inputs: string[], outputs: string[]): OnnxNode => ({
    op: "Add",
    domain: "",
    inputs: inputs.map(ref),
    outputs: outputs.map(ref),
    attributes: {},
  });
  const nodes = [
    node(["in"], ["a"]),
    node(["a"], ["b", "c"]),
    node(["in"], ["loose"]),
    node(["c", "a"], ["d"]),
    node(["b", "d"], ["e"]),
  ];
  const order = executionOrder(nodes);
  assertTopological(order);
  assert.deepEqual(new Set(order), new Set(nodes));
  assert.deepEqual(executionOrder([]), []);
});

Deno.test("nodes that no result needs are not lowered", () => {
  const traced = trace(({ x }) => {
    x!.exp().sin();
    return { y: x!.add(1) };
  }, { x: [3] });
  const ops = lower(traced, "direct", 0).graph.nodes.map(({ op }) => op);
  assert.ok(ops.includes("Add"));
  assert.ok(!ops.includes("Exp") && !ops.includes("Sin"), `${ops}`);
});

Deno.test("equal operations are recorded once", () => {
  const { graph } = trace(({ x }) => ({ a: x!.exp().mul(2), b: x!.exp().mul(3) }), { x: [3] });
  assert.equal(graph.nodes.filter(({ op }) => op === "Exp").length, 1);
});

Deno.test("arithmetic on constants is not recorded", () => {
  const { graph } = trace(
    ({ x }) => ({ y: x!.mul(tf.ones([3])).add(tf.scalar(2).sub(2)).mul(tf.scalar(6).div(3)) }),
    { x: [3] },
  );
  assert.deepEqual(graph.nodes.map(({ op }) => op), ["Mul"]);
});
