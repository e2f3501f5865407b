// Progress on a terminal and elsewhere, with a simulated clock and screen.
import assert from "node:assert/strict";
import { duration, startProgress } from "../../scripts/_progress.ts";

function screen(isTerminal: boolean, columns = 80) {
  const clock = { milliseconds: 0 };
  const written: string[] = [];
  const sink = { isTerminal, columns: () => columns, write: (text: string) => written.push(text) };
  return { clock, written, progress: startProgress(false, sink, () => clock.milliseconds) };
}

Deno.test("startProgress() prints the first step and every tenth where there is no terminal", () => {
  const { clock, written, progress } = screen(false);
  progress.stage("reading");
  for (let iteration = 1; iteration <= 100; iteration++) {
    clock.milliseconds += 100;
    progress.step({ iteration, loss: 0.5, averagePsnr: 20 }, 100);
  }
  progress.end();
  assert.equal(written.length, 11);
  assert.equal(written[0], "  1/100  loss 0.5000  PSNR 20.00 dB\n");
  assert.equal(written[5], " 50/100  loss 0.5000  PSNR 20.00 dB  0:05 left\n");
});

Deno.test("startProgress() prints at least every 30 s where there is no terminal", () => {
  const { clock, written, progress } = screen(false);
  for (let iteration = 1; iteration <= 65; iteration++) {
    progress.step({ iteration, loss: 0.5 }, 10_000);
    clock.milliseconds += 1000;
  }
  assert.deepEqual(written.map((line) => parseInt(line)), [1, 31, 61]);
});

Deno.test("startProgress() redraws one line of a terminal five times a second", () => {
  const { clock, written, progress } = screen(true);
  progress.stage("preparing the network");
  for (let iteration = 1; iteration <= 100; iteration++) {
    progress.step({ iteration, loss: 1 / iteration }, 1000);
    clock.milliseconds += 10;
  }
  progress.end();
  progress.step({ iteration: 101, loss: 1 }, 1000);
  const lines = written.slice(1, -1);
  assert.equal(written.at(-1), "\n");
  assert.ok(lines.length <= 6, `${lines.length}`);
  // Each line is at least as long as what it is drawn over, and the last step is shown.
  assert.ok(lines[0]!.length >= "\rpreparing the network".length);
  assert.ok(lines.every((line) => /^\r *\d+\/1000 {2}loss/.test(line)));
  assert.match(lines.at(-1)!, /^\r 100\/1000 {2}loss 0\.01000 {2}0:09 left/);
});

Deno.test("startProgress() keeps within the terminal's width", () => {
  const { written, progress } = screen(true, 12);
  progress.step({ iteration: 1, loss: 0.5, averagePsnr: 20 }, 1000);
  assert.deepEqual(written, ["\r   1/1000  "]);
});

Deno.test("startProgress() erases a stage, and writes a note over the echo of Ctrl-C", () => {
  const wiped = screen(true);
  wiped.progress.stage("reading");
  wiped.progress.end();
  assert.deepEqual(wiped.written, ["\rreading", "\r       ", "\r"]);

  const noted = screen(true);
  noted.progress.stage("reading");
  noted.progress.note("bye");
  assert.deepEqual(noted.written.slice(1), ["\rbye      ", "\n"]);
});

Deno.test("startProgress() is silent when quiet", () => {
  const written: string[] = [];
  const sink = { isTerminal: true, columns: () => 80, write: (text: string) => written.push(text) };
  const progress = startProgress(true, sink);
  progress.stage("reading");
  progress.step({ iteration: 1, loss: 1 }, 1);
  progress.note("bye");
  progress.end();
  assert.deepEqual(written, []);
});

Deno.test("duration() reads like a clock", () => {
  assert.deepEqual([0, 7.4, 59.6, 3599, 3723].map(duration), [
    "0:00",
    "0:07",
    "1:00",
    "59:59",
    "1:02:03",
  ]);
});
