// The connection to a queue: errors are reported in one line, and lost connections are restored.
import type { Job as QueuedJob, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { Failure } from "../_failure.ts";
import type { QueueAddress } from "./address.ts";
import type { FilesByOption, Job } from "./job.ts";

/** The prefix of the queue's keys, and the name of its list of jobs. */
export const PREFIX = "deep-image-prior", QUEUE = "jobs";

/** A source file of a job, for the workers. */
export interface SentFile {
  /** Its name without folders. */
  readonly name: string;
  /** Its SHA-256. */
  readonly digest: string;
  /** Its path in the shared folder; null if it is stored in the queue. */
  readonly path: string | null;
}

/** A job in the queue. */
export interface QueuedData extends Pick<Job, "task" | "args" | "extension"> {
  /** The versions that affect the record; workers of other versions refuse the job. */
  readonly versions: FilesByOption;
  readonly files: Readonly<Record<string, SentFile>>;
  /** The identity of the shared folder; null if there is none. */
  readonly shared: string | null;
  readonly memoryLimit: number;
  readonly retries: number;
}

/** The progress of a job. */
export interface QueuedProgress {
  readonly iteration: number;
  readonly total: number;
}

/** A job's entry in the queue. */
export type Queued = QueuedJob<QueuedData, null>;

/** An open connection. */
export interface Connection {
  readonly client: Redis;
  /** Closes it at once. */
  close(): void;
}

/** An open queue. */
export interface OpenQueue extends Connection {
  readonly queue: Queue<QueuedData, null>;
}

/** The longest wait between two attempts to reconnect, in milliseconds. */
const SLOWEST_RETRY = 2000;

/** The longest time for the first connection, in milliseconds. */
const PATIENCE = 10_000;

/** Loads BullMQ on first use. */
export const loadBullmq = () => import("bullmq");

/**
 * Connects to a server. A connection that is lost later is restored, however long that takes; commands wait
 * meanwhile.
 *
 * @param address The address.
 * @param said Called when the connection is lost, and when it is restored.
 * @returns The connection.
 * @throws {Failure} If there is no such server, or it refuses.
 */
export async function connect(
  { url, shown }: QueueAddress,
  said: (text: string) => void = () => {},
): Promise<Connection> {
  const { Redis } = await import("ioredis");
  let isOpen = false, isLost = false;
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => isOpen ? Math.min(100 * times, SLOWEST_RETRY) : null,
  });
  let reason: Error | undefined;
  client.on("error", (error) => reason ??= error);
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    client.disconnect();
    throw new Failure(`cannot reach the queue at ${shown}: ${causeOf(reason ?? error as Error)}`);
  }
  isOpen = true;
  client.on("close", () => {
    if (isLost || !isOpen) return;
    isLost = true;
    said(`the connection to ${shown} is lost; it is tried again`);
  });
  client.on("ready", () => {
    if (isLost) said(`connected to ${shown} again`);
    isLost = false;
  });
  return {
    client,
    close() {
      isOpen = false;
      client.disconnect();
    },
  };
}

/** The reason of a failed connection, for users. */
function causeOf(error: Error & { code?: string }): string {
  const { message, code } = error;
  if (code === "ECONNREFUSED") return "nothing listens there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "there is no such host";
  if (code === "ETIMEDOUT") return "no answer";
  if (/^NOAUTH/.test(message)) return "it needs a password, as in redis://:password@host:6379";
  if (/^WRONGPASS|invalid password/.test(message)) return "the password is wrong";
  return message;
}

/**
 * Opens a queue.
 *
 * @param address The address.
 * @param said Called when the connection is lost, and when it is restored.
 * @returns The queue.
 * @throws {Failure} If there is no such server, or it refuses.
 */
export async function openQueue(
  address: QueueAddress,
  said?: (text: string) => void,
): Promise<OpenQueue> {
  const { client, close } = await connect(address, said);
  const { Queue } = await loadBullmq();
  const queue = new Queue<QueuedData, null>(QUEUE, {
    connection: client,
    prefix: PREFIX,
    // Events are not read; the lists themselves are polled.
    streams: { events: { maxLen: 100 } },
  });
  // These are the client's errors, which are reported elsewhere.
  queue.on("error", () => {});
  return { client, queue, close };
}
