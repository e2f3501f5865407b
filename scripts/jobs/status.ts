// What a queue holds: counts, the jobs under way, and why others have failed.
import { duration } from "../_progress.ts";
import { table } from "../_table.ts";
import { type OpenQueue, PREFIX, type Queued, type QueuedProgress } from "./connection.ts";
import { serverTransfer } from "./exchange.ts";

/** A job under way. */
export interface ActiveJob {
  readonly name: string;
  readonly worker: string | null;
  /** Of `total`; null before the first. */
  readonly iteration: number | null;
  readonly total: number | null;
  /** Since it was begun. */
  readonly seconds: number;
}

/** What a queue holds. */
export interface QueueStatus {
  readonly waiting: number;
  /** Failed, to be tried again in a moment. */
  readonly delayed: number;
  readonly active: readonly ActiveJob[];
  /** Done, and not collected by the command that asked for it. */
  readonly done: number;
  /** Failed for good, and not told yet. */
  readonly failed: readonly { readonly name: string; readonly error: string }[];
  /** The workers' names; null if the server does not tell. */
  readonly workers: readonly string[] | null;
  /** Bytes that the server holds. */
  readonly memory: number;
}

/** The most failures that are listed. */
const MOST = 100;

/**
 * Looks at a queue.
 *
 * @param opened The queue.
 * @returns What it holds.
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

/** The worker's own part of the name of its connection. */
const nameAmong = (connection: string): string => connection.split(":w:").at(-1)!;

/**
 * A queue's status for people.
 *
 * @param status What it holds.
 * @returns Lines without a break at the end.
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
    ["workers", workers === null ? "not told" : [workers.length, ...workers].join("  ")],
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
 * Takes out of a queue what waits, with its pictures.
 *
 * @param opened The queue.
 * @returns How many jobs.
 */
export async function drain({ client, queue }: OpenQueue): Promise<number> {
  const exchange = serverTransfer(client);
  let count = 0;
  const waiting: Queued[] = await queue.getJobs(["wait", "delayed", "prioritized"]);
  for (const { id, data: { extension, files } } of waiting) {
    // One that has come under way meanwhile stays.
    if (await queue.remove(id!) !== 1) continue;
    await exchange.discard(id!, extension, Object.values(files));
    count++;
  }
  return count;
}

/**
 * Takes everything out of a queue, what is under way and results that nobody has collected too.
 *
 * @param opened The queue.
 */
export async function clear({ client, queue }: OpenQueue): Promise<void> {
  await queue.obliterate({ force: true });
  const keys = client.scanStream({ match: `${PREFIX}:*`, count: 1000 });
  for await (const found of keys) if (found.length > 0) await client.unlink(...found);
}
