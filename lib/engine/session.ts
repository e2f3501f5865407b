// How a native session is opened, and which blocks of channels the runtime's convolutions have.
import * as ort from "onnxruntime-node";
import { blockedFilter, blockedImage, pack, unpack } from "./layout.ts";
import { encodeModel, type OnnxGraph, type Ref } from "./onnx.ts";
import type { SessionOptions } from "./protocol.ts";

/**
 * The runtime's options of a session.
 *
 * @param options Threads and device.
 * @returns What `InferenceSession.create` takes.
 */
export function nativeOptions(
  { threads, device }: SessionOptions,
): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // The graph comes optimised: the runtime's passes double the time to open it and gain nothing.
    graphOptimizationLevel: "disabled",
    // Planned memory patterns cost half as much memory again and no time.
    enableMemPattern: false,
    logSeverityLevel: 4,
  };
}

/** Channels in a block that processors have: 16 with AVX-512 and on 64-bit ARM, 8 with AVX2. */
const BLOCKS = [16, 8];

/** One convolution in blocks, from tensors in blocks to one in blocks. */
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

/** Whether the runtime computes a convolution in blocks of this size rightly. */
async function convolves(block: number): Promise<boolean> {
  const count = (length: number) => Float32Array.from({ length }, (_, i) => i % 7 - 3);
  // Pixel and filter as tfjs has them: [1, 1, 2, C] and [1, 1, in, out].
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
 * The blocks of channels of the runtime's blocked convolutions.
 *
 * @returns The channels in a block; 0 if the runtime has no such convolutions.
 */
export async function probeBlock(): Promise<number> {
  for (const block of BLOCKS) {
    try {
      if (await convolves(block)) return block;
    } catch {
      // The runtime does not know the operators, or not for such blocks.
    }
  }
  return 0;
}
