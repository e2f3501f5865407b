// Ends a restoring command by a signal, at any moment, and checks the files that it leaves.
import assert from "node:assert/strict";
import { join } from "node:path";
import { createImage, type Image, readImage, writeImage } from "../../lib/image/mod.ts";
import { type Ended, Follower, namesIn, start, type Task, taskCommand } from "./_command.ts";

/** The signals that end a command, and the exit codes that shells know them by. */
export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGKILL: 137 } as const;

/** A signal that ends a command. */
export type Ending = keyof typeof EXIT_CODES;

/** Waits. */
export const pause = (milliseconds: number) =>
  new Promise((done) => setTimeout(done, milliseconds));

/** What each restoring command is told, beside its input; each works on the same picture. */
export const RESTORING: Partial<Record<Task, string[]>> = {
  denoise: ["--noise-sigma", "10"],
  inpaint: ["--remove", "30"],
  upscale: ["--factor", "2"],
  deblock: ["--jpeg-quality", "20"],
  deblur: ["--gaussian", "1"],
  enhance: [],
};

/** A run that is to be ended. */
export interface Killing {
  readonly task: Task;
  readonly signal: Ending;
  readonly input: string;
  /** Its size, after the restoration. */
  readonly size: Pick<Image, "height" | "width" | "channels">;
  readonly iterations: number;
  /** Whether there are an older picture and an older record in the places of the new ones. */
  readonly isOlder: boolean;
  /** The moment: so many milliseconds after the start, or after a text on standard error. */
  readonly after: number;
  readonly text?: string;
  /** Whether it is started as a user does it, by `deno task`. */
  readonly isTask?: boolean;
}

/** What was found of a file: nothing, the one before, or a new one that is whole. */
export type Found = "absent" | "old" | "whole";

/** How a killing ended. */
export interface Killed extends Ended {
  readonly picture: Found;
  readonly record: Found;
}

/**
 * Starts a command in a folder of its own, ends it, and asserts that nothing is half there.
 *
 * @param folder The folder, empty.
 * @param killing What is run and ended.
 * @returns How it ended.
 */
export async function killed(folder: string, killing: Killing): Promise<Killed> {
  const { task, signal, input, size, iterations, isOlder, after, text, isTask } = killing;
  const output = join(folder, "out.png"), record = join(folder, "run.json");
  const old = JSON.stringify({ old: true });
  if (isOlder) {
    await writeImage(output, createImage({ height: 5, width: 7, channels: 1 }));
    await Deno.writeTextFile(record, old);
  }
  const before = isOlder ? await Deno.readFile(output) : undefined;
  const args = [
    ...[input, "--network", "decoder", "--objective", "mse", "--channels", "4", "--threads", "1"],
    ...[
      "--iterations",
      `${iterations}`,
      ...RESTORING[task]!,
      "--output",
      output,
      "--record",
      record,
    ],
  ];
  const command = isTask
    ? [Deno.execPath(), "task", "--quiet", task, ...args]
    : taskCommand(task, ...args);
  const run = new Follower(start(command, { TMPDIR: folder }));
  const moment = text === undefined ? pause(after) : run.until(text).then(() => pause(after));
  await moment.catch(() => {});
  try {
    run.child.kill(signal);
  } catch (error) {
    // It has ended by itself.
    assert.ok(error instanceof TypeError || error instanceof Deno.errors.NotFound, `${error}`);
  }
  const ended = await run.end();
  const bytes = (path: string) => Deno.readFile(path).catch(() => undefined);
  const [written, told] = [await bytes(output), await bytes(record)];
  const picture = found(written, before);
  if (picture === "whole") {
    const { height, width, channels } = await readImage(output);
    assert.deepEqual({ height, width, channels }, size);
  }
  const kept = found(told, isOlder ? new TextEncoder().encode(old) : undefined);
  if (kept === "whole") {
    const { stop, series } = JSON.parse(new TextDecoder().decode(told));
    assert.equal(series.loss.length, stop.iteration);
    // The picture is written first.
    assert.equal(picture, "whole");
  }
  const result = { ...ended, picture, record: kept };
  assertEnding(result, killing);
  // What SIGKILL gives nobody time to take away is called temporary.
  const left = namesIn(folder).filter((name) => name !== "out.png" && name !== "run.json");
  assert.deepEqual(left.filter((name) => signal !== "SIGKILL" || !name.endsWith(".tmp")), []);
  if (Deno.build.os === "linux") assert.deepEqual(await processesAbout(folder), []);
  return result;
}

const found = (now: Uint8Array | undefined, before: Uint8Array | undefined): Found => {
  if (now === undefined) return "absent";
  return before && now.length === before.length && now.every((byte, i) => byte === before[i])
    ? "old"
    : "whole";
};

/** Asserts that the exit code is right, and what was printed is true. */
function assertEnding(killed: Killed, { signal, isOlder, iterations }: Killing): void {
  const { code, stdout, stderr, picture, record } = killed, shown = `${code}\n${stdout}\n${stderr}`;
  const isDone = code === 0;
  assert.ok(isDone || code === EXIT_CODES[signal], shown);
  const hasWritten = /^wrote /.test(stdout);
  if (isDone || hasWritten) assert.deepEqual([picture, record], ["whole", "whole"], shown);
  if (isDone) assert.match(stdout, new RegExp(`^wrote .*\n${iterations} iterations? in `), shown);
  // An older file is replaced or stays; it is never lost.
  if (isOlder) assert.ok(picture !== "absent" && record !== "absent", shown);
  assert.doesNotMatch(stderr, /unexpected error|at file:/, shown);
}

/** Processes whose command line names a path. */
async function processesAbout(path: string): Promise<string[]> {
  const about: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(path)) about.push(line.replaceAll("\0", " "));
  }
  return about;
}
