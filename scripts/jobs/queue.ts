// What runs jobs on a queue: it connects, and gives a study the queue for as long as it runs.
import { openQueue } from "./connection.ts";
import { markShared } from "./exchange.ts";
import type { Runner } from "./runner.ts";
import { type QueueOptions, Study } from "./study.ts";

/**
 * Runs jobs on the workers of a queue.
 *
 * @param options The queue, and how it is used.
 * @returns The runner.
 */
export const onQueue = (options: QueueOptions): Runner => ({
  interrupted: options.onInterrupt === "leave"
    ? "the workers go on; the same command collects what they do"
    : "nothing of it waits in the queue; the same command goes on",
  async run(jobs, handlers, progress, signal) {
    const opened = await openQueue(options.address, progress.note);
    try {
      const mark = options.shared === undefined ? null : await markShared(options.shared);
      const study = new Study(options, opened, mark, handlers, progress);
      await study.run(jobs, signal);
    } finally {
      opened.close();
    }
  },
});
