// The options for where the jobs of a study run.
import { type Command, Option } from "commander";
import { availableMemory } from "../../lib/engine/mod.ts";
import { positiveNumber, wholeNumber } from "../_command_line.ts";
import { UsageError } from "../_failure.ts";
import { queueAddress } from "./address.ts";
import { isGiven, type Job } from "./job.ts";
import { addQueueOption } from "./queue_option.ts";
import { localRunner, type Runner } from "./runner.ts";

/** The options as they are parsed. */
export interface JobsOptions {
  jobs?: number;
  /** In GB. */
  memory?: number;
  queue?: string;
  shared?: string;
  retries?: number;
  onInterrupt?: "leave" | "drain";
}

/** Their names. Except for `memory` they do not change results, and they cannot vary between jobs. */
export const JOBS_OPTIONS: readonly string[] = [
  "jobs",
  "memory",
  "queue",
  "shared",
  "retries",
  "on-interrupt",
];

/** Their keys among the parsed options. */
export const JOBS_KEYS: readonly string[] = JOBS_OPTIONS.map((name) =>
  new Option(`--${name}`).attributeName()
);

/** The default memory limit of a queued job, in bytes; the same on every machine. */
export const QUEUED_MEMORY = 4e9;

/** The default number of retries of a queued job. */
const RETRIES = 3;

/** The default number of threads of a queued job; the same on every machine, because it changes results. */
const QUEUED_THREADS = 1;

/** Adds the options of {@linkcode JobsOptions} to a command. */
export function addJobsOptions(command: Command): Command {
  command
    .optionsGroup("Where the runs are made:")
    .option(
      "--jobs <n>",
      "how many runs at once in this process, each with its share of the threads and of the memory " +
        "(default: 1)",
      wholeNumber(1, 64),
    )
    .option(
      "--memory <GB>",
      "memory that each run may take, above which a picture is cut into tiles (default: its share of " +
        `what the machine has; with --queue ${QUEUED_MEMORY / 1e9})`,
      positiveNumber(100_000),
    );
  return addQueueOption(
    command,
    "run on the workers of a queue (deno task worker) instead of in this process",
  )
    .option(
      "--shared <folder>",
      "with --queue: pictures and results go through this folder, which all machines can access " +
        "(default: through the queue, up to 32 MB a picture)",
    )
    .option(
      "--retries <n>",
      `with --queue: how often a run is tried again that fails or loses its worker (default: ${RETRIES})`,
      wholeNumber(0, 1000),
    )
    .addOption(
      new Option(
        "--on-interrupt <what>",
        "with --queue: whether Ctrl-C leaves waiting jobs to the workers, or removes them from the queue " +
          "(default: leave)",
      ).choices(["leave", "drain"]),
    );
}

/** Options that need `--queue`. */
const WITH_QUEUE = { shared: "--shared", retries: "--retries", onInterrupt: "--on-interrupt" };

/**
 * Checks that the options go together.
 *
 * @throws {UsageError} If they do not.
 */
export function checkJobsOptions(options: JobsOptions): void {
  if (options.queue !== undefined) {
    if (options.jobs === undefined) return;
    throw new UsageError("--jobs is of this process: with --queue each worker has its own");
  }
  for (const [key, long] of Object.entries(WITH_QUEUE)) {
    if (options[key as keyof JobsOptions] === undefined) continue;
    throw new UsageError(`${long} goes with --queue`);
  }
}

/** Whether several jobs may run at once. */
export const isAtOnce = ({ jobs = 1, queue }: JobsOptions): boolean =>
  jobs > 1 || queue !== undefined;

/**
 * Makes the runner of the options. The code for queues is loaded only if it is needed.
 *
 * @param options The options.
 * @returns The runner.
 */
export async function runnerOf(options: JobsOptions): Promise<Runner> {
  const { jobs = 1, memory, queue, shared, retries = RETRIES, onInterrupt = "leave" } = options;
  const limit = memory === undefined ? undefined : memory * 1e9;
  if (queue !== undefined) {
    const { queueRunner } = await import("./study.ts");
    const memoryLimit = limit ?? QUEUED_MEMORY;
    return queueRunner({ address: queueAddress(queue), shared, retries, onInterrupt, memoryLimit });
  }
  return localRunner(jobs, limit ?? (jobs > 1 ? availableMemory() / jobs : undefined));
}

/**
 * Adds `--threads` to a job's arguments, unless they contain it or the job has the whole machine.
 *
 * @param args The arguments.
 * @param options Where the jobs run.
 * @returns The arguments.
 */
export function withThreads(args: Job["args"], { queue, jobs = 1 }: JobsOptions): Job["args"] {
  if (isGiven(args, "--threads") || (queue === undefined && jobs === 1)) return args;
  const share = Math.max(1, Math.floor(navigator.hardwareConcurrency / jobs));
  return [...args, `--threads=${queue === undefined ? share : QUEUED_THREADS}`];
}
