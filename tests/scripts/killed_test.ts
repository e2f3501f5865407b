// Every restoring command, ended at random moments: its files are absent, old or complete, never partial.
import assert from "node:assert/strict";
import { join } from "node:path";
import { random } from "../../lib/random/mod.ts";
import { catInput, inFolder, namesIn, type Task } from "./_command.ts";
import {
  type Ending,
  EXIT_CODES,
  type Found,
  killed,
  type Killing,
  RESTORING,
} from "./_killing.ts";

const ignore = Deno.build.os === "windows";

/** How many runs are ended: `KILLS=300 deno test ...` for a long night. */
const KILLS = Number(Deno.env.get("KILLS") ?? 18);

/** How many of them run at once: what one waits for, another uses. */
const AT_ONCE = 2;

const TASKS = Object.keys(RESTORING) as Task[];
const SIGNALS = Object.keys(EXIT_CODES) as Ending[];
const SIDE = 24;

const sizeOf = (task: Task) => {
  const side = task === "upscale" ? 2 * SIDE : SIDE;
  return { height: side, width: side, channels: 3 as const };
};

Deno.test(
  { name: "a command that is ended at any moment leaves nothing half-written", ignore },
  async () => {
    await inFolder(async (folder) => {
      const input = await catInput(folder, SIDE), { uniform } = random(3);
      const counts: Partial<Record<`${Found} ${Found}`, number>> = {};
      // A whole run says how long one is on this machine as it is now.
      const before = performance.now(), iterations = 20;
      const whole: Omit<Killing, "task" | "signal"> = {
        input,
        size: sizeOf("denoise"),
        iterations,
        isOlder: false,
        after: 1e9,
      };
      const first = join(folder, "first");
      await Deno.mkdir(first);
      const none = { ...whole, after: 0, text: "never" };
      assert.equal((await killed(first, { ...none, task: "denoise", signal: "SIGINT" })).code, 0);
      const longest = performance.now() - before;

      const killings = Array.from({ length: KILLS }, (_, i): Killing => {
        const task = TASKS[i % TASKS.length]!,
          signal = SIGNALS[Math.floor(i / 2) % SIGNALS.length]!;
        const isOlder = uniform() < 0.5, part = uniform();
        const common = { ...whole, task, signal, isOlder, size: sizeOf(task) };
        // Half of them from the start on, half of them around the end, where the files are written.
        return i % 2 === 0
          ? { ...common, after: 1.1 * part * longest }
          : { ...common, after: 120 * part ** 2, text: `${iterations}/${iterations}` };
      });
      const queue = killings.entries();
      await Promise.all(Array.from({ length: AT_ONCE }, async () => {
        for (const [i, killing] of queue) {
          const place = join(folder, `${i}`);
          await Deno.mkdir(place);
          const { picture, record } = await killed(place, killing).catch((error) => {
            throw new Error(`${JSON.stringify(killing)}`, { cause: error });
          });
          counts[`${picture} ${record}`] = (counts[`${picture} ${record}`] ?? 0) + 1;
        }
      }));
      assert.ok((counts["whole whole"] ?? 0) > 0, "some had something to write");
      assert.ok((counts["whole whole"] ?? 0) < KILLS, "some had not");
      assert.equal(namesIn(folder).length, KILLS + 2);
      if (Deno.env.get("KILLS")) console.log(`picture and record after ${KILLS} endings:`, counts);
    });
  },
);

const KEEPING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

for (const [place, signal] of KEEPING.entries()) {
  for (const [i, task] of TASKS.entries()) {
    // Each with one of the signals; Ctrl-C and the end of a service through `deno task` too.
    if (i % KEEPING.length !== place) continue;
    const isTask = i < 2, through = isTask ? "deno task " : "";
    Deno.test(
      { name: `${through}${task} keeps the best picture so far at ${signal}`, ignore },
      async () => {
        await inFolder(async (folder) => {
          const input = await catInput(folder, SIDE), place = join(folder, "out");
          await Deno.mkdir(place);
          const size = sizeOf(task), iterations = 1_000_000;
          const text = `/${iterations}`;
          const { code, picture, record, stdout } = await killed(place, {
            ...{ task, signal, input, size, iterations, isOlder: true, after: 30, text, isTask },
          });
          assert.deepEqual([code, picture, record], [EXIT_CODES[signal], "whole", "whole"]);
          assert.match(stdout, /\n\d+ iterations? in .*, interrupted\n/);
        });
      },
    );
  }
}
