// Thousands of random command lines, in this process: each is accepted, or refused in one clear line.
import assert from "node:assert/strict";
import type { Command } from "commander";
import fc from "fast-check";
import { createImage } from "../../lib/image/mod.ts";
import { create as createBatch, filesNamed } from "../../scripts/batch.ts";
import { create, optionsOf, variedBy } from "../../scripts/compare.ts";
import { command as measure } from "../../scripts/measure.ts";
import { defaultFolder, picturesIn } from "../../scripts/_batch_folder.ts";
import { parseArguments } from "../../scripts/_command_line.ts";
import { explain, Failure } from "../../scripts/_failure.ts";
import { defaultOutput, refuseSameFile, requireExtension } from "../../scripts/_paths.ts";
import {
  argsGiven,
  checkJobsOptions,
  type JobsOptions,
  namesFile,
} from "../../scripts/jobs/mod.ts";
import { parsedJob } from "../../scripts/jobs/job.ts";
import { commandOf, libraryOptions, pose, runOf } from "../../scripts/_restoration.ts";
import {
  checkpointOf,
  type OutputOptions,
  type RestorationOptions,
} from "../../scripts/_restoration_options.ts";
import { casesOf } from "../../scripts/_study.ts";
import { taskOf } from "../../scripts/_task_option.ts";
import { type RestorationTask, TASKS } from "../../scripts/tasks/mod.ts";
import { picture } from "../image/_fixtures.ts";
import { commandLines } from "./_command_lines.ts";

/** How many command lines each command is given: `FUZZ=5000 deno test ...` for a long night. */
const LINES = Number(Deno.env.get("FUZZ") ?? 1000);

/** The longest that one may take, on a machine that does much else at the time. */
const LONGEST_SECONDS = 20;

/** Without what help and version print. */
const silent = (command: Command): Command => command.configureOutput({ writeOut: () => {} });

const traceOf = (error: unknown) => error instanceof Error ? `${error.stack}` : `${error}`;

/** Asserts that an error is one that a user is told in one line, as a mistake of the command line or not. */
function assertTold(error: unknown, exitCode?: number): void {
  const { line, exitCode: code } = explain(error);
  const trace = traceOf(error);
  assert.ok(!line.startsWith("unexpected error"), trace);
  assert.doesNotMatch(line, /[\r\n\v\f\u0085\u2028\u2029]/, trace);
  assert.ok(line.length > 5 && line.length < 600, `${line.length} characters: ${trace}`);
  // A terminal must not be told what to do by what stands on a command line.
  assert.doesNotMatch(line, /\p{Cc}/u, trace);
  if (exitCode !== undefined) assert.equal(code, exitCode, trace);
}

const input = picture(20, 24, 3);
const clear = createImage({ ...input, alpha: input.data.slice(0, 480).map((_, i) => i % 2) });

/** Without this a task has nothing to do. */
const USUAL: Record<string, string[]> = {
  deblock: ["--jpeg-quality=20"],
  deblur: ["--gaussian=1"],
};

/** All that a restoring command does before it reads anything. */
async function settle(task: RestorationTask, args: readonly string[]) {
  const command = silent(commandOf(task));
  if (!parseArguments(command, args)) return undefined;
  const [file] = command.processedArgs as [string];
  const options = command.opts<RestorationOptions & OutputOptions>();
  const settings = libraryOptions(task, options);
  checkpointOf(options);
  requireExtension("--record", options.record, ".json");
  requireExtension("--report", options.report, ".html");
  await refuseSameFile([
    { name: "the input", path: file, written: false },
    { name: "the reference", path: options.reference, written: false },
    { name: "the output", path: options.output ?? defaultOutput(file, task.suffix), written: true },
    { name: "the record", path: options.record, written: true },
    { name: "the report", path: options.report, written: true },
    { name: "the checkpoint", path: options.checkpoint, written: true },
  ]);
  return { options, settings };
}

/** Runs something on every line; counts what was understood. */
async function onEvery(
  lines: fc.Arbitrary<string[]>,
  seed: number,
  test: (line: string[]) => Promise<boolean>,
): Promise<number> {
  let understood = 0;
  await fc.assert(
    fc.asyncProperty(lines, async (line) => {
      const start = performance.now();
      if (await test(line)) understood++;
      const seconds = (performance.now() - start) / 1000;
      assert.ok(seconds < LONGEST_SECONDS, `${seconds} s`);
    }),
    { numRuns: LINES, seed },
  );
  return understood;
}

for (const [i, task] of TASKS.entries()) {
  Deno.test(`${task.name} understands a command line or refuses it in one line`, async () => {
    const lines = commandLines(commandOf(task), 1, USUAL[task.name]);
    let posed = 0;
    const understood = await onEvery(lines, 10 + i, async (line) => {
      let found: Awaited<ReturnType<typeof settle>>;
      try {
        found = await settle(task, line);
      } catch (error) {
        assert.ok(error instanceof Failure, traceOf(error));
        assertTold(error, 2);
        return false;
      }
      if (!found) return false;
      const { options, settings } = found;
      try {
        // Pictures as if they had been read; what the options name besides is not there.
        const pictures = { file: "data/cell.png", picture: clear, reference: undefined };
        const problem = await pose(task, pictures, options);
        assert.ok(
          problem.problem.initialEstimate.data.every(Number.isFinite),
          "the start is finite",
        );
        // The library looks at its options now; nothing runs yet.
        runOf(problem, settings, AbortSignal.abort());
        posed++;
      } catch (error) {
        assertTold(error, 1);
      }
      return true;
    });
    // Else this would test only how mistakes are told.
    assert.ok(understood > LINES / 20, `${understood} of ${LINES} understood`);
    assert.ok(posed > LINES / 100, `${posed} posed`);
  });
}

/** Command lines of a command that takes `--task`. */
const withTask = (create: (task: RestorationTask) => Command, more: string[][]) =>
  fc.constantFrom(...TASKS).chain((task) =>
    fc.tuple(
      commandLines(create(task), 1, USUAL[task.name]),
      fc.constantFrom([], ["--task", task.name], [`--task=${task.name}`], ["--task"], ["--task="]),
      fc.constantFrom([], ...more),
    ).map((parts) => parts.flat())
  );

/** Asserts that another machine would understand the same of a job's arguments. */
function assertSameJob(task: RestorationTask, args: string[], options: RestorationOptions): void {
  const files = Object.fromEntries(
    createBatch(task).options.filter(namesFile)
      .map((option) => option.attributeName())
      .flatMap((key) => key in options ? [[key, `${options[key as "reference"]}`]] : []),
  );
  const there = parsedJob({ task: task.name, args, files }).options;
  const here = Object.fromEntries(Object.keys(there).map((key) => [key, options[key as "seed"]]));
  assert.deepEqual(JSON.stringify(there), JSON.stringify(here));
}

Deno.test("batch understands a command line or refuses it in one line", async () => {
  const understood = await onEvery(withTask(createBatch, []), 40, async (line) => {
    let isRead = false;
    try {
      const task = taskOf(line), command = silent(createBatch(task));
      const given = argsGiven(command, task);
      if (!parseArguments(command, line)) return false;
      const options = command.opts<RestorationOptions & JobsOptions>();
      libraryOptions(task, options);
      assertSameJob(task, given(), options);
      checkJobsOptions(options);
      isRead = true;
      const [folder] = command.processedArgs as [string];
      await filesNamed(command);
      await picturesIn(folder, command.opts().output ?? defaultFolder(folder, task.suffix));
      assert.fail("there is no such folder");
    } catch (error) {
      assertTold(error, isRead ? undefined : 2);
    }
    return isRead;
  });
  assert.ok(understood > LINES / 20, `${understood} understood`);
});

Deno.test("compare understands a command line or refuses it in one line", async () => {
  const lines = withTask(create, [["--vary", "network=dip,decoder"], ["--vary=seed=1,2"]]);
  await onEvery(lines, 20, (line) => {
    try {
      const task = taskOf(line), command = silent(create(task));
      if (!parseArguments(command, line)) return Promise.resolve(false);
      checkJobsOptions(command.opts<JobsOptions>());
      for (const one of casesOf(variedBy(task, command))) optionsOf(task, line, one);
      return Promise.resolve(true);
    } catch (error) {
      assert.ok(error instanceof Failure, traceOf(error));
      assertTold(error, 2);
      return Promise.resolve(false);
    }
  });
});

Deno.test("compare refuses too many combinations", () => {
  const command = create(TASKS[0]!);
  const values = Array.from({ length: 1000 }, (_, i) => i + 1).join(",");
  const varied = ["iterations", "seed", "threads"].flatMap((
    name,
  ) => ["--vary", `${name}=${values}`]);
  assert.ok(parseArguments(command, ["in.png", ...varied]));
  assert.throws(() => casesOf(variedBy(TASKS[0]!, command)), (error) => {
    assertTold(error, 2);
    assert.match(explain(error).line, /--vary makes 1\.00e\+9 combinations, more than 10000/);
    return true;
  });
});

Deno.test("measure understands a command line or refuses it in one line", async () => {
  silent(measure);
  const understood = await onEvery(commandLines(measure, 2), 30, (line) => {
    try {
      return Promise.resolve(parseArguments(measure, line));
    } catch (error) {
      assert.ok(error instanceof Failure, traceOf(error));
      assertTold(error, 2);
      return Promise.resolve(false);
    }
  });
  assert.ok(understood > LINES / 20, `${understood} understood`);
});
