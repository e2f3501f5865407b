// Runs the commands with the permissions of their tasks, so that both are tested together.
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crop, type Image, readImage, writeImage } from "../../lib/image/mod.ts";
import { commandArguments, type CommandName } from "../../scripts/launch.ts";
import config from "../../deno.json" with { type: "json" };

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Few channels and iterations: what the shortest run takes. */
export const TINY = ["--channels", "4", "--skip-channels", "2", "--iterations", "2"];

/** What is said of the environment: a task or a debugging session around the tests must not leak in. */
const ENV = { USERS_FOLDER: "", TASKS_FOLDER: "", DEBUG: "", NO_COLOR: "1" };

/** A process that has ended. */
export interface Ended {
  code: number;
  signal: Deno.Signal | null;
  stdout: string;
  stderr: string;
}

/** A command of the project. */
export type Task = CommandName;

/** The command line of a task's own process, which its launcher starts. */
export function taskCommand(name: Task, ...args: string[]): string[] {
  const { command } = config.tasks[name];
  const launcher = "USERS_FOLDER=$INIT_CWD deno run --no-prompt --allow-run scripts/launch.ts";
  assert.equal(command, `${launcher} ${name}`);
  return [Deno.execPath(), ...commandArguments(name, args)];
}

/** Starts a command with its output piped. */
export function start(
  [program, ...args]: string[],
  env: Record<string, string> = {},
): Deno.ChildProcess {
  return new Deno.Command(program!, {
    args,
    cwd: ROOT,
    env: { ...ENV, ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a task to its end. */
export async function runTask(name: Task, ...args: string[]): Promise<Ended> {
  return await ended(start(taskCommand(name, ...args)));
}

/** Asserts that a task has said one line, on standard error, and gone. */
export function assertOneLine(
  name: Task,
  { code, stdout, stderr }: Ended,
  exitCode: number,
  line: RegExp,
): void {
  assert.match(stderr, new RegExp(`^${name}: [^\\n]+\\n$`));
  assert.match(stderr, line);
  assert.equal(code, exitCode, stderr);
  assert.equal(stdout, "");
}

/** Awaits a process that nobody has read from. */
export async function ended(child: Deno.ChildProcess): Promise<Ended> {
  const { code, signal, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, signal, stdout: text(stdout), stderr: text(stderr) };
}

/** Follows a process's standard error. */
export class Follower {
  stderr = "";
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(readonly child: Deno.ChildProcess) {
    this.#reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Reads until a text has come. */
  async until(text: string): Promise<void> {
    while (!this.stderr.includes(text)) {
      if (!await this.#read()) throw new Error(`"${text}" never came:\n${this.stderr}`);
    }
  }

  /** Reads to the end. */
  async end(): Promise<Ended> {
    while (await this.#read());
    const [stdout, { code, signal }] = await Promise.all([
      new Response(this.child.stdout).text(),
      this.child.status,
    ]);
    return { code, signal, stdout, stderr: this.stderr };
  }

  async #read(): Promise<boolean> {
    const { value, done } = await this.#reader.read();
    if (!done) this.stderr += value;
    return !done;
  }
}

/** Runs a test in a folder of its own. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "command-test-" });
  try {
    await test(await Deno.realPath(folder));
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

/** A square of the cat's face. */
export async function catsFace(side: number): Promise<Image> {
  return crop(await readImage(join(ROOT, "data/chelsea.png")), 90, 150, side, side);
}

/** Writes a square of the cat's face and gives the file's path. */
export async function catInput(folder: string, side = 48): Promise<string> {
  const path = join(folder, "cat.png");
  await writeImage(path, await catsFace(side));
  return path;
}

/** The names in a folder, sorted. */
export function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** What a command over several runs has begun, by the lines that announce them. */
export const started = ({ stderr }: Pick<Ended, "stderr">): (string | undefined)[] =>
  [...stderr.matchAll(/^\d+ of \d+: (.*?)(?: \([\d:]+ left\))?$/gm)].map(([, name]) => name);

/** A printed table's cells, by column. */
export function rowsOf(stdout: string): Record<string, string>[] {
  const [header, ...rows] = stdout.trimEnd().split("\n").map((line) => line.trim().split(/ {2,}/));
  return rows.map((row) => Object.fromEntries(header!.map((name, i) => [name, row[i]!])));
}
