// Studies on a queue: the same bytes as in one process, each job once.
import assert from "node:assert/strict";
import { join } from "node:path";
import { crop, writePages } from "../../lib/image/mod.ts";
import {
  catsFace,
  type Ended,
  ended,
  Follower,
  namesIn,
  rowsOf,
  runTask,
  start,
  taskCommand,
} from "./_command.ts";
import { until, withServer, Worker } from "./_queue.ts";
import {
  assertEmpty,
  batch,
  ENDLESS,
  ignore,
  photosIn,
  picturesOf,
  recordsOf,
  SHORT,
  status,
} from "./_queued_study.ts";

Deno.test({
  name: "a study goes through a shared folder, and poison stops nothing else",
  ignore,
  fn: () =>
    withServer(async ({ url }, folder) => {
      const photos = await photosIn(folder, 3), shared = join(folder, "shared");
      const face = await catsFace(64);
      await Deno.mkdir(shared);
      const whole = Deno.readFileSync(join(photos, "01.png"));
      await Deno.writeFile(join(photos, "01.png"), whole.subarray(0, whole.length / 2));
      // Twice the same picture is one job.
      await Deno.copyFile(join(photos, "00.png"), join(photos, "twin.png"));
      const pages = [0, 40].map((at) => ({ image: crop(face, at, at, 16, 16), metadata: {} }));
      await writePages(join(photos, "scan.tif"), pages);
      const [alone, queued] = [join(folder, "alone"), join(folder, "queued")];
      // The command's own objective and network.
      const usual = ["--channels", "4", "--skip-channels", "2", "--add-noise", "25"];
      const args = [photos, ...usual, "--iterations", "3", "--report", join(folder, "report.html")];
      const one = await batch(...args, "--threads", "1", "--output", alone, "-q");
      const where = ["--queue", url, "--shared", shared];
      const worker = new Worker(["--jobs", "2", ...where], { TMPDIR: folder });
      const many = await batch(...args, "--output", queued, ...where, "--retries", "1");
      assert.deepEqual([one.code, many.code], [1, 1], many.stderr);
      assert.deepEqual(picturesOf(queued), picturesOf(alone));
      assert.deepEqual(Object.keys(picturesOf(queued)), ["00.png", "02.png", "twin.png"]);
      assert.deepEqual(recordsOf(queued), recordsOf(alone));
      const [scan, scanAlone] = [queued, alone].map((at) =>
        Deno.readFileSync(join(at, "scan.tif"))
      );
      assert.deepEqual(scan, scanAlone);
      const kept = JSON.parse(Deno.readTextFileSync(join(queued, "scan.tif.json")));
      assert.equal(kept.pages.length, 2);
      // The line that tells why it failed, with the user's path or the folder's, is the table's too.
      const why = /01\.png: cannot read ".*": the picture is damaged or cut short.*/;
      assert.match(many.stderr, new RegExp(`^batch: ${why.source}$`, "m"));
      assert.match(many.stdout, new RegExp(`^${why.source}$`, "m"));
      const ends = ({ stdout }: Ended) =>
        rowsOf(stdout.replace(/\n01\.png: cannot.*/, "")).map(({ picture, ended, PSNR }) => [
          picture,
          ended,
          PSNR,
        ]);
      assert.deepEqual(ends(many), ends(one));
      await assertEmpty(url);
      // Nothing of the results is left there; pictures from elsewhere are.
      assert.deepEqual(namesIn(join(shared, "results")), []);
      assert.equal(namesIn(join(shared, "inputs")).length, 4);

      // Tried again, and the rest is not.
      await Deno.writeFile(join(photos, "01.png"), whole);
      const again = await batch(...args, "--output", queued, ...where);
      assert.equal(again.code, 0, again.stderr);
      assert.match(again.stderr, /^4 of 5 were done before\n(?:.*\n)*5 of 5 done: 01\.png, /);

      const said = (await worker.end("SIGINT")).stderr;
      assert.equal([...said.matchAll(/^01\.png failed: /gm)].length, 2, said);
      assert.match(said, /\nstopping: jobs under way go back to the queue/);
    }),
});

Deno.test({
  name: "compare gives a queue's workers every case once, and the same bytes as in this process",
  ignore,
  fn: () =>
    withServer(async ({ url }, folder) => {
      const photos = await photosIn(folder, 1), input = join(photos, "00.png");
      const varied = ["--vary", "sigma=0.3:0.3:0.3:0.5:0.5,1", "--seeds", "2", "--json"];
      const args = [input, ...varied, "--network", "decoder", "--add-noise", "25"];
      const few = [...args, "--channels", "4", "--iterations", "3"];
      const [alone, queued] = [join(folder, "alone"), join(folder, "queued")];
      const compare = (...more: string[]) => runTask("compare", ...few, ...more);
      const one = await compare("--threads", "1", "--jobs", "2", "--output", alone);
      const worker = new Worker(["--queue", url, "--jobs", "2"], { TMPDIR: folder });
      const many = await compare("--queue", url, "--output", queued);
      assert.deepEqual([one.code, many.code], [0, 0], one.stderr + many.stderr);
      assert.deepEqual(picturesOf(queued), picturesOf(alone));
      assert.equal(Object.keys(picturesOf(queued)).length, 4);
      const numbers = ({ stdout }: Ended) =>
        JSON.parse(stdout).map((
          { seconds: _, output: __, record: ___, ...one }: Record<string, unknown>,
        ) => one);
      assert.deepEqual(numbers(many), numbers(one));
      // A job that ran is not run again.
      const again = await compare("--queue", url, "--output", queued);
      assert.deepEqual([again.code, numbers(again)], [0, numbers(one)]);
      await assertEmpty(url);
      await worker.end("SIGTERM");
      assert.equal([...worker.said.matchAll(/^\d+ done: /gm)].length, 4, worker.said);
    }),
});

Deno.test({
  name: "Ctrl-C leaves the jobs to the workers or takes them out; status says what there is",
  ignore,
  fn: () =>
    withServer(async ({ url }, folder) => {
      const photos = await photosIn(folder, 3), queued = join(folder, "queued");
      const where = ["--queue", url];
      const command = taskCommand("batch", photos, ...SHORT, "--output", queued, ...where);

      // Nobody serves: all jobs are left.
      const first = new Follower(start(command));
      await first.until("no worker serves the queue");
      await until(async () => (await status(url)).waiting === 3, "the jobs");
      first.child.kill("SIGINT");
      const left = await first.end();
      assert.equal(left.code, 130);
      assert.match(
        left.stderr,
        /\nbatch: 0 of 3 done; the workers go on; the same command collects/,
      );
      assert.equal((await status(url)).waiting, 3);

      // They are done meanwhile, and collected without being run again.
      const worker = new Worker([...where, "--jobs", "1", "--name", "able"], { TMPDIR: folder });
      await until(async () => (await status(url)).done === 3, "three jobs");
      const text = (await runTask("queue", ...where, "status")).stdout;
      assert.match(
        text,
        /^waiting +0\nunder way +0\ndone, not collected +3\nfailed +0\nworkers +1 {2}able\n/,
      );
      assert.deepEqual((await worker.end("SIGTERM")).code, 143);
      const second = await ended(start(command));
      assert.equal(second.code, 0, second.stderr);
      assert.equal(Object.keys(picturesOf(queued)).length, 3);
      await assertEmpty(url);

      // One is under way, the others are taken out; then its worker goes, and it is taken out too.
      const endless = [photos, ...ENDLESS, "--output", join(folder, "endless")];
      const busy = new Worker([...where, "--jobs", "1"], { TMPDIR: folder });
      const third = new Follower(
        start(taskCommand("batch", ...endless, ...where, "--on-interrupt", "drain")),
      );
      const drained = third.end();
      await until(async () => {
        const { active, waiting } = await status(url);
        return (active[0]?.iteration ?? 0) > 0 && waiting === 2;
      }, "a job under way");
      third.child.kill("SIGTERM");
      await until(() => third.stderr.includes("1 are under way"), "the others are out");
      assert.equal((await busy.end("SIGINT")).code, 130);
      const { code, stderr } = await drained;
      assert.equal(code, 143);
      assert.match(
        stderr,
        /\nbatch: 0 of 3 done; nothing of it waits in the queue; the same command/,
      );
      await assertEmpty(url);
    }),
});
