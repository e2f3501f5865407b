// The connection to a queue: opened or refused in one line, kept through a server's restart.
import type { Job as QueuedJob, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { Failure } from "../_failure.ts";
import type { QueueAddress } from "./address.ts";
import type { FilesByOption, Job } from "./job.ts";

/** Keys of the queue begin with this, and its list of jobs has this name. */
export const PREFIX = "deep-image-prior", QUEUE = "jobs";

/** A file that a job is made from, as the workers find it. */
export interface SentFile {
  /** Its name without folders. */
  readonly name: string;
  /** Its SHA-256. */
  readonly digest: string;
  /** Where it is in the shared folder; null if it is in the queue. */
  readonly path: string | null;
}

/** A job as the queue holds it. */
export interface QueuedData extends Pick<Job, "task" | "args" | "extension"> {
  /** What the record depends on: a worker of other versions does not take the job. */
  readonly versions: FilesByOption;
  readonly files: Readonly<Record<string, SentFile>>;
  /** What the shared folder is recognised by; null if there is none. */
  readonly shared: string | null;
  readonly memoryLimit: number;
  readonly retries: number;
}

/** How far a job is. */
export interface QueuedProgress {
  readonly iteration: number;
  readonly total: number;
}

/** A job's entry in the queue. */
export type Queued = QueuedJob<QueuedData, null>;

/** An open connection. */
export interface Connection {
  readonly client: Redis;
  /** Ends it at once. */
  close(): void;
}

/** An open queue. */
export interface OpenQueue extends Connection {
  readonly queue: Queue<QueuedData, null>;
}

/** Longest wait between two tries to connect again, in milliseconds. */
const SLOWEST_RETRY = 2000;

/** How long a first connection may take, in milliseconds. */
const PATIENCE = 10_000;

/** BullMQ, loaded when it is first asked for. */
export const loadBullmq = () => import("bullmq");

/**
 * Connects to a server. A connection that is lost later is made again, whatever it takes; what is asked
 * meanwhile waits.
 *
 * @param address Where it is.
 * @param said Told when the connection is lost, and when it is there again.
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

/** The reason of a failed connection, in words. */
function causeOf(error: Error & { code?: string }): string {
  const { message, code } = error;
  if (code === "ECONNREFUSED") return "nothing listens there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "there is no such host";
  if (code === "ETIMEDOUT") return "no answer";
  if (/^NOAUTH/.test(message)) return "it wants a password, as in redis://:password@host:6379";
  if (/^WRONGPASS|invalid password/.test(message)) return "the password is wrong";
  return message;
}

/**
 * Opens a queue.
 *
 * @param address Where it is.
 * @param said Told when the connection is lost, and when it is there again.
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
    // Nobody reads the events: the lists themselves are looked at.
    streams: { events: { maxLen: 100 } },
  });
  // They are the client's own, which are told.
  queue.on("error", () => {});
  return { client, queue, close };
}
