// Measures where the time of a compiled step goes, operator by operator.
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { sizeOf } from "./graph.ts";
import { pack } from "./layout.ts";
import { inputName, lower } from "./lower.ts";
import { encodeModel } from "./onnx.ts";
import { type StepFunction, trace } from "./trace.ts";

/** Options of {@linkcode profileStep}. */
export interface ProfileOptions {
  /** The shape of each input of the step; `[]` is a number. */
  inputs: Readonly<Record<string, readonly number[]>>;
  /** The number that fills each input. @default {0} */
  values?: Readonly<Record<string, number>>;
  /** Threads that an operator may use. */
  threads: number;
  /** For how long steps are run. */
  seconds: number;
}

/** The time of one node of the graph, the median over the steps. */
export interface NodeTime {
  readonly node: string;
  readonly operator: string;
  /** The shapes of its results and of its inputs. */
  readonly shapes: string;
  readonly ms: number;
}

/** Steps that are not measured: in them the allocator gets its memory. */
const WARM_UP = 2;

/** The fewest steps that are measured. */
const LEAST_STEPS = 5;

/**
 * Measures the time that ONNX Runtime takes for each node of a step, in this process.
 *
 * @param step The step, as {@linkcode compile} takes it.
 * @param options Inputs, threads and seconds.
 * @returns The nodes with their times, in order of first execution.
 * @throws {UnsupportedKernelError} As {@linkcode compile}.
 * @throws {TraceError} As {@linkcode compile}.
 */
export async function profileStep(
  step: StepFunction,
  { inputs, values = {}, threads, seconds }: ProfileOptions,
): Promise<NodeTime[]> {
  // Loaded here, so that a program that does not profile needs no permission for the runtime.
  await import("./no_telemetry.ts");
  const ort = await import("onnxruntime-node");
  const { nativeOptions, probeBlock } = await import("./session.ts");
  const { graph, variables, states } = lower(trace(step, inputs), "winograd", await probeBlock());
  const folder = await Deno.makeTempDir();
  try {
    const session = await ort.InferenceSession.create(encodeModel(graph), {
      ...nativeOptions({ threads, device: "cpu" }),
      enableProfiling: true,
      profileFilePrefix: `${folder}/profile`,
    });
    const feeds: Record<string, Tensor> = {};
    for (const [index, { shape, input }] of states.entries()) {
      const state = new Float32Array(sizeOf(shape));
      for (const { traced: { variable }, layout, state: of, offset } of variables) {
        if (of !== index) continue;
        state.set(pack(variable.dataSync<"float32">(), variable.shape, layout), offset);
      }
      if (input) feeds[input] = new ort.Tensor("float32", state, shape);
    }
    for (const [name, shape] of Object.entries(inputs)) {
      const filled = new Float32Array(sizeOf(shape)).fill(values[name] ?? 0);
      feeds[inputName(name)] = new ort.Tensor("float32", filled, shape);
    }
    await run(session, feeds, states, performance.now() + 1000 * seconds);
    session.endProfiling();
    const [file] = [...Deno.readDirSync(folder)];
    return nodeTimes(JSON.parse(await Deno.readTextFile(`${folder}/${file!.name}`)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs steps until a time, each with the states that the one before returned. */
async function run(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  states: ReturnType<typeof lower>["states"],
  end: number,
): Promise<void> {
  for (let i = 0; i < WARM_UP + LEAST_STEPS || performance.now() < end; i++) {
    const results = await session.run(feeds);
    for (const { input, output } of states) {
      if (input && output) feeds[input] = results[output] as Tensor;
    }
  }
}

/** An event of ONNX Runtime's profile; times are in microseconds. */
interface ProfileEvent {
  name: string;
  ts: number;
  dur: number;
  args?: { op_name?: string; input_type_shape?: unknown; output_type_shape?: unknown };
}

const KERNEL_TIME = "_kernel_time";

const shapesIn = (list: unknown) =>
  (list as Record<string, number[]>[]).map((one) => `[${Object.values(one)[0]}]`).join(" ");

/** The median time of each node after the warm-up. */
function nodeTimes(events: readonly ProfileEvent[]): NodeTime[] {
  const begin = events.filter(({ name }) => name === "model_run")[WARM_UP]!.ts;
  const measured = events.filter(({ ts, name }) => ts >= begin && name.endsWith(KERNEL_TIME));
  const byNode = Map.groupBy(measured, ({ name }) => name);
  return [...byNode].map(([name, runs]) => {
    const { op_name, input_type_shape, output_type_shape } = runs[0]!.args!;
    const sorted = runs.map(({ dur }) => dur).sort((a, b) => a - b);
    return {
      node: name.slice(0, -KERNEL_TIME.length),
      operator: op_name!,
      shapes: `${shapesIn(output_type_shape)} from ${shapesIn(input_type_shape)}`,
      ms: sorted[sorted.length >> 1]! / 1000,
    };
  });
}
