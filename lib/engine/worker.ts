// The worker that owns the native session of a compiled step, and the variables between runs.
/// <reference lib="deno.worker" />
import "./no_telemetry.ts";
import * as ort from "onnxruntime-node";
import { nativeOptions, probeBlock } from "./session.ts";
import type { Reply, Request, Shipped, WorkerState } from "./protocol.ts";

interface Opened {
  session: ort.InferenceSession;
  states: (WorkerState & { tensor: ort.Tensor })[];
  kept: ort.Tensor[] | undefined;
  inputs: Record<string, ort.Tensor>;
}

let opened: Opened | undefined;

const NOTHING_KEPT = "no state has been kept: call keep() first";

const tensor = ({ values, shape }: Shipped) => new ort.Tensor("float32", values, shape);

async function open(
  { model, states, options }: Extract<Request, { kind: "open" }>,
): Promise<Reply> {
  const session = await ort.InferenceSession.create(model, nativeOptions(options));
  opened = {
    session,
    states: states.map(({ input, output, ...shipped }) => ({
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
  { session, states, inputs }: Opened,
  { feeds, fetches }: Extract<Request, { kind: "run" }>,
): Promise<Reply> {
  for (const [name, shipped] of Object.entries(feeds)) inputs[name] = tensor(shipped);
  const all: Record<string, ort.Tensor> = { ...inputs };
  for (const { input, tensor } of states) if (input) all[input] = tensor;
  const wanted = [...fetches, ...states.flatMap(({ output }) => output ? [output] : [])];
  const start = performance.now();
  const results = await session.run(all, wanted);
  const milliseconds = performance.now() - start;
  // The runtime returns new tensors. Feeding them back is cheaper than copying them.
  for (const state of states) {
    if (state.output) state.tensor = results[state.output] as ort.Tensor;
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
    // Memory of a session that is not released stays allocated until the process ends.
    await opened?.session.release();
    opened = undefined;
    return { kind: "done" };
  }
  if (!opened) throw new Error("the session is not open");
  const { states, kept } = opened;
  switch (request.kind) {
    case "run":
      return await run(opened, request);
    case "read": {
      if (request.kept && !kept) throw new Error(NOTHING_KEPT);
      const values = states.map(({ output, tensor }, i) => {
        if (output) return (request.kept ? kept![i]! : tensor).data as Float32Array;
        return undefined;
      });
      return { kind: "states", values };
    }
    case "write":
      request.values.forEach((values, i) => {
        const state = states[i]!;
        state.tensor = tensor({ values, shape: state.tensor.dims });
      });
      return { kind: "done" };
    case "keep":
      opened.kept = states.map(({ tensor }) => tensor);
      return { kind: "done" };
    case "restore":
      if (!kept) throw new Error(NOTHING_KEPT);
      kept.forEach((tensor, i) => states[i]!.tensor = tensor);
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

/** Requests are processed in order: each starts from the states that the previous one left. */
let turn = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Request>) => {
  turn = turn.then(() => reply(data));
};
