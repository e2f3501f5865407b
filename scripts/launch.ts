// Starts a command with the permissions that it needs; with --queue also that for the queue's host.
import { fileURLToPath } from "node:url";
import { addressAmong } from "./jobs/address.ts";

/** Environment variables that sharp reads, and that give the user's folder. */
const ENVIRONMENT = [
  ...["npm_package_config_libvips", "MALLOC_ARENA_MAX", "USERS_FOLDER", "TASKS_FOLDER", "DEBUG"],
];

/** The same for ONNX Runtime, whose usage reports are switched off. */
const WITH_ENGINE = [...ENVIRONMENT, "ORT_DISABLE_TELEMETRY"];

const environment = (names: readonly string[]) => `--allow-env=${names.join(",")}`;

const FILES = ["--allow-read", "--allow-write", "--allow-ffi"];
const RESTORE = [...FILES, "--allow-sys=systemMemoryInfo", environment(WITH_ENGINE)];

/** The permissions of each command. */
const PERMISSIONS = {
  denoise: RESTORE,
  inpaint: RESTORE,
  upscale: RESTORE,
  deblock: RESTORE,
  deblur: RESTORE,
  enhance: RESTORE,
  compare: RESTORE,
  batch: RESTORE,
  worker: [...FILES, "--allow-sys=systemMemoryInfo,hostname", environment(WITH_ENGINE)],
  queue: ["--allow-read", "--allow-ffi", environment(WITH_ENGINE)],
  measure: [...FILES, environment(ENVIRONMENT)],
} satisfies Record<string, readonly string[]>;

/** A command that this script starts. */
export type CommandName = keyof typeof PERMISSIONS;

/** The commands that can use a queue. */
const QUEUED: readonly CommandName[] = ["compare", "batch", "worker", "queue"];

/**
 * The arguments of `deno` that start a command.
 *
 * The tasks of `deno.json` start this script, which may only start programs. The command itself runs in a new process
 * with the permissions that it needs. They are here and not in `deno.json`, because Deno prints a task's whole
 * command at each run, and because the host of a queue is known only from the command line. With `--queue`, access to
 * that host and port is added, and to the whole environment, which the queue's client reads.
 *
 * @param name The command.
 * @param args Its arguments.
 * @returns `run`, the permissions, the path of `main.ts`, the command's name and its arguments.
 *
 * @example
 * ```ts
 * import { commandArguments } from "./launch.ts";
 * import assert from "node:assert/strict";
 *
 * const local = commandArguments("batch", ["photos"]);
 * assert.ok(!local.some((argument) => argument.startsWith("--allow-net")));
 * assert.equal(local.at(-1), "photos");
 *
 * const queued = commandArguments("batch", ["photos", "--queue", "redis://:secret@queue.example"]);
 * assert.ok(queued.includes("--allow-net=queue.example:6379"));
 * assert.ok(queued.includes("--allow-env"));
 * ```
 */
export function commandArguments(name: CommandName, args: readonly string[]): string[] {
  const script = fileURLToPath(new URL("./main.ts", import.meta.url));
  const address = QUEUED.includes(name) ? addressAmong(args) : undefined;
  const permissions: readonly string[] = PERMISSIONS[name];
  const permitted = address
    ? [
      ...permissions.filter((permission) => !permission.startsWith("--allow-env")),
      "--allow-env",
      `--allow-net=${address.net}`,
    ]
    : permissions;
  return ["run", "--no-prompt", ...permitted, script, name, ...args];
}

/** The signals that are passed on; Windows has only the first. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The working folder of the parent process, which is usually `deno task`: the user's folder. `INIT_CWD` should have
 * it too, but Deno keeps the value of another program, such as npm.
 */
async function parentsFolder(): Promise<string | undefined> {
  try {
    // The tasks may start programs, but not read links.
    const link = new Deno.Command("readlink", {
      args: [`/proc/${Deno.ppid}/cwd`],
      stderr: "null",
    });
    const { success, stdout } = await link.output();
    return success ? new TextDecoder().decode(stdout).replace(/\n$/, "") : undefined;
  } catch {
    // This program exists only on Unix.
    return undefined;
  }
}

/** Starts the command, passes signals on to it, and exits with its code. */
async function launch([name, ...args]: readonly string[]): Promise<never> {
  if (name === undefined || !Object.hasOwn(PERMISSIONS, name)) {
    console.error(`launch: the command must be one of ${Object.keys(PERMISSIONS).join(", ")}`);
    Deno.exit(2);
  }
  const command = commandArguments(name as CommandName, args);
  const folder = await parentsFolder(), env = folder ? { TASKS_FOLDER: folder } : {};
  const child = new Deno.Command(Deno.execPath(), { args: command, env }).spawn();
  for (const name of Deno.build.os === "windows" ? SIGNALS.slice(0, 1) : SIGNALS) {
    Deno.addSignalListener(name, () => {
      try {
        child.kill(name);
      } catch {
        // The process has already ended.
      }
    });
  }
  const { code } = await child.status;
  Deno.exit(code);
}

if (import.meta.main) await launch(Deno.args);
