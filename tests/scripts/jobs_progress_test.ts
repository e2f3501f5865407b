// The progress display of a study, with a simulated clock and screen.
import assert from "node:assert/strict";
import { startJobsProgress } from "../../scripts/jobs/mod.ts";

Deno.test("startJobsProgress() shows several jobs in one live line on a terminal", () => {
  const written: string[] = [];
  const sink = { isTerminal: true, columns: () => 80, write: (text: string) => written.push(text) };
  const clock = { milliseconds: 0 };
  const shown = { atOnce: true, total: 4, done: 1, quiet: false };
  const progress = startJobsProgress(shown, sink, () => clock.milliseconds);
  const [b, c] = [progress.begin(1, "b.png"), progress.begin(2, "c.png")];
  clock.milliseconds = 4000;
  b.step({ iteration: 1, loss: 0.5 }, 40);
  c.step({ iteration: 15, loss: 0.5 }, 60);
  c.step({ iteration: 30, loss: 0.5 }, 60);
  b.end();
  clock.milliseconds = 6000;
  progress.end("b.png", "0:07");
  progress.aside("2 workers");
  // It will be begun again: its half does not count any more.
  progress.end("c.png");
  c.step({ iteration: 15, loss: 0.5 }, 60);
  progress.end("c.png", "");
  const texts = written.map((text) => text.replace(/ +$/, ""));
  assert.deepEqual(texts, [
    "\r1 of 4 done  b.png 1/40",
    "\r1 of 4 done  b.png 1/40  c.png 15/60",
    // 0.525 of 3 jobs in 4 s.
    "\r1 of 4 done  0:19 left  b.png 1/40  c.png 30/60",
    "\r",
    "\r",
    // 1.5 of 3 jobs in 6 s.
    "\r2 of 4 done: b.png, 0:07, 0:06 left",
    "\n",
    "\r2 of 4 done  0:06 left  2 workers  c.png 30/60",
    "\r",
    "\r",
    "\r2 of 4 done  0:08 left  2 workers  c.png 15/60",
    "\r",
    "\r",
  ]);
});

Deno.test("startJobsProgress() estimates after each job the time of all", () => {
  const written: string[] = [];
  const sink = {
    isTerminal: false,
    columns: () => 80,
    write: (text: string) => written.push(text),
  };
  const clock = { milliseconds: 0 };
  const shown = { atOnce: false, total: 5, done: 2, quiet: false };
  const progress = startJobsProgress(shown, sink, () => clock.milliseconds);
  for (const [place, name] of ["a", "b", "c"].entries()) {
    progress.begin(place + 2, name);
    clock.milliseconds += 10_000;
    progress.end(name, "done");
  }
  assert.deepEqual(written, ["3 of 5: a\n", "4 of 5: b (0:20 left)\n", "5 of 5: c (0:10 left)\n"]);
});
