// Workers that denoise the tiles of a picture.
import type { Reply, Request, Step } from "./_protocol.ts";
import type { Tile } from "./_tiles.ts";

/** Tiles queued in a worker: one in progress and one more, so that it is never idle. */
const AHEAD = 2;

/** A pool of workers, ended by `using`. */
export class WorkerPool implements Disposable {
  readonly #workers: readonly Worker[];
  readonly #signal: AbortSignal | undefined;

  /**
   * @param size The number of workers.
   * @param signal Aborts the work.
   */
  constructor(size: number, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    const url = new URL("./worker.ts", import.meta.url);
    this.#workers = Array.from({ length: size }, () => new Worker(url, { type: "module" }));
    this.#signal = signal;
  }

  /**
   * Denoises the tiles of a step.
   *
   * @param take Receives the results in the order of the tiles, whichever worker finished first, because the rounding
   * of sums depends on the order of addition.
   */
  async run(step: Step, tiles: readonly Tile[], take: (reply: Reply) => void): Promise<void> {
    const signal = this.#signal;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = () => reject(signal!.reason);
    signal?.addEventListener("abort", stop);
    const early = new Map<number, Reply>();
    let next = 0, taken = 0;
    const send = (worker: Worker, request: Request) => worker.postMessage(request);
    const give = (worker: Worker) => {
      if (next === tiles.length) return;
      send(worker, { kind: "tile", index: next, tile: tiles[next]! });
      next++;
    };
    for (const worker of this.#workers) {
      worker.onmessage = ({ data: reply }: MessageEvent<Reply>) => {
        give(worker);
        early.set(reply.index, reply);
        for (let ready; (ready = early.get(taken)); taken++) {
          early.delete(taken);
          take(ready);
        }
        if (taken === tiles.length) resolve();
      };
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      send(worker, { kind: "open", step });
      for (let i = 0; i < AHEAD; i++) give(worker);
    }
    try {
      signal?.throwIfAborted();
      await promise;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
  }
}
