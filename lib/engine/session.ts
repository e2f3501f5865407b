// How a native session is opened, the same for a run and for the bench that profiles one.
import type { InferenceSession } from "onnxruntime-node";
import type { SessionOptions } from "./protocol.ts";

/**
 * The runtime's options of a session.
 *
 * @param options Threads and device.
 * @returns What `InferenceSession.create` takes.
 */
export function nativeOptions(
  { threads, device }: SessionOptions,
): InferenceSession.SessionOptions {
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
