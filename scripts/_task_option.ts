// What commands over several runs have in common: which task they are about, how they tell.
import { parseArgs } from "node:util";
import { type Command, Option } from "commander";
import { UsageError } from "./_failure.ts";
import { denoise, type RestorationTask, TASKS } from "./tasks/mod.ts";

const NAMES = TASKS.map(({ name }) => name);

/** Gives a command `--task`. */
export const addTaskOption = (command: Command): Command =>
  command.addOption(
    new Option("--task <name>", "what is restored; each has options of its own (see its --help)")
      .choices(NAMES).default(denoise.name),
  );

/** Gives a command `--quiet` and `--json`. */
export const addListOptions = (command: Command): Command =>
  command
    .option("-q, --quiet", "show no progress")
    .option("--json", "print the results as a JSON list");

/**
 * The task that a command line names; its other options depend on it, so that it is found first.
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
