// deno task denoise: Ctrl-C at any time.
import assert from "node:assert/strict";
import { join } from "node:path";
import { psnr, readImage, writeImage } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";
import {
  catInput,
  Follower,
  inFolder,
  namesIn,
  ROOT,
  start,
  taskCommand,
  TINY,
} from "./_command.ts";

const ignore = Deno.build.os === "windows";
const LONG = ["--channels", "4", "--skip-channels", "2", "--iterations", "1000000"];
const STOPPING = "stopping; Ctrl-C again quits at once\n";
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({ name: `denoise writes the picture so far at ${signal}`, ignore }, async () => {
    await inFolder(async (folder) => {
      const input = await catInput(folder);
      const output = join(folder, "out.png"), record = join(folder, "run.json");
      const args = [...LONG, "--add-noise", "25", "--output", output, "--record", record];
      const run = new Follower(start(taskCommand("denoise", input, ...args)));
      await run.until("/1000000");
      // Twice at once, as when the task passes on what the terminal has sent to both: that is one.
      run.child.kill(signal);
      await pause(20);
      run.child.kill(signal);
      const { code, stdout, stderr } = await run.end();
      assert.equal(code, exitCode, stderr);
      assert.ok(stderr.endsWith(STOPPING), stderr);
      assert.match(
        stdout,
        /^wrote .*out\.png and .*run\.json\n\d+ iterations in .*, interrupted\n/,
      );
      assert.equal((await readImage(output)).width, 48);
      const { stop, series } = JSON.parse(await Deno.readTextFile(record));
      assert.equal(stop.reason, "aborted");
      assert.equal(series.loss.length, stop.iteration);
      assert.deepEqual(namesIn(folder), ["cat.png", "out.png", "run.json"]);
    });
  });
}

Deno.test({ name: "deno task passes Ctrl-C on and the exit code back", ignore }, async () => {
  await inFolder(async (folder) => {
    const input = await catInput(folder);
    const task = [Deno.execPath(), "task", "--quiet", "denoise"];
    const run = new Follower(start([...task, input, ...LONG, "--noise-sigma", "9", "--json"]));
    await run.until("/1000000");
    run.child.kill("SIGINT");
    const { code, stdout, stderr } = await run.end();
    assert.equal(code, 130, stderr);
    assert.equal(JSON.parse(stdout).stopReason, "aborted");
    assert.deepEqual(namesIn(folder), ["cat-denoised.png", "cat.png"]);
  });
});

/** Starts a run whose input is a pipe: it waits in its set-up until the picture is written there. */
async function heldInSetup(folder: string) {
  const cat = await Deno.readFile(await catInput(folder));
  const input = join(folder, "pipe.png");
  assert.ok((await new Deno.Command("mkfifo", { args: [input] }).output()).success);
  const run = new Follower(start(taskCommand("denoise", input, ...TINY, "--noise-sigma", "5")));
  const pipe = await Deno.open(input, { write: true });
  run.child.kill("SIGINT");
  await run.until(STOPPING);
  return { run, pipe, cat };
}

Deno.test({ name: "denoise interrupted in its set-up writes nothing", ignore }, async () => {
  await inFolder(async (folder) => {
    const { run, pipe, cat } = await heldInSetup(folder);
    await pipe.write(cat);
    pipe.close();
    const { code, stdout, stderr } = await run.end();
    const line = "denoise: interrupted before the first step; nothing was written\n";
    assert.deepEqual([code, stdout, stderr], [130, "", STOPPING + line]);
    assert.deepEqual(namesIn(folder), ["cat.png", "pipe.png"]);
  });
});

Deno.test({ name: "denoise quits at the second Ctrl-C", ignore }, async () => {
  await inFolder(async (folder) => {
    const { run, pipe } = await heldInSetup(folder);
    await pause(800);
    run.child.kill("SIGINT");
    const { code, stdout, stderr } = await run.end();
    pipe.close();
    assert.deepEqual([code, stdout, stderr], [130, "", STOPPING]);
    assert.deepEqual(namesIn(folder), ["cat.png", "pipe.png"]);
  });
});

Deno.test(
  { name: "denoise saves the picture elsewhere when its folder is gone", ignore },
  async () => {
    await inFolder(async (folder) => {
      const input = await catInput(folder), gone = join(folder, "gone");
      await Deno.mkdir(gone);
      const args = [...LONG, "--noise-sigma", "25", "--output", join(gone, "out.png")];
      const run = new Follower(start(taskCommand("denoise", input, ...args), { TMPDIR: folder }));
      await run.until("/1000000");
      await Deno.remove(gone, { recursive: true });
      run.child.kill("SIGINT");
      const { code, stdout, stderr } = await run.end();
      assert.deepEqual([code, stdout], [1, ""]);
      const [, place] = stderr.match(
        /\ndenoise: cannot write ".*out\.png": [^;]*; the picture is in "(.*)"\n$/,
      )!;
      assert.ok(place!.startsWith(folder));
      assert.equal((await readImage(place!)).width, 48);
    });
  },
);

Deno.test({
  name: "denoise interrupted while it fills impulses keeps what there is",
  ignore,
  async fn() {
    await inFolder(async (folder) => {
      const clean = await readImage(join(ROOT, "data/chelsea.png"));
      const input = join(folder, "cat.png"), output = join(folder, "out.png");
      const { uniform } = random(4);
      const data = clean.data.map((value) => uniform() < 0.1 ? Math.round(uniform()) : value);
      await writeImage(input, { ...clean, data });
      const run = new Follower(start(taskCommand("denoise", input, "--output", output)));
      await run.until("are impulses");
      run.child.kill("SIGINT");
      const { code, stdout } = await run.end();
      assert.equal(code, 130);
      assert.match(stdout, /interrupted/);
      const gained = psnr(await readImage(output), clean) - psnr(await readImage(input), clean);
      assert.ok(gained > 8, `${gained}`);
    });
  },
});
