// Ends a command: whatever goes wrong becomes one line on standard error and an exit code.
import { FileError } from "../lib/files/mod.ts";
import { MemoryError } from "../lib/engine/mod.ts";

/** A failure that the user can understand and act on. */
export class Failure extends Error {
  /**
   * Makes the failure.
   *
   * @param message One line for the user.
   * @param exitCode What the command exits with.
   */
  constructor(message: string, readonly exitCode = 1) {
    super(message);
  }
}

/** The command line itself is wrong. */
export class UsageError extends Failure {
  constructor(message: string) {
    super(message, 2);
  }
}

/** A library's RangeError about an argument names it in backticks; the runtime's own do not. */
const isAboutAnArgument = (error: unknown) =>
  error instanceof RangeError && error.message.startsWith("`");

/** What an argument of the library is on the command line, where that is not an option of its name. */
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
 * A message in the words of the command line: what the library calls `noiseSigma` is --noise-sigma there.
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

/** What breaks a line, or tells a terminal what to do. */
const UNSHOWN = /\s*[\p{Cc}\p{Zl}\p{Zp}]+\s*/gu;

/** Characters of the longest line: what was pasted by mistake must not hide what is said of it. */
const LONGEST = 500, HEAD = 300;

const shortened = (line: string) =>
  line.length <= LONGEST ? line : `${line.slice(0, HEAD)} ... ${line.slice(HEAD - LONGEST)}`;

/**
 * What to tell of an error.
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
 * Tells of an error on standard error, with where it was thrown if `DEBUG` is set.
 *
 * @param name What went wrong: the command's name, or more.
 * @param error Anything that was thrown.
 * @returns The exit code it stands for.
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
 * @param name The command's name, which its error line begins with.
 * @param command The command; it gives its exit code.
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
  // `deno task` starts in the project's folder; relative paths are the user's. That the task hands on INIT_CWD by
  // this name says that it was a task; the folder itself is the launcher's answer, where the system has told it.
  const folder = Deno.env.get("USERS_FOLDER");
  try {
    if (folder) Deno.chdir(Deno.env.get("TASKS_FOLDER") || folder);
    Deno.exit(await command(args));
  } catch (error) {
    return fail(error);
  }
}
