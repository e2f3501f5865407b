// Parses a command line strictly; every mistake gives one line.
import { Command, CommanderError, InvalidArgumentError } from "commander";
import project from "../deno.json" with { type: "json" };
import { UsageError } from "./_failure.ts";

/**
 * Creates a command without options.
 *
 * @param name Its name.
 * @param summary A sentence for the help.
 * @param examples Command lines and their descriptions.
 * @returns The commander command.
 */
export function createCommand(
  name: string,
  summary: string,
  examples: readonly (readonly [what: string, line: string])[],
): Command {
  const listed = examples.map(([what, line]) => `  ${what}\n    deno task ${name} ${line}`);
  return new Command(name)
    .description(summary)
    .version(project.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpText("after", `\nExamples:\n${listed.join("\n")}`)
    .exitOverride()
    // runCommand prints the error. Output without colours needs no permissions.
    .configureOutput({
      writeErr: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/**
 * Parses arguments.
 *
 * @param command The command.
 * @param args Its arguments.
 * @returns Whether the command is to be run; false if help or version has been printed.
 * @throws {UsageError} If an argument is unknown, missing or not valid.
 */
export function parseArguments(command: Command, args: readonly string[]): boolean {
  try {
    command.parse([...args], { from: "user" });
    return true;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return false;
    const message = error.message.replace(/^error: /, "").replace(/\.$/, "");
    throw new UsageError(`${message} (see --help)`);
  }
}

/** A command line quoted for POSIX shells. */
export const commandLine = (name: string, args: readonly string[]): string =>
  ["deno", "task", name, ...args]
    .map((arg) => /^[\w./:=,@%+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`)
    .join(" ");

/** Parses a whole number from `least` to `most`, digits only. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** Parses a decimal number above 0, at most `most`. */
export function positiveNumber(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const isNumber = /^(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text);
    if (isNumber && value > 0 && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number above 0, at most ${most}.`);
  };
}

/** Parses one value, or `count` values separated by commas. */
function listOf(
  one: (text: string) => number,
  count: number,
  what: string,
): (text: string) => number | number[] {
  return (text) => {
    try {
      const values = text.split(",").map(one);
      if (values.length === 1) return values[0]!;
      if (values.length === count) return values;
    } catch {
      // The error below is about the whole list.
    }
    throw new InvalidArgumentError(`It must be one ${what}, or ${count} of them with commas.`);
  };
}

/** Parses whole numbers from `least` to `most` separated by commas: one, or `count` of them. */
export const wholeNumbers = (count: number, least: number, most: number) =>
  listOf(wholeNumber(least, most), count, `whole number from ${least} to ${most}`);

/** Parses numbers above 0, at most `most`, separated by commas: one, or `count` of them. */
export const numbers = (count: number, most: number) =>
  listOf(positiveNumber(most), count, `number above 0, at most ${most}`);

/** Parses a percentage above 0 and below 100, as a fraction of 1. */
export function percentage(text: string): number {
  const value = Number(text.replace(/%$/, ""));
  if (/^(\d+\.?\d*|\.\d+)%?$/.test(text) && value > 0 && value < 100) return value / 100;
  throw new InvalidArgumentError("It must be a percentage above 0 and below 100.");
}

/** Parses a decimal number from 0 to below 1. */
export function fraction(text: string): number {
  const value = Number(text);
  if (/^(\d+\.?\d*|\.\d+)$/.test(text) && value < 1) return value;
  throw new InvalidArgumentError("It must be a number from 0 to below 1.");
}
