// Studies on a queue while workers, connections, servers and jobs fail: no result is lost or duplicated.
import assert from "node:assert/strict";
import { join } from "node:path";
import { ended, Follower, namesIn, start, taskCommand } from "./_command.ts";
import { pause, Relay, until, withServer, Worker } from "./_queue.ts";
import {
  assertEmpty,
  batch,
  chances,
  ENDLESS,
  ignore,
  photosIn,
  picturesOf,
  recordsOf,
  SHORT,
  status,
} from "./_queued_study.ts";

/** How many workers are killed: `KILLS=200 deno test ...` for a long night. */
const KILLS = Number(Deno.env.get("KILLS") ?? 20);

Deno.test({
  name: "40 jobs on 3 workers, killed 20 times: each result once, the bytes of one process",
  ignore,
  fn: () =>
    withServer(async ({ url }, folder) => {
      const photos = await photosIn(folder, 40), { uniform, integer } = chances(5);
      const [alone, queued] = [join(folder, "alone"), join(folder, "queued")];
      const before = performance.now();
      const one = await batch(photos, ...SHORT, "--threads", "1", "--output", alone, "-q");
      assert.equal(one.code, 0, one.stderr);
      // On a machine that does much else a worker is silent for longer.
      const lost = Math.ceil(3 + (performance.now() - before) / 1000 / 40);

      const args = ["--queue", url, "--jobs", "1", "--lost-after", `${lost}`];
      const begin = () => new Worker(args, { TMPDIR: folder });
      const workers = [begin(), begin(), begin()];
      const where = ["--queue", url, "--retries", "100"];
      const command = taskCommand(
        "batch",
        photos,
        ...SHORT,
        "--output",
        queued,
        ...where,
        "--json",
      );
      const study = new Follower(start(command));
      const ending = study.end();
      // The first is done when it begins, so that it has something to interrupt.
      await until(() => study.stderr.includes("1 of 40 done"), "the first job");
      for (let kill = 0; kill < KILLS; kill++) {
        await pause(600 * uniform());
        const place = integer(3), { signal } = await workers[place]!.end("SIGKILL");
        assert.equal(signal, "SIGKILL", workers[place]!.said);
        workers[place] = begin();
      }
      const many = await ending;
      assert.equal(many.code, 0, many.stderr);
      assert.deepEqual(picturesOf(queued), picturesOf(alone));
      assert.deepEqual(recordsOf(queued), recordsOf(alone));
      // Each is told once.
      const told = [...many.stderr.matchAll(/^\d+ of 40 done: (\d\d\.png), /gm)].map(([, name]) =>
        name
      );
      assert.deepEqual(told.sort(), namesIn(photos));
      assert.equal(JSON.parse(many.stdout).length, 40);
      await assertEmpty(url);
      for (const worker of workers) {
        const { code, stderr } = await worker.end("SIGTERM");
        assert.equal(code, 143, stderr);
      }
    }),
});

Deno.test({
  name: "a lost connection and a server that is killed lose no job and double none",
  ignore,
  fn: () =>
    withServer(async (server, folder) => {
      const photos = await photosIn(folder, 6), relay = new Relay(server);
      const [alone, queued] = [join(folder, "alone"), join(folder, "queued")];
      const one = await batch(photos, ...SHORT, "--threads", "1", "--output", alone, "-q");
      assert.equal(one.code, 0, one.stderr);
      const through = `redis://127.0.0.1:${relay.port}`;
      const worker = new Worker(["--queue", through, "--jobs", "1", "--lost-after", "30"], {
        TMPDIR: folder,
      });
      const study = new Follower(
        start(
          taskCommand("batch", photos, ...SHORT, "--output", queued, "--queue", server.url),
        ),
      );
      const ending = study.end();
      await until(() => study.stderr.includes("1 of 6 done"), "the first job");
      relay.off();
      await until(() => worker.said.includes("is lost; it is tried again"), "the worker sees it");
      relay.on();
      await until(() => study.stderr.includes("3 of 6 done"), "half of the jobs");
      await server.kill();
      await until(() => study.stderr.includes("is lost; it is tried again"), "the study sees it");
      await server.begin();
      const many = await ending;
      assert.equal(many.code, 0, many.stderr);
      assert.match(many.stderr, /^connected to redis:\/\/127\.0\.0\.1:\d+ again$/m);
      assert.deepEqual(picturesOf(queued), picturesOf(alone));
      assert.deepEqual(recordsOf(queued), recordsOf(alone));
      const told = [...many.stderr.matchAll(/ of 6 done: (\d\d\.png), /g)].map(([, name]) => name);
      assert.deepEqual(told.sort(), namesIn(photos));
      await assertEmpty(server.url);
      // Away from the queue it can be ended too.
      relay.off();
      assert.equal((await worker.end("SIGTERM")).code, 143);
    }),
});

Deno.test({
  name: "a job that costs every worker its life is given up, and a full disk is the worker's own",
  ignore,
  fn: () =>
    withServer(async ({ url }, folder) => {
      const where = ["--queue", url, "--jobs", "1"], temporary = { TMPDIR: folder };
      const photos = await photosIn(folder, 1, 64), queued = join(folder, "queued");
      const study = new Follower(start(
        taskCommand(
          "batch",
          photos,
          ...ENDLESS,
          "--output",
          queued,
          "--queue",
          url,
          "--retries",
          "1",
        ),
      ));
      const ending = study.end();
      await until(async () => (await status(url)).waiting === 1, "the job");

      // The limit stands for a full disk; without the trap it would kill the process.
      const limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 8; exec "$@"', "sh"];
      const full = await new Worker(where, temporary, limited).ended;
      assert.equal(full.code, 1, full.stderr);
      assert.match(full.stderr, /^worker: cannot keep the files of a job: File too large$/m);
      // It has gone back, and cost the job nothing.
      assert.equal((await status(url)).waiting, 1);
      assert.ok(!namesIn(folder).some((name) => name.startsWith("job-")), "nothing is left there");

      for (const name of ["first", "second"]) {
        const worker = new Worker([...where, "--lost-after", "8", "--name", name], temporary);
        await until(
          async () => (await status(url)).active[0]?.worker === name,
          "the job under way",
        );
        await worker.end("SIGKILL");
      }
      const last = new Worker([...where, "--lost-after", "8"], temporary);
      const { code, stderr } = await ending;
      assert.equal(code, 1);
      assert.match(stderr, /^batch: 00\.png: given up: 2 workers were lost while they ran it$/m);
      await assertEmpty(url);
      await last.end("SIGTERM");
    }),
});

Deno.test({
  name: "a worker refuses what it cannot do right, and the jobs stay",
  ignore,
  fn: () =>
    withServer(async ({ url }, folder) => {
      const photos = await photosIn(folder, 1), shared = join(folder, "shared");
      await Deno.mkdir(shared);
      const where = ["--queue", url, "--shared", shared];
      const study = new Follower(
        start(
          taskCommand("batch", photos, ...SHORT, "--output", join(folder, "out"), ...where),
        ),
      );
      await study.until("no worker serves the queue");
      await until(async () => (await status(url)).waiting === 1, "the job");
      study.child.kill("SIGINT");
      await study.end();
      const other = join(folder, "other");
      await Deno.mkdir(other);
      await Deno.writeTextFile(join(other, "study-folder"), "of another study");
      const cases: [args: string[], line: RegExp][] = [
        [[], /^worker: the jobs go through a folder that all machines see: say --shared$/m],
        [["--shared", join(folder, "no")], /^worker: cannot read --shared ".*no": No such file/m],
        [["--shared", other], /^worker: --shared ".*other" is not the folder of the jobs$/m],
      ];
      for (const [args, line] of cases) {
        const { code, stderr } = await new Worker(["--queue", url, ...args], { TMPDIR: folder })
          .ended;
        assert.equal(code, 1);
        assert.match(stderr, line);
        assert.equal((await status(url)).waiting, 1);
      }
      const drained = await ended(start(taskCommand("queue", "--queue", url, "drain")));
      assert.deepEqual([drained.code, drained.stdout], [0, "1 jobs taken out\n"]);
      await assertEmpty(url);
    }),
});
