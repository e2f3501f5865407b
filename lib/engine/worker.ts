// The worker that owns the native session of a compiled step and the variables between its runs.
/// <reference lib="deno.worker" />
import "./no_telemetry.ts";
import * as ort from "onnxruntime-node";
import { probeBlock } from "./probe.ts";
import type { Reply, Request, Shipped, WorkerVariable } from "./protocol.ts";
import { nativeOptions } from "./session.ts";

interface State {
  session: ort.InferenceSession;
  variables: (WorkerVariable & { tensor: ort.Tensor })[];
  kept: ort.Tensor[] | undefined;
  inputs: Record<string, ort.Tensor>;
}

let state: State | undefined;

const NOTHING_KEPT = "no state has been kept: call keep() first";

const tensor = ({ values, shape }: Shipped) => new ort.Tensor("float32", values, shape);

async function open(
  { model, variables, options }: Extract<Request, { kind: "open" }>,
): Promise<Reply> {
  const session = await ort.InferenceSession.create(model, nativeOptions(options));
  state = {
    session,
    variables: variables.map(({ input, output, ...shipped }) => ({
      input,
      output,
      tensor: tensor(shipped),
    })),
    kept: undefined,
    inputs: {},
  };
  return { kind: "done" };
}

async function run(
  { session, variables, inputs }: State,
  { feeds, fetches }: Extract<Request, { kind: "run" }>,
): Promise<Reply> {
  for (const [name, shipped] of Object.entries(feeds)) inputs[name] = tensor(shipped);
  const all: Record<string, ort.Tensor> = { ...inputs };
  for (const variable of variables) if (variable.input) all[variable.input] = variable.tensor;
  const wanted = [...fetches, ...variables.flatMap(({ output }) => output ? [output] : [])];
  const start = performance.now();
  const results = await session.run(all, wanted);
  const milliseconds = performance.now() - start;
  // The runtime returns fresh tensors: feeding them back costs less than copying into kept ones.
  for (const variable of variables) {
    if (variable.output) variable.tensor = results[variable.output] as ort.Tensor;
  }
  const outputs = Object.fromEntries(
    fetches.map((name) => [name, results[name]!.data as Float32Array]),
  );
  return { kind: "ran", outputs, milliseconds };
}

async function answer(request: Request): Promise<Reply> {
  if (request.kind === "probe") return { kind: "probed", block: await probeBlock() };
  if (request.kind === "open") return await open(request);
  if (request.kind === "end") {
    // A worker that is terminated leaves this memory behind for as long as the process lives.
    await state?.session.release();
    state = undefined;
    return { kind: "done" };
  }
  if (!state) throw new Error("the session is not open");
  switch (request.kind) {
    case "run":
      return await run(state, request);
    case "read": {
      const { variables, kept } = state;
      if (request.kept && !kept) throw new Error(NOTHING_KEPT);
      const values = variables.map(({ output, tensor }, i) => {
        if (output) return (request.kept ? kept![i]! : tensor).data as Float32Array;
        return undefined;
      });
      return { kind: "variables", values };
    }
    case "write":
      request.values.forEach((values, i) => {
        const variable = state!.variables[i]!;
        if (values) variable.tensor = tensor({ values, shape: variable.tensor.dims });
      });
      return { kind: "done" };
    case "keep":
      state.kept = state.variables.map(({ tensor }) => tensor);
      return { kind: "done" };
    case "restore":
      if (!state.kept) throw new Error(NOTHING_KEPT);
      state.kept.forEach((tensor, i) => state!.variables[i]!.tensor = tensor);
      return { kind: "done" };
  }
}

async function reply(request: Request): Promise<void> {
  let reply: Reply;
  try {
    reply = await answer(request);
  } catch (error) {
    reply = { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(reply);
}

/** Requests are answered one after the other: each finds the variables as the one before left them. */
let turn = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Request>) => {
  turn = turn.then(() => reply(data));
};
