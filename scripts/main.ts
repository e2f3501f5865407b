// Runs a command: `main.ts denoise photo.jpg`. launch.ts starts this with the permissions that the command needs.
import { runCommand } from "./_failure.ts";
import type { CommandName } from "./launch.ts";

/** A command, from its arguments to its exit code. */
type Command = (args: readonly string[]) => Promise<number>;

/** A command that restores a picture. */
async function restoring(name: CommandName): Promise<Command> {
  const { restoration } = await import("./_restoration.ts"),
    { TASKS } = await import("./tasks/mod.ts");
  return restoration(TASKS.find((task) => task.name === name)!);
}

/** How each command is loaded: alone, because `measure`, for example, has no permission for the engine. */
const COMMANDS: Record<CommandName, (name: CommandName) => Promise<Command>> = {
  denoise: restoring,
  inpaint: restoring,
  upscale: restoring,
  deblock: restoring,
  deblur: restoring,
  enhance: restoring,
  compare: async () => (await import("./compare.ts")).compare,
  batch: async () => (await import("./batch.ts")).batch,
  worker: async () => (await import("./worker.ts")).worker,
  queue: async () => (await import("./queue.ts")).queue,
  measure: async () => (await import("./measure.ts")).measure,
};

const [name, ...args] = Deno.args as [CommandName, ...string[]];
await runCommand(name, async (args) => (await COMMANDS[name](name))(args), args);
