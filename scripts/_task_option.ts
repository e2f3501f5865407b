// Options of commands over several runs: the task, and the form of the output.
import { parseArgs } from "node:util";
import { type Command, Option } from "commander";
import { UsageError } from "./_failure.ts";
import { denoise, type RestorationTask, TASKS } from "./tasks/mod.ts";

const NAMES = TASKS.map(({ name }) => name);

/** Adds `--task` to a command. */
export const addTaskOption = (command: Command): Command =>
  command.addOption(
    new Option("--task <name>", "what is restored; each has options of its own (see its --help)")
      .choices(NAMES).default(denoise.name),
  );

/** Adds `--quiet` and `--json` to a command. */
export const addListOptions = (command: Command): Command =>
  command
    .option("-q, --quiet", "show no progress")
    .option("--json", "print the results as a JSON list");

/**
 * Finds the task of a command line. The other options depend on it, so it is found before they are parsed.
 *
 * @param args The command line.
 * @returns The task; denoising if none is named.
 * @throws {UsageError} If there is no such task.
 */
export function taskOf(args: readonly string[]): RestorationTask {
  const { task = denoise.name } = parseArgs({
    args: [...args],
    options: { task: { type: "string" } },
    strict: false,
  }).values;
  const found = TASKS.find(({ name }) => name === task);
  if (!found) {
    throw new UsageError(`--task "${task}" is not one of ${NAMES.join(", ")} (see --help)`);
  }
  return found;
}
