// The worker that denoises tiles.
/// <reference lib="deno.worker" />
import { estimateTile, openStep } from "./_estimate_tile.ts";
import type { Reply, Request } from "./_protocol.ts";

self.onmessage = ({ data: request }: MessageEvent<Request>) => {
  if (request.kind === "open") return openStep(request.step);
  const reply: Reply = { index: request.index, ...estimateTile(request.tile) };
  self.postMessage(reply, [reply.sums.buffer, reply.weights.buffer]);
};
