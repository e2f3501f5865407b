// The option --queue. Its value may contain a password, which is never printed.
import { type Command, Option } from "commander";
import { UsageError } from "../_failure.ts";
import { type QueueAddress, queueAddress } from "./address.ts";

/** The form of `--queue`, for the help. */
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

/** Adds `--queue` to a command. */
export const addQueueOption = (command: Command, what: string): Command =>
  command.addOption(new Option("--queue <url>", `${what}: ${QUEUE_FORM}`).argParser(checked));

/**
 * The queue of a command that requires one.
 *
 * @param text The value of `--queue`.
 * @returns The address.
 * @throws {UsageError} If there is none.
 */
export function requireQueue(text: string | undefined): QueueAddress {
  if (text === undefined) throw new UsageError("--queue is missing (see --help)");
  return queueAddress(text);
}

/**
 * A command line that may be printed: without the user and password of a queue's address.
 *
 * @param args The command line.
 * @returns The arguments, otherwise unchanged.
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

/** The printable part of an address; empty if the address is not valid. */
const shownOf = (text: string): string => {
  try {
    return queueAddress(text).shown;
  } catch {
    return "";
  }
};
