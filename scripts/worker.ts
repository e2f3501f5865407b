// deno task worker: runs the jobs of a queue until it is interrupted.
import { availableMemory } from "../lib/engine/mod.ts";
import { createCommand, parseArguments, wholeNumber } from "./_command_line.ts";
import { catchInterrupts } from "./_interrupt.ts";
import { addQueueOption, QUEUED_MEMORY, requireQueue, startJobsProgress } from "./jobs/mod.ts";
import { serve } from "./jobs/worker.ts";

interface WorkerCommandOptions {
  queue?: string;
  jobs?: number;
  shared?: string;
  lostAfter: number;
  name?: string;
  quiet?: boolean;
}

/** The number of processors, or less if the default memory limit of a job does not allow so many. */
const defaultJobs = (): number =>
  Math.max(
    1,
    Math.min(navigator.hardwareConcurrency, Math.floor(availableMemory() / QUEUED_MEMORY)),
  );

/** The command line. */
export const command = addQueueOption(
  createCommand(
    "worker",
    "Does the jobs that batch and compare give to a queue, until it is interrupted: jobs under way then " +
      "go back to the queue. Any number of workers serve one queue, on any number of machines.",
    [
      ["as many jobs at once as the machine holds", "--queue redis://queue.example:6379"],
      [
        "two at once, pictures in a folder that all machines see",
        "--queue redis://queue.example:6379 --jobs 2 --shared /mnt/study",
      ],
    ],
  ),
  "the queue",
)
  .option(
    "--jobs <n>",
    "how many jobs at once, each with its share of the memory (default: as many as there are " +
      `processors, and as the memory holds at ${QUEUED_MEMORY / 1e9} GB each)`,
    wholeNumber(1, 1024),
  )
  .option("--shared <folder>", "the folder of the study, on this machine")
  .option(
    "--lost-after <seconds>",
    "without a sign of life for so long, the jobs of this worker are given to others",
    wholeNumber(2, 86_400),
    60,
  )
  .option("--name <text>", "what it is called in the queue (default: host name and process)")
  .option("-q, --quiet", "show no progress");

export async function worker(args: readonly string[]): Promise<number> {
  if (!parseArguments(command, args)) return 0;
  const { queue, jobs = defaultJobs(), shared, lostAfter, name, quiet = false } = command.opts<
    WorkerCommandOptions
  >();
  const address = requireQueue(queue);
  const progress = startJobsProgress({ atOnce: true, total: undefined, done: 0, quiet });
  const signal = catchInterrupts(() =>
    progress.note("stopping: jobs under way go back to the queue; Ctrl-C again quits at once")
  );
  const called = name ?? `${Deno.hostname()}-${Deno.pid}`;
  await serve({ address, jobs, shared, lostAfter, name: called }, progress, signal);
  return signal.reason.exitCode;
}
