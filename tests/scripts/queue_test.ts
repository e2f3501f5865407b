// Studies on a queue: the same bytes as in one process, each job once, whatever fails on the way.
import assert from "node:assert/strict";
import { join } from "node:path";
import { crop, writeImage, writePages } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { queueAddress } from "../../scripts/jobs/address.ts";
import { openQueue } from "../../scripts/jobs/connection.ts";
import { type QueueStatus, statusOf } from "../../scripts/jobs/status.ts";
import {
  assertOneLine,
  catsFace,
  type Ended,
  ended,
  Follower,
  inFolder,
  namesIn,
  rowsOf,
  runTask,
  start,
  taskCommand,
} from "./_command.ts";
import { freePort, pause, Relay, until, withServer, Worker } from "./_queue.ts";

const ignore = Deno.build.os === "windows";

/** A short run of a small network; a job of a queue has one thread unless told otherwise. */
const SMALL = [
  "--network",
  "decoder",
  "--objective",
  "mse",
  "--channels",
  "4",
  "--add-noise",
  "25",
];
const SHORT = [...SMALL, "--iterations", "10"];

/** A run that does not end by itself. */
const ENDLESS = [...SMALL, "--iterations", "900000"];

/** Writes small pictures, each another part of the cat's face, and gives their folder. */
async function photosIn(folder: string, count: number, side = 16): Promise<string> {
  const photos = join(folder, "photos"), face = await catsFace(128);
  await Deno.mkdir(photos);
  for (let i = 0; i < count; i++) {
    const name = `${i}`.padStart(2, "0");
    const part = crop(face, 2 * i % 32, 3 * i % 37, side, side);
    await writeImage(join(photos, `${name}.png`), part);
  }
  return photos;
}

/** The pictures in a folder, by name. */
const picturesOf = (folder: string) =>
  Object.fromEntries(
    namesIn(folder).filter((name) => name.endsWith(".png"))
      .map((name) => [name, Deno.readFileSync(join(folder, name))]),
  );

/** A record but for what differs from run to run: times. */
const recordsOf = (folder: string) =>
  namesIn(folder).filter((name) => name.endsWith(".png.json")).map((name) => {
    const { record } = JSON.parse(Deno.readTextFileSync(join(folder, name)));
    const { seconds: _, engine: { compileMilliseconds: __, ...engine }, series, ...rest } = record;
    const { milliseconds: ___, ...measured } = series,
      { seconds: ____, ...guide } = rest.guide ?? {};
    return { ...rest, engine, guide, series: measured };
  });

const batch = async (...args: string[]): Promise<Ended> =>
  await ended(start(taskCommand("batch", ...args)));

/** What the queue holds. */
async function status(url: string): Promise<QueueStatus> {
  const opened = await openQueue(queueAddress(url));
  try {
    return await statusOf(opened);
  } finally {
    opened.close();
  }
}

/** Asserts that nothing of any job is left in the queue. */
async function assertEmpty(url: string): Promise<void> {
  const { waiting, delayed, active, done, failed } = await status(url);
  assert.deepEqual({ waiting, delayed, active, done, failed }, {
    ...{ waiting: 0, delayed: 0, active: [], done: 0, failed: [] },
  });
}

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

/** Random numbers that say when and whom. */
function chances(seed: number) {
  const { uniform } = random(seed);
  return { uniform, integer: (below: number) => Math.floor(below * uniform()) };
}

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

Deno.test(
  { name: "a queue is reached with a password and through TLS alone", ignore },
  async () => {
    await inFolder(async (folder) => {
      const at = (name: string) => join(folder, name);
      await certify(folder);
      const tlsPort = freePort();
      const tls = [
        ...["--tls-port", `${tlsPort}`, "--tls-cert-file", at("server.pem"), "--tls-key-file"],
        ...[at("server.key"), "--tls-ca-cert-file", at("ca.pem"), "--tls-auth-clients", "no"],
      ];
      await withServer(
        async ({ url, port }) => {
          const look = (queue: string, env: Record<string, string> = {}) =>
            ended(start(taskCommand("queue", "--queue", queue), env));
          const nobody = freePort();
          const cases: [queue: string, exitCode: number, line: RegExp][] = [
            [url, 1, /^queue: cannot reach the queue at redis:.*:\d+: it wants a password, as in /],
            [`redis://:wrong@127.0.0.1:${port}`, 1, /: the password is wrong\n$/],
            [`redis://127.0.0.1:${nobody}`, 1, /: nothing listens there\n$/],
            ["http://127.0.0.1", 2, /^queue: --queue must be like redis:\/\/host:6379, or rediss:/],
            ["redis://:secret@one,two", 2, /^queue: --queue must be like redis:/],
          ];
          for (const [queue, exitCode, line] of cases) {
            const result = await look(queue);
            assertOneLine("queue", result, exitCode, line);
            assert.doesNotMatch(result.stderr, /wrong@|secret/);
          }
          assert.match((await look(`redis://:secret@127.0.0.1:${port}`)).stdout, /^waiting +0\n/);
          const encrypted = `rediss://:secret@localhost:${tlsPort}`;
          assertOneLine("queue", await look(encrypted), 1, /cannot reach .*rediss:.*certificate/i);
          const known = await look(encrypted, { DENO_CERT: at("ca.pem") });
          assert.match(known.stdout, /^waiting +0\n/, known.stderr);
        },
        ...["--requirepass", "secret", ...tls],
      );
    });
  },
);

/** Makes a certificate for localhost and the authority that it is believed by. */
async function certify(folder: string): Promise<void> {
  const openssl = async (...args: string[]) => {
    const { code, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  };
  const key = (name: string) => ["-newkey", "rsa:2048", "-nodes", "-keyout", `${name}.key`];
  await openssl("req", "-x509", ...key("ca"), "-out", "ca.pem", "-days", "2", "-subj", "/CN=test");
  await openssl("req", ...key("server"), "-out", "server.csr", "-subj", "/CN=localhost");
  await Deno.writeTextFile(join(folder, "names"), "subjectAltName=DNS:localhost\n");
  await openssl(
    ...[
      "x509",
      "-req",
      "-in",
      "server.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
    ],
    ...["-out", "server.pem", "-days", "2", "-extfile", "names"],
  );
}

Deno.test("options of a queue that do not go together are refused in one line", async (t) => {
  const cases: [task: "batch" | "worker" | "queue", args: string[], line: RegExp][] = [
    ["batch", ["photos", "--shared", "x"], /--shared goes with --queue/],
    ["batch", ["photos", "--retries", "1"], /--retries goes with --queue/],
    ["batch", ["photos", "--on-interrupt", "drain"], /--on-interrupt goes with --queue/],
    ["batch", ["photos", "--queue", "redis://a", "--jobs", "2"], /--jobs is of this process/],
    ["batch", ["photos", "--queue", "here"], /--queue must be like redis:/],
    ["worker", [], /--queue is missing/],
    ["queue", ["--queue", "redis://a", "stop"], /"stop" is not one of status, drain, clear/],
  ];
  for (const [task, args, line] of cases) {
    await t.step(`${task} ${args.join(" ")}`, async () => {
      // By the task itself, as a user does it.
      assertOneLine(task, await runTask(task, ...args), 2, line);
    });
  }
});
