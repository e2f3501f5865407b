// One run of a study as plain data: its sources, its result, its identity.
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

/** A text for each source file of a job, by the option that names it; `picture` is that of the picture. */
export type FilesByOption = Readonly<Record<string, string>>;

/** One run: a picture, a task and its options, in a form that other machines can use. */
export interface Job {
  /** Its index in the study, from 0. */
  readonly place: number;
  /** Its name in messages. */
  readonly name: string;
  /** The restoring command. */
  readonly task: string;
  /** The options of that command as they were given, each as `--name=value`, without those that name a file. */
  readonly args: readonly string[];
  /** The paths of the files. */
  readonly files: FilesByOption;
  /** The extension of the restored picture, such as `.png`, which decides its format. */
  readonly extension: string;
}

/** The outcome of a run, without the paths of its files. */
export type JobOutcome = Omit<Outcome, "output" | "record" | "report">;

/** The result of one restored picture. */
export interface PageResult {
  readonly outcome: JobOutcome;
  readonly record: RunRecord;
}

/** The result of a job. */
export interface JobResult {
  /** The SHA-256 of each source file. */
  readonly sources: FilesByOption;
  /** The restored pages of the file, usually one. */
  readonly pages: readonly [PageResult, ...PageResult[]];
  /**
   * Writes the restored file, whole or not at all.
   *
   * @throws {FileError} If it cannot be written.
   */
  write(path: string): Promise<void>;
}

/** The options of a task's runs. */
const runOptions = (task: RestorationTask): Command =>
  addTaskOptions(createCommand(task.name, "", []), task);

/** Whether an option names a file to read. */
export const namesFile = ({ flags }: { flags: string }) => flags.endsWith("<file>");

/**
 * Records which options of a run a command line gives.
 *
 * @param command The command, before it parses anything; it includes the task's options.
 * @param task The task.
 * @returns A function that returns the given options after parsing, in the form of {@linkcode Job}.
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

/** Whether an option, such as `--threads`, is among arguments. */
export const isGiven = (args: readonly string[], option: string): boolean =>
  args.some((arg) => arg === option || arg.startsWith(`${option}=`));

/**
 * The task and the options of a job.
 *
 * @param job The job.
 * @returns The task and its parsed options; options that name a file have the job's paths.
 * @throws {Failure} If this version of the program does not have the task or an option.
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
 * Digests the source files of a job.
 *
 * @param files Their paths.
 * @returns The SHA-256 of each.
 * @throws {Failure} If a file cannot be read.
 */
export async function digestsOf(files: FilesByOption): Promise<FilesByOption> {
  const digests: Record<string, string> = {};
  for (const [option, path] of Object.entries(files)) {
    digests[option] = await sha256(await readBytes(path));
  }
  return digests;
}

/** Whether two sets of digests are equal. */
export const areSame = (a: FilesByOption, b: FilesByOption): boolean => isDeepStrictEqual(a, b);

/** The versions on which a run's record depends. */
export const programVersions = (): FilesByOption => ({
  record: `${RECORD_VERSION}`,
  ...softwareVersions(),
});

/** A copy of an object with sorted keys, at all levels. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, field]) => [key, ordered(field)]));
}

/**
 * The identity of a job, on any machine: its task and settings with the seed, the digests of its files, the format of
 * its picture, its memory limit, and the program's versions. Its name and the paths of its files do not count.
 *
 * @param job The job.
 * @param digests The SHA-256 of each of its files.
 * @param memoryLimit Its memory limit in bytes, which decides whether a picture is cut into tiles.
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
