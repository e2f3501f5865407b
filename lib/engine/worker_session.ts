// The caller's side of the worker that runs a compiled step: requests, replies, and the worker's end.
import type { Reply, Request } from "./protocol.ts";

/** A worker that answers requests in order. */
export class WorkerSession {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  #closed: Error | undefined;
  readonly #ended = Promise.withResolvers<void>();

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const { resolve, reject } = this.#waiting.shift()!;
      if (data.kind === "failed") reject(new Error(data.message));
      else resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.close(new Error(event.message));
      this.#end();
    };
  }

  ask<K extends Reply["kind"]>(
    request: Request,
    _expected: K,
  ): Promise<Extract<Reply, { kind: K }>> {
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve: resolve as (reply: Reply) => void, reject });
      this.#worker.postMessage(request);
    });
  }

  /** Rejects all requests; the promise resolves when the request in progress and the worker have ended. */
  close(reason: Error): Promise<void> {
    if (this.#closed) return this.#ended.promise;
    this.#closed = reason;
    // They stay in the queue, because the worker still answers them before the last request.
    for (const { reject } of this.#waiting) reject(reason);
    const end = () => this.#end();
    this.#waiting.push({ resolve: end, reject: end });
    this.#worker.postMessage({ kind: "end" } satisfies Request);
    return this.#ended.promise;
  }

  #end(): void {
    this.#worker.terminate();
    this.#ended.resolve();
  }
}
