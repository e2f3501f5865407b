// Options of a native session, and the block size of the runtime's convolutions.
import * as ort from "onnxruntime-node";
import { blockedFilter, blockedImage, pack, unpack } from "./layout.ts";
import { encodeModel, type OnnxGraph, type Ref } from "./onnx.ts";
import type { SessionOptions } from "./protocol.ts";

/**
 * The runtime's options of a session.
 *
 * @param options Threads and device.
 * @returns The options for `InferenceSession.create`.
 */
export function nativeOptions(
  { threads, device }: SessionOptions,
): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // The graph is already optimised. The runtime's own passes would double the time to open it and gain nothing.
    graphOptimizationLevel: "disabled",
    // Planned memory patterns take half as much memory again and save no time.
    enableMemPattern: false,
    logSeverityLevel: 4,
  };
}

/** Block sizes of processors, in channels: 16 with AVX-512 and on 64-bit ARM, 8 with AVX2. */
const BLOCKS = [16, 8];

/** A model of one blocked convolution. */
function convolutionModel(block: number): Uint8Array {
  const tensor = (name: string, shape: readonly number[]): Ref => ({
    name,
    shape,
    type: "float32",
  });
  const x = tensor("x", [1, block, 1, 2]), w = tensor("w", [block, block, 1, 1]);
  const y = tensor("y", [1, block, 1, 2]);
  const graph: OnnxGraph = {
    inputs: [x, w],
    outputs: [y],
    initializers: [],
    nodes: [{
      op: "Conv",
      domain: "com.microsoft.nchwc",
      inputs: [x, w],
      outputs: [y],
      attributes: { kernel_shape: [1, 1] },
    }],
  };
  return encodeModel(graph);
}

/** Whether the runtime correctly computes a convolution in blocks of this size. */
async function convolves(block: number): Promise<boolean> {
  const count = (length: number) => Float32Array.from({ length }, (_, i) => i % 7 - 3);
  // Pixel and filter in tfjs's layout: [1, 1, 2, C] and [1, 1, in, out].
  const x = count(2 * block), w = count(block * block);
  const feeds = {
    x: new ort.Tensor("float32", pack(x, [1, 1, 2, block], blockedImage(block)), [1, block, 1, 2]),
    w: new ort.Tensor(
      "float32",
      pack(w, [1, 1, block, block], blockedFilter(block, true)),
      [block, block, 1, 1],
    ),
  };
  const options = { logSeverityLevel: 4, intraOpNumThreads: 1 } as const;
  const session = await ort.InferenceSession.create(convolutionModel(block), options);
  try {
    const { y } = await session.run(feeds);
    const result = unpack(y!.data as Float32Array, [1, 1, 2, block], blockedImage(block));
    return result.every((value, at) => {
      const pixel = Math.floor(at / block), o = at % block;
      let sum = 0;
      for (let i = 0; i < block; i++) sum += x[pixel * block + i]! * w[i * block + o]!;
      return value === sum;
    });
  } finally {
    await session.release();
  }
}

/**
 * Measures the block size of the runtime's blocked convolutions.
 *
 * @returns The channels in a block; 0 if the runtime has no such convolutions.
 */
export async function probeBlock(): Promise<number> {
  for (const block of BLOCKS) {
    try {
      if (await convolves(block)) return block;
    } catch {
      // The runtime does not have the operators, or not for this block size.
    }
  }
  return 0;
}
