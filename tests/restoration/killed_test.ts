// A run that is repeatedly killed at random moments gives the same result as an uninterrupted one.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { random } from "../../lib/random/mod.ts";
import { restore } from "../../lib/restoration/mod.ts";
import { decodeCheckpoint } from "../../lib/restoration/checkpoint_file.ts";
import { options, places, problem } from "./_killed.ts";
import { inFolder, timeless } from "./_resuming.ts";

const KILLS = 8;
const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Starts the run in a process of its own. */
function start(folder: string): Deno.ChildProcess {
  const script = fileURLToPath(new URL("./_killed.ts", import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "-A", script, folder],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** The numbers of the iterations that a process has made, as it makes them. */
async function* iterationsOf({ stdout }: Deno.ChildProcess): AsyncGenerator<number> {
  let text = "";
  for await (const more of stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (text + more).split("\n");
    text = lines.pop()!;
    yield* lines.map(Number);
  }
}

/** Reads a file over and over until told to stop: each time it is not there, or whole. */
function follow(file: string): () => Promise<number> {
  let isOver = false, looks = 0;
  const looking = (async () => {
    while (!isOver) {
      const bytes = await Deno.readFile(file).catch((error) => {
        assert.ok(error instanceof Deno.errors.NotFound, `${error}`);
        return undefined;
      });
      if (bytes) decodeCheckpoint(bytes, file);
      looks++;
      await pause(2);
    }
    return looks;
  })();
  return () => {
    isOver = true;
    return looking;
  };
}

Deno.test({
  name: "a run that is killed at random moments goes on to the bytes of one that is not",
  ignore: Deno.build.os === "windows",
  async fn() {
    const whole = await restore(problem, options).result;
    await inFolder(async (folder) => {
      const { file, picture, record } = places(folder);
      const { uniform } = random(1), looked = follow(file);
      let last = 0;
      for (let kills = 0; kills <= KILLS; kills++) {
        const child = start(folder), writer = child.stdin.getWriter();
        const few = Math.ceil(uniform() * 12), moment = uniform() * 10;
        if (kills === 0) {
          await pause(100 * moment);
          child.kill("SIGKILL");
        }
        let made = 0;
        for await (const iteration of iterationsOf(child)) {
          // What an iteration that was seen left behind is on the disk.
          if (made === 0) assert.ok(iteration > last, `${iteration} after ${last}`);
          made++;
          last = iteration;
          await writer.write(new Uint8Array(1)).catch(() => {});
          if (made < few || kills === 0 || kills === KILLS) continue;
          // Somewhere in the next iteration, which the process has just been let go on to.
          await pause(moment);
          child.kill("SIGKILL");
          break;
        }
        assert.equal((await child.status).signal, kills < KILLS ? "SIGKILL" : null);
        await writer.close().catch(() => {});
      }
      assert.equal(last, options.iterations);
      assert.ok(await looked() > 50);
      assert.deepEqual(new Float32Array((await Deno.readFile(picture)).buffer), whole.image.data);
      const ended = JSON.parse(await Deno.readTextFile(record));
      assert.deepEqual(timeless(ended), timeless(whole.record));
    });
  },
});
