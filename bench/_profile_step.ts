// Where the time of one step goes: a network, a size, threads and seconds as arguments, JSON as the answer.
import "../lib/engine/no_telemetry.ts";
import * as ort from "onnxruntime-node";
import { adamScalars } from "../lib/engine/mod.ts";
import { sizeOf } from "../lib/engine/graph.ts";
import { pack } from "../lib/engine/layout.ts";
import { inputName, lower } from "../lib/engine/lower.ts";
import { encodeModel } from "../lib/engine/onnx.ts";
import { nativeOptions, probeBlock } from "../lib/engine/session.ts";
import { trace } from "../lib/engine/trace.ts";
import { trainingStep } from "../lib/restoration/training.ts";
import { benchObjective } from "./_networks.ts";

/** The time of one node of the graph, the median over the steps. */
export interface NodeTime {
  node: string;
  operator: string;
  /** The shapes of its results and of its inputs. */
  shapes: string;
  ms: number;
}

/** Steps that fill the allocator. */
const WARM_UP = 2;

const [network, size, threads, seconds] = Deno.args as [string, string, string, string];
const { objective, learningRate } = benchObjective(network, Number(size));
const { trainStep, inputs } = trainingStep(objective);
const { graph, variables, states } = lower(
  trace(trainStep, inputs),
  "winograd",
  await probeBlock(),
);

const prefix = `${await Deno.makeTempDir()}/profile`;
const session = await ort.InferenceSession.create(encodeModel(graph), {
  ...nativeOptions({ threads: Number(threads), device: "cpu" }),
  enableProfiling: true,
  profileFilePrefix: prefix,
});
const feeds: Record<string, ort.Tensor> = {};
for (const [index, { shape, input }] of states.entries()) {
  const values = new Float32Array(sizeOf(shape));
  for (const { traced: { variable }, layout, state, offset } of variables) {
    if (state !== index) continue;
    values.set(pack(variable.dataSync<"float32">(), variable.shape, layout), offset);
  }
  if (input) feeds[input] = new ort.Tensor("float32", values, shape);
}
const numbers: Record<string, number> = { ...adamScalars(learningRate, 0), share: 0.01 };
for (const [name, shape] of Object.entries(inputs)) {
  const values = new Float32Array(sizeOf(shape)).fill(numbers[name] ?? 0);
  feeds[inputName(name)] = new ort.Tensor("float32", values, shape);
}
const end = performance.now() + 1000 * Number(seconds);
for (let i = 0; i < WARM_UP + 5 || performance.now() < end; i++) {
  const results = await session.run(feeds);
  for (const { input, output } of states) {
    if (input && output) feeds[input] = results[output] as ort.Tensor;
  }
}
session.endProfiling();

interface Event {
  name: string;
  ts: number;
  dur: number;
  args?: { op_name?: string; input_type_shape?: unknown; output_type_shape?: unknown };
}

const folder = prefix.slice(0, prefix.lastIndexOf("/"));
const [file] = [...Deno.readDirSync(folder)];
const events: Event[] = JSON.parse(Deno.readTextFileSync(`${folder}/${file!.name}`));
Deno.removeSync(folder, { recursive: true });

const begin = events.filter(({ name }) => name === "model_run")[WARM_UP]!.ts;
const byNode = new Map<string, Event[]>();
for (const event of events) {
  if (event.ts < begin || !event.name.endsWith("_kernel_time")) continue;
  const known = byNode.get(event.name);
  if (known) known.push(event);
  else byNode.set(event.name, [event]);
}
const shapes = (list: unknown) =>
  (list as Record<string, number[]>[]).map((one) => `[${Object.values(one)[0]}]`).join(" ");
const times = [...byNode].map(([name, runs]): NodeTime => {
  const { op_name, input_type_shape, output_type_shape } = runs[0]!.args!;
  const sorted = runs.map(({ dur }) => dur).sort((a, b) => a - b);
  return {
    node: name.slice(0, -"_kernel_time".length),
    operator: op_name!,
    shapes: `${shapes(output_type_shape)} from ${shapes(input_type_shape)}`,
    ms: sorted[sorted.length >> 1]! / 1000,
  };
});
console.log(JSON.stringify(times));
