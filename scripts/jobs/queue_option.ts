// The option --queue, which may hold a password: what is wrong with it is told without it.
import { type Command, Option } from "commander";
import { UsageError } from "../_failure.ts";
import { type QueueAddress, queueAddress } from "./address.ts";

/** What `--queue` names, for the help. */
export const QUEUE_FORM =
  "redis://host:6379, or rediss://user:password@host:6379/0 for TLS and a password";

function checked(text: string): string {
  try {
    queueAddress(text);
    return text;
  } catch (error) {
    throw new UsageError(`--queue ${(error as Error).message}`);
  }
}

/** Gives a command `--queue`. */
export const addQueueOption = (command: Command, what: string): Command =>
  command.addOption(new Option("--queue <url>", `${what}: ${QUEUE_FORM}`).argParser(checked));

/**
 * The queue of a command that cannot do without.
 *
 * @param text What `--queue` gave.
 * @returns The address.
 * @throws {UsageError} If it gave nothing.
 */
export function requireQueue(text: string | undefined): QueueAddress {
  if (text === undefined) throw new UsageError("--queue is missing (see --help)");
  return queueAddress(text);
}

/**
 * A command line that may be shown: a queue's address without user and password.
 *
 * @param args The command line.
 * @returns The same otherwise.
 *
 * @example
 * ```ts
 * import { withoutPassword } from "./queue_option.ts";
 * import assert from "node:assert/strict";
 * const shown = ["photos", "--queue", "redis://queue.example:6379"];
 * assert.deepEqual(withoutPassword(["photos", "--queue", "redis://:secret@queue.example"]), shown);
 * ```
 */
export const withoutPassword = (args: readonly string[]): string[] =>
  args.map((arg, i) => {
    if (args[i - 1] === "--queue") return shownOf(arg);
    const text = /^--queue=(.*)/s.exec(arg)?.[1];
    return text === undefined ? arg : `--queue=${shownOf(text)}`;
  });

/** What may be shown of an address; of what is none, nothing. */
const shownOf = (text: string): string => {
  try {
    return queueAddress(text).shown;
  } catch {
    return "";
  }
};
