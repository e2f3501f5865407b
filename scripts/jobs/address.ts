// The address of a queue, its form without a password, and the network permission that it needs.

/** The address of a queue. */
export interface QueueAddress {
  /** The whole URL, with the password if there is one. */
  readonly url: string;
  /** The URL without user and password. */
  readonly shown: string;
  /** Host and port, in the form of `deno run --allow-net`. */
  readonly net: string;
}

/** Redis's default port. */
const PORT = "6379";

/** A host name or an IPv4 address; or an IPv6 address. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i;

/**
 * Parses the address of a queue.
 *
 * @param text `redis://host:6379`, or `rediss://user:password@host:6379/0` for TLS, a password and a database's
 * number.
 * @returns The address.
 * @throws {RangeError} If the text has another form; the message does not repeat it, because it may contain a
 * password.
 *
 * @example
 * ```ts
 * import { queueAddress } from "./address.ts";
 * import assert from "node:assert/strict";
 * const { shown, net } = queueAddress("rediss://me:secret@queue.example:7000/2");
 * assert.equal(shown, "rediss://queue.example:7000/2");
 * assert.equal(net, "queue.example:7000");
 * assert.equal(queueAddress("redis://[::1]").net, "[::1]:6379");
 * assert.throws(() => queueAddress("redis://one,two"), /must be like redis:/);
 * ```
 */
export function queueAddress(text: string): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRedis = url && (url.protocol === "redis:" || url.protocol === "rediss:");
  if (
    !isRedis || !HOST.test(url.hostname) || url.port === "0" ||
    !/^\/?\d{0,4}$/.test(url.pathname) ||
    url.search || url.hash
  ) {
    throw new RangeError(
      "must be like redis://host:6379, or rediss://user:password@host:6379/0 for TLS",
    );
  }
  const { protocol, hostname, port } = url, database = url.pathname.replace(/^\/$/, "");
  const net = `${hostname}:${port || PORT}`;
  return { url: text, shown: `${protocol}//${net}${database}`, net };
}

/**
 * Finds the address of `--queue` on a command line that is not parsed yet.
 *
 * @param args The command line.
 * @returns The address; undefined if there is none, or it is not valid.
 */
export function addressAmong(args: readonly string[]): QueueAddress | undefined {
  const end = args.indexOf("--"), options = end < 0 ? args : args.slice(0, end);
  const texts = options.flatMap((arg, i) =>
    arg === "--queue" ? options.slice(i + 1, i + 2) : /^--queue=(.*)/s.exec(arg)?.slice(1) ?? []
  );
  try {
    // If an option is given twice, the last one counts.
    return texts.length > 0 ? queueAddress(texts.at(-1)!) : undefined;
  } catch {
    // The command itself reports the mistake.
    return undefined;
  }
}
