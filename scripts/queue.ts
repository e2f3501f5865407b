// deno task queue: shows the status of a queue, or empties it.
import { createCommand, parseArguments } from "./_command_line.ts";
import { UsageError } from "./_failure.ts";
import { openQueue } from "./jobs/connection.ts";
import { addQueueOption, requireQueue } from "./jobs/queue_option.ts";
import { clear, drain, statusOf, statusText } from "./jobs/status.ts";

const WHAT = ["status", "drain", "clear"];

/** The command line. */
export const command = addQueueOption(
  createCommand(
    "queue",
    "Looks at a queue that batch and compare give jobs to, or empties it.",
    [
      [
        "what waits, what is under way, what has failed",
        "--queue redis://queue.example:6379 status",
      ],
      [
        "takes out what waits; what is under way is done",
        "--queue redis://queue.example:6379 drain",
      ],
      [
        "removes everything, including results that have not been collected",
        "--queue redis://queue.example:6379 clear",
      ],
    ],
  ),
  "the queue",
)
  .argument("[what]", "status, drain or clear", "status")
  .option("--json", "print the status as one JSON object");

export async function queue(args: readonly string[]): Promise<number> {
  if (!parseArguments(command, args)) return 0;
  const [what] = command.processedArgs as [string];
  const { queue, json } = command.opts<{ queue?: string; json?: boolean }>();
  if (!WHAT.includes(what)) {
    throw new UsageError(`"${what}" is not one of ${WHAT.join(", ")} (see --help)`);
  }
  const opened = await openQueue(requireQueue(queue));
  try {
    if (what === "drain") {
      console.log(`${await drain(opened)} jobs taken out`);
    } else if (what === "clear") {
      await clear(opened);
      console.log("everything taken out");
    } else {
      const status = await statusOf(opened);
      console.log(json ? JSON.stringify(status, null, 2) : statusText(status));
    }
  } finally {
    opened.close();
  }
  return 0;
}
