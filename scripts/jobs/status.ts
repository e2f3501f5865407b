// The status of a queue: counts, active jobs, and the reasons of failures.
import { duration } from "../_progress.ts";
import { table } from "../_table.ts";
import { type OpenQueue, PREFIX, type Queued, type QueuedProgress } from "./connection.ts";
import { serverTransfer } from "./exchange.ts";

/** An active job. */
export interface ActiveJob {
  readonly name: string;
  readonly worker: string | null;
  /** The iteration out of `total`; null before the first. */
  readonly iteration: number | null;
  readonly total: number | null;
  /** The time since its start. */
  readonly seconds: number;
}

/** The status of a queue. */
export interface QueueStatus {
  readonly waiting: number;
  /** Failed jobs that will be retried. */
  readonly delayed: number;
  readonly active: readonly ActiveJob[];
  /** Finished jobs that have not been collected by the command that started them. */
  readonly done: number;
  /** Jobs that have finally failed and have not been reported yet. */
  readonly failed: readonly { readonly name: string; readonly error: string }[];
  /** The workers' names; null if the server does not support this. */
  readonly workers: readonly string[] | null;
  /** The memory that the server uses, in bytes. */
  readonly memory: number;
}

/** The most failures that are listed. */
const MOST = 100;

/**
 * Reads the status of a queue.
 *
 * @param opened The queue.
 * @returns The status.
 */
export async function statusOf({ client, queue }: OpenQueue): Promise<QueueStatus> {
  const counts = await queue.getJobCounts("wait", "delayed", "completed", "failed");
  const active: Queued[] = await queue.getActive(),
    failed: Queued[] = await queue.getFailed(0, MOST);
  const workers = await queue.getWorkers().catch(() => undefined);
  const memory = /used_memory:(\d+)/.exec(await client.info("memory"))?.[1];
  return {
    waiting: counts["wait"] ?? 0,
    delayed: counts["delayed"] ?? 0,
    active: active.map(({ name, processedBy, processedOn, progress }) => {
      const { iteration = null, total = null } = progress as Partial<QueuedProgress>;
      const seconds = processedOn === undefined ? 0 : (Date.now() - processedOn) / 1000;
      return { name, worker: processedBy ?? null, iteration, total, seconds };
    }),
    done: counts["completed"] ?? 0,
    failed: failed.map(({ name, failedReason: error }) => ({ name, error: error ?? "" })),
    workers: workers?.map(({ rawname }) => nameAmong(rawname!)) ?? null,
    memory: Number(memory ?? 0),
  };
}

/** The worker's own part of its connection's name. */
const nameAmong = (connection: string): string => connection.split(":w:").at(-1)!;

/**
 * Formats a queue's status.
 *
 * @param status The status.
 * @returns Lines without a final line break.
 */
export function statusText(status: QueueStatus): string {
  const { waiting, delayed, active, done, failed, workers, memory } = status;
  const counts = [
    [
      "waiting",
      `${waiting + delayed}${delayed > 0 ? `, ${delayed} of them to be tried again` : ""}`,
    ],
    ["under way", `${active.length}`],
    ["done, not collected", `${done}`],
    ["failed", `${failed.length}`],
    ["workers", workers === null ? "unknown" : [workers.length, ...workers].join("  ")],
    ["memory", `${(memory / 1e6).toFixed(1)} MB`],
  ].map(([name, value]) => `${name!.padEnd(20)} ${value}`);
  const rows = active.map(({ name, worker, iteration, total, seconds }) => [
    name,
    iteration === null ? "-" : `${iteration}/${total}`,
    duration(seconds),
    worker ?? "-",
  ]);
  const shown = rows.length > 0
    ? ["", table(["under way", "iteration", "time", "worker"], rows)]
    : [];
  const reasons = failed.map(({ name, error }) => `${name}: ${error}`);
  return [...counts, ...shown, ...reasons.length > 0 ? ["", ...reasons] : []].join("\n");
}

/**
 * Removes all waiting jobs from a queue, with their pictures.
 *
 * @param opened The queue.
 * @returns The number of jobs.
 */
export async function drain({ client, queue }: OpenQueue): Promise<number> {
  const exchange = serverTransfer(client);
  let count = 0;
  const waiting: Queued[] = await queue.getJobs(["wait", "delayed", "prioritized"]);
  for (const { id, data: { extension, files } } of waiting) {
    // A job that has been started meanwhile stays.
    if (await queue.remove(id!) !== 1) continue;
    await exchange.discard(id!, extension, Object.values(files));
    count++;
  }
  return count;
}

/**
 * Removes everything from a queue, including active jobs and results that have not been collected.
 */
export async function clear({ client, queue }: OpenQueue): Promise<void> {
  await queue.obliterate({ force: true });
  const keys = client.scanStream({ match: `${PREFIX}:*`, count: 1000 });
  for await (const found of keys) if (found.length > 0) await client.unlink(...found);
}
