// One run of a study as plain data: what it is made from, what it gives, what it is recognised by.
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Command } from "commander";
import { RECORD_VERSION, type RunRecord, softwareVersions } from "../../lib/restoration/mod.ts";
import { createCommand, parseArguments } from "../_command_line.ts";
import { Failure } from "../_failure.ts";
import { readBytes, sha256 } from "../_kept_folder.ts";
import type { Outcome } from "../_outcome.ts";
import { addTaskOptions } from "../_restoration.ts";
import type { RestorationOptions } from "../_restoration_options.ts";
import { type RestorationTask, TASKS } from "../tasks/mod.ts";

/** Something of each file that a job is made from, by the option that names it; `picture` is the picture's own. */
export type FilesByOption = Readonly<Record<string, string>>;

/** One run: a picture, a task and its options, in words that another machine understands. */
export interface Job {
  /** Its place in the study, from 0. */
  readonly place: number;
  /** What the user calls it. */
  readonly name: string;
  /** The restoring command. */
  readonly task: string;
  /** That command's options as they were written, each as `--name=value`, without those that name a file. */
  readonly args: readonly string[];
  /** The paths of the files. */
  readonly files: FilesByOption;
  /** What the restored picture's name ends with, such as `.png`: its format. */
  readonly extension: string;
}

/** What is known of a run that has ended, but for where it is kept. */
export type JobOutcome = Omit<Outcome, "output" | "record" | "report">;

/** What is known of a picture that a job has restored. */
export interface PageResult {
  readonly outcome: JobOutcome;
  readonly record: RunRecord;
}

/** What a job gives. */
export interface JobResult {
  /** The SHA-256 of each file that it was made from. */
  readonly sources: FilesByOption;
  /** The pages of the file that were restored; mostly there is one. */
  readonly pages: readonly [PageResult, ...PageResult[]];
  /**
   * Writes the restored file, whole or not at all.
   *
   * @throws {FileError} If it cannot be written.
   */
  write(path: string): Promise<void>;
}

/** The options that a run of a task has. */
const runOptions = (task: RestorationTask): Command =>
  addTaskOptions(createCommand(task.name, "", []), task);

/** Whether an option names a file that is read. */
export const namesFile = ({ flags }: { flags: string }) => flags.endsWith("<file>");

/**
 * Watches which options of a run a command line gives.
 *
 * @param command The command, before it parses anything; it has the task's options among its own.
 * @param task The task.
 * @returns What was given, once it is parsed: as {@linkcode Job} has it.
 *
 * @example
 * ```ts
 * import { argsGiven } from "./job.ts";
 * import { createCommand, parseArguments } from "../_command_line.ts";
 * import { addTaskOptions } from "../_restoration.ts";
 * import { TASKS } from "../tasks/mod.ts";
 * import assert from "node:assert/strict";
 * const [task] = TASKS;
 * const command = addTaskOptions(createCommand("study", "", []).option("--json"), task!);
 * const given = argsGiven(command, task!);
 * parseArguments(command, ["--seed", "3", "--json", "--reference", "clean.png"]);
 * assert.deepEqual(given(), ["--seed=3"]);
 * ```
 */
export function argsGiven(command: Command, task: RestorationTask): () => string[] {
  const given: string[] = [];
  for (const option of runOptions(task).options.filter((option) => !namesFile(option))) {
    const { long } = option;
    command.on(`option:${option.name()}`, (value?: string | null) => {
      given.push(value == null ? long! : `${long}=${value}`);
    });
  }
  return () => [...given];
}

/** Whether an option, such as `--threads`, is among some arguments. */
export const isGiven = (args: readonly string[], option: string): boolean =>
  args.some((arg) => arg === option || arg.startsWith(`${option}=`));

/**
 * The task and the options of a job.
 *
 * @param job The job.
 * @returns The task and its options, parsed, those that name a file with the job's paths.
 * @throws {Failure} If this version of the project does not know the task or an option.
 */
export function parsedJob(
  { task: name, args, files }: Pick<Job, "task" | "args" | "files">,
): { task: RestorationTask; options: RestorationOptions } {
  const task = TASKS.find((task) => task.name === name);
  if (!task) throw new Failure(`there is no task "${name}"`);
  const command = runOptions(task);
  parseArguments(command, args);
  const { picture: _, ...named } = files;
  return { task, options: { ...command.opts<RestorationOptions>(), ...named } };
}

/**
 * Digests the files that a job is made from.
 *
 * @param files Their paths.
 * @returns The SHA-256 of each.
 * @throws {Failure} If one cannot be read.
 */
export async function digestsOf(files: FilesByOption): Promise<FilesByOption> {
  const digests: Record<string, string> = {};
  for (const [option, path] of Object.entries(files)) {
    digests[option] = await sha256(await readBytes(path));
  }
  return digests;
}

/** Whether two sets of digests are of the same files. */
export const areSame = (a: FilesByOption, b: FilesByOption): boolean => isDeepStrictEqual(a, b);

/** What the record of a run depends on, besides its job. */
export const programVersions = (): FilesByOption => ({
  record: `${RECORD_VERSION}`,
  ...softwareVersions(),
});

/** An object whose keys come in order, all the way down. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, field]) => [key, ordered(field)]));
}

/**
 * What a job is recognised by, wherever it runs: its task and settings with the seed, the digests of its
 * files, the format of its picture, the memory it may take, and the program's versions. Its name and the
 * paths of its files do not count.
 *
 * @param job The job.
 * @param digests The SHA-256 of each of its files.
 * @param memoryLimit The bytes that it may take, which decide whether a picture is cut into tiles.
 * @returns 64 hexadecimal digits.
 *
 * @example The same settings in other words
 * ```ts
 * import { identityOf } from "./job.ts";
 * import assert from "node:assert/strict";
 * const job = { place: 0, name: "a", task: "denoise", files: { picture: "a.png" }, extension: ".png" };
 * const id = (...args: string[]) => identityOf({ ...job, args }, { picture: "00" }, 1e9);
 * assert.equal(id("--seed=1", "--iterations=20"), id("--iterations=20", "--seed=1"));
 * assert.notEqual(id("--seed=1"), id("--seed=2"));
 * ```
 */
export function identityOf(job: Job, digests: FilesByOption, memoryLimit: number): string {
  const named = Object.fromEntries(Object.keys(job.files).map((option) => [option, ""]));
  const { options } = parsedJob({ ...job, files: named });
  // Rules and other objects count by their data, as in the record.
  const settings = JSON.parse(JSON.stringify(options));
  const identity = {
    versions: programVersions(),
    task: job.task,
    settings,
    digests,
    extension: job.extension,
    memoryLimit,
  };
  return createHash("sha256").update(JSON.stringify(ordered(identity))).digest("hex");
}
