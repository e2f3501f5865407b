// Starts a command of this project with its task's permissions, and with --queue that of the queue's host.
import { addressAmong } from "./jobs/address.ts";

/**
 * What `deno run` is told for a command.
 *
 * A task's permissions are fixed, but the host of a queue is known only from the command line. So the tasks of
 * commands that may have a queue start this script, which may start programs and nothing else; the command
 * itself runs in a process of its own. Without `--queue` that has exactly the permissions of the task. With it
 * the network is added, for that host and port alone, and reading the environment, which the queue's client
 * looks through as a whole.
 *
 * @param args Options of `deno run`, the script, and its command line.
 * @returns The same with the permissions that its command line takes.
 *
 * @example
 * ```ts
 * import { permitted } from "./launch.ts";
 * import assert from "node:assert/strict";
 * const task = ["--allow-read", "--allow-env=DEBUG", "scripts/batch.ts"];
 * assert.deepEqual(permitted([...task, "photos"]), [...task, "photos"]);
 * assert.deepEqual(
 *   permitted([...task, "photos", "--queue", "redis://:secret@queue.example"]).slice(0, 4),
 *   ["--allow-read", "--allow-env", "--allow-net=queue.example:6379", "scripts/batch.ts"],
 * );
 * ```
 */
export function permitted(args: readonly string[]): string[] {
  const script = args.findIndex((arg) => !arg.startsWith("-"));
  const options = args.slice(0, script), command = args.slice(script);
  const address = addressAmong(command.slice(1));
  if (!address) return [...args];
  const permissions = options.map((option) => option.replace(/^--allow-env=.*/, "--allow-env"));
  return [...permissions, `--allow-net=${address.net}`, ...command];
}

/** The exit codes that shells know signals by. */
const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/** Starts the command, passes signals on to it, and ends as it ends. */
async function launch(args: readonly string[]): Promise<never> {
  const child = new Deno.Command(Deno.execPath(), { args: ["run", ...permitted(args)] }).spawn();
  const names = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];
  for (const name of Deno.build.os === "windows" ? names.slice(0, 1) : names) {
    Deno.addSignalListener(name, () => {
      try {
        child.kill(name);
      } catch {
        // It has ended by itself.
      }
    });
  }
  const { code } = await child.status;
  Deno.exit(code);
}

if (import.meta.main) await launch(Deno.args);
