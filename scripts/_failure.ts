// Runs a command: every error becomes one line on standard error and an exit code.
import { FileError } from "../lib/files/mod.ts";
import { MemoryError } from "../lib/engine/mod.ts";

/** An error with a message that helps the user. */
export class Failure extends Error {
  /**
   * Makes the failure.
   *
   * @param message One line for the user.
   * @param exitCode The exit code of the command.
   */
  constructor(message: string, readonly exitCode = 1) {
    super(message);
  }
}

/** A mistake in the command line. */
export class UsageError extends Failure {
  constructor(message: string) {
    super(message, 2);
  }
}

/** The library's RangeErrors about arguments name these in backticks; the runtime's own do not. */
const isAboutAnArgument = (error: unknown) =>
  error instanceof RangeError && error.message.startsWith("`");

/** Command line terms for arguments of the library that are not options of the same name. */
const WORDS: Readonly<Record<string, string>> = {
  angle: "--motion",
  hole: "--remove-region",
  image: "the picture",
  length: "--motion",
  mask: "the mask",
  missing: "--remove",
  observed: "the picture",
  picture: "the picture",
  quantization: "the JPEG's quantisation",
  reference: "the reference",
  sigma: "--gaussian",
};

/** Arguments that are options of the same name, with dashes between the words. */
const OPTIONS: readonly string[] = [
  ...["allowDamaged", "averaging", "bands", "channels", "checkpoint", "factor", "input"],
  ...["iterations", "kernel", "kernelSize", "learningRate", "lipschitz", "network", "noiseSigma"],
  ...[
    "norm",
    "objective",
    "quality",
    "seed",
    "skipChannels",
    "stop",
    "strength",
    "threads",
    "tile",
  ],
  ...["upsampling", "window"],
];

/**
 * Replaces the library's argument names by options: `noiseSigma` becomes --noise-sigma.
 *
 * @param message A message with the library's arguments in backticks.
 * @returns The message without backticks.
 *
 * @example
 * ```ts
 * import { asOptionNames } from "./_failure.ts";
 * import assert from "node:assert/strict";
 * assert.equal(asOptionNames("`noiseSigma` cannot be 0"), "--noise-sigma cannot be 0");
 * ```
 */
export const asOptionNames = (message: string): string =>
  message.replaceAll(/`([A-Za-z]+)`/g, (_, name: string) => {
    const dashed = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (OPTIONS.includes(name)) return `--${dashed}`;
    return WORDS[name] ?? dashed.replaceAll("-", " ");
  });

/** Line breaks and control characters, which could change the terminal. */
const UNSHOWN = /\s*[\p{Cc}\p{Zl}\p{Zp}]+\s*/gu;

/** The longest line in characters: a long text pasted by mistake must not hide the message. */
const LONGEST = 500, HEAD = 300;

const shortened = (line: string) =>
  line.length <= LONGEST ? line : `${line.slice(0, HEAD)} ... ${line.slice(HEAD - LONGEST)}`;

/**
 * The message and exit code of an error.
 *
 * @param error Anything that was thrown.
 * @returns The line, without the command's name, and the exit code.
 */
export function explain(error: unknown): { line: string; exitCode: number } {
  const message = error instanceof Error ? error.message : String(error);
  const line = shortened(asOptionNames(message).trim().replaceAll(UNSHOWN, " "));
  if (error instanceof Failure) return { line, exitCode: error.exitCode };
  const expected = error instanceof FileError || error instanceof MemoryError ||
    isAboutAnArgument(error);
  return {
    line: expected ? line : `unexpected error: ${line} (DEBUG=1 shows where)`,
    exitCode: 1,
  };
}

/**
 * Prints an error on standard error, with a stack trace if `DEBUG` is set.
 *
 * @param name The beginning of the line, such as the command's name.
 * @param error Anything that was thrown.
 * @returns The exit code.
 */
export function reportFailure(name: string, error: unknown): number {
  const { line, exitCode } = explain(error);
  if (Deno.env.get("DEBUG")) console.error(error);
  console.error(`${name}: ${line}`);
  return exitCode;
}

/**
 * Runs a command and exits with its code.
 *
 * @param name The command's name, with which the error line begins.
 * @param command The command; it returns its exit code.
 * @param args Its arguments.
 * @returns Never: the process ends.
 */
export async function runCommand(
  name: string,
  command: (args: readonly string[]) => Promise<number>,
  args: readonly string[] = Deno.args,
): Promise<never> {
  const fail = (error: unknown): never => Deno.exit(reportFailure(name, error));
  addEventListener("unhandledrejection", ({ reason }) => fail(reason));
  // `deno task` starts in the project's folder, but relative paths are relative to the user's folder. If USERS_FOLDER
  // is set, the command was started by a task, and its value is the folder that the launcher has found.
  const folder = Deno.env.get("USERS_FOLDER");
  try {
    if (folder) Deno.chdir(Deno.env.get("TASKS_FOLDER") || folder);
    Deno.exit(await command(args));
  } catch (error) {
    return fail(error);
  }
}
