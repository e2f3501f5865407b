// A study in one process and on workers of a queue: its time compared with the ideal, and the overhead of a job.
import { join } from "node:path";
import { crop, readImage, writeImage } from "../mod.ts";
import { queueAddress } from "../scripts/jobs/address.ts";
import { loadBullmq, openQueue, PREFIX, type QueuedData } from "../scripts/jobs/connection.ts";
import { serverTransfer } from "../scripts/jobs/exchange.ts";
import { digestsOf, type JobResult } from "../scripts/jobs/job.ts";
import { statusOf } from "../scripts/jobs/status.ts";
import { table } from "../scripts/_table.ts";
import { wholePictures } from "./_pictures.ts";

/** Options of {@linkcode queue}. */
export interface QueueBenchOptions {
  count: number;
  size: number;
  channels: string;
  iterations: number;
  /** The numbers of workers, with one job each. */
  workers: number[];
  /** Jobs without a run, for measuring the overhead. */
  empty: number;
  /** The server program. */
  server: string;
  json?: boolean;
}

interface Row {
  where: string;
  seconds: number;
  /**
   * The time with one job at once, divided by the number of jobs at once, but at most by the number of processors.
   */
  ideal: number;
  ratio: number;
}

/** Runs a command of the project, to its end or until it is stopped. */
const script = (name: string, args: readonly string[]) =>
  new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("../scripts/main.ts", import.meta.url).pathname, name, ...args],
    stdout: "null",
    stderr: "inherit",
  });

/** Starts a server in a folder and returns its address. */
async function serve(program: string, folder: string) {
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = free.addr;
  free.close();
  const kept = ["--appendonly", "yes", "--save", "", "--dir", folder];
  const child = new Deno.Command(program, {
    args: ["--port", `${port}`, "--bind", "127.0.0.1", ...kept],
    stdout: "null",
  }).spawn();
  const url = `redis://127.0.0.1:${port}`;
  for (let tries = 0;; tries++) {
    try {
      return { url, child, opened: await openQueue(queueAddress(url)) };
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Writes squares of the pictures of a folder, each from a different place, and returns their folder. */
async function photosIn(folder: string, clean: string, count: number, size: number) {
  const photos = join(folder, "photos"), pictures = await wholePictures(clean);
  await Deno.mkdir(photos);
  for (let i = 0; i < count; i++) {
    const { clean } = pictures[i % pictures.length]!;
    const at = (side: number) => (7 * i * size) % Math.max(1, side - size);
    const part = crop(clean, at(clean.height), at(clean.width), size, size);
    await writeImage(join(photos, `${i}.png`), part);
  }
  return photos;
}

/** The overhead of a job in milliseconds: sending and reading its picture, storing and collecting its result. */
async function overheadOf(
  { client, queue }: Awaited<ReturnType<typeof openQueue>>,
  picture: string,
  record: string,
  count: number,
): Promise<number> {
  const { Worker } = await loadBullmq();
  const exchange = serverTransfer(client), folder = await Deno.makeTempDir();
  const [digest] = Object.values(await digestsOf({ picture })) as [string];
  const kept = JSON.parse(await Deno.readTextFile(record)), image = await readImage(picture);
  const { sources, ...page } = kept;
  const done: JobResult = { sources, pages: [page], write: (path) => writeImage(path, image) };
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const file = await exchange.send(`j${i}`, picture, digest);
    const data = { files: { picture: file } } as unknown as QueuedData;
    await queue.add("empty", data, { jobId: `j${i}` });
  }
  let finished = 0;
  const all = Promise.withResolvers<void>();
  const worker = new Worker<QueuedData, null>(queue.name, async ({ id, data }) => {
    await exchange.receive(data.files["picture"]!, folder);
    await exchange.leave(id!, done, ".png", folder);
    return null;
  }, { connection: client, prefix: PREFIX });
  worker.on("completed", () => {
    if (++finished === count) all.resolve();
  });
  await all.promise;
  for (let i = 0; i < count; i++) {
    const collected = await exchange.collect(`j${i}`, ".png");
    await collected!.write(join(folder, "collected.png"));
    const job = await queue.getJob(`j${i}`);
    await exchange.discard(`j${i}`, ".png", Object.values(job!.data.files));
    await queue.remove(`j${i}`);
  }
  const milliseconds = (performance.now() - start) / count;
  await worker.close();
  await Deno.remove(folder, { recursive: true });
  return milliseconds;
}

/** Runs one study in this process and on workers, and prints the times. */
export async function queue(clean: string, options: QueueBenchOptions): Promise<void> {
  const { count, size, channels, iterations, workers, empty, server, json } = options;
  const folder = await Deno.makeTempDir();
  const photos = await photosIn(folder, clean, count, size);
  const { url, child, opened } = await serve(server, folder);
  const processors = navigator.hardwareConcurrency, rows: Row[] = [];
  const study = async (where: string, atOnce: number, ...more: string[]) => {
    const output = join(folder, where);
    const run = ["--channels", channels, "--iterations", `${iterations}`, "--threads", "1"];
    const args = [photos, ...run, "--add-noise", "25", "--output", output, "-q", ...more];
    const start = performance.now(), { success } = await script("batch", args).output();
    if (!success) throw new Error(`the study failed ${where}`);
    const seconds = (performance.now() - start) / 1000;
    const ideal = (rows[0]?.seconds ?? seconds) / Math.min(atOnce, processors);
    rows.push({ where, seconds, ideal, ratio: ideal / seconds });
  };
  let overhead: number;
  try {
    await study("one process, 1 job", 1, "--jobs", "1");
    await study("one process, 2 jobs", 2, "--jobs", "2");
    for (const number of workers) {
      const running = Array.from(
        { length: number },
        () => script("worker", ["--queue", url, "--jobs", "1", "-q"]).spawn(),
      );
      while ((await statusOf(opened)).workers?.length !== number) {
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      await study(`queue, workers: ${number}`, number, "--queue", url);
      for (const worker of running) worker.kill("SIGTERM");
      for (const worker of running) await worker.status;
    }
    const record = join(folder, rows[0]!.where, "0.png.json");
    overhead = await overheadOf(opened, join(photos, "0.png"), record, empty);
  } finally {
    opened.close();
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
  if (json) return console.log(JSON.stringify({ processors, rows, overhead }));
  console.log(`${count} jobs of ${size}x${size}, 1 thread each, on ${processors} processors`);
  const cells = rows.map(({ where, seconds, ideal, ratio }) => [
    where,
    seconds.toFixed(1),
    ideal.toFixed(1),
    ratio.toFixed(2),
  ]);
  console.log(table(["where", "seconds", "ideal", "ratio"], cells));
  console.log(`a job on the queue costs ${overhead.toFixed(1)} ms besides its run`);
}
