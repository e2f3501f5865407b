// Small studies on a queue: their options, pictures, results, and the rest of the queue's contents.
import assert from "node:assert/strict";
import { join } from "node:path";
import { crop, writeImage } from "../../lib/image/mod.ts";
import { random } from "../../lib/random/mod.ts";
import { queueAddress } from "../../scripts/jobs/address.ts";
import { openQueue } from "../../scripts/jobs/connection.ts";
import { type QueueStatus, statusOf } from "../../scripts/jobs/status.ts";
import { catsFace, type Ended, ended, namesIn, start, taskCommand } from "./_command.ts";

export const ignore = Deno.build.os === "windows";

/** A short run of a small network; a job of a queue has one thread unless told otherwise. */
export const SMALL = [
  "--network",
  "decoder",
  "--objective",
  "mse",
  "--channels",
  "4",
  "--add-noise",
  "25",
];
export const SHORT = [...SMALL, "--iterations", "10"];

/** A run that does not end by itself. */
export const ENDLESS = [...SMALL, "--iterations", "900000"];

/** Writes small pictures, each another part of the cat's face, and gives their folder. */
export async function photosIn(folder: string, count: number, side = 16): Promise<string> {
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
export const picturesOf = (folder: string) =>
  Object.fromEntries(
    namesIn(folder).filter((name) => name.endsWith(".png"))
      .map((name) => [name, Deno.readFileSync(join(folder, name))]),
  );

/** A record but for what differs from run to run: times. */
export const recordsOf = (folder: string) =>
  namesIn(folder).filter((name) => name.endsWith(".png.json")).map((name) => {
    const { record } = JSON.parse(Deno.readTextFileSync(join(folder, name)));
    const { seconds: _, engine: { compileMilliseconds: __, ...engine }, series, ...rest } = record;
    const { milliseconds: ___, ...measured } = series,
      { seconds: ____, ...guide } = rest.guide ?? {};
    return { ...rest, engine, guide, series: measured };
  });

export const batch = async (...args: string[]): Promise<Ended> =>
  await ended(start(taskCommand("batch", ...args)));

/** What the queue holds. */
export async function status(url: string): Promise<QueueStatus> {
  const opened = await openQueue(queueAddress(url));
  try {
    return await statusOf(opened);
  } finally {
    opened.close();
  }
}

/** Asserts that nothing of any job is left in the queue. */
export async function assertEmpty(url: string): Promise<void> {
  const { waiting, delayed, active, done, failed } = await status(url);
  assert.deepEqual({ waiting, delayed, active, done, failed }, {
    ...{ waiting: 0, delayed: 0, active: [], done: 0, failed: [] },
  });
}

/** Random numbers that say when and whom. */
export function chances(seed: number) {
  const { uniform } = random(seed);
  return { uniform, integer: (below: number) => Math.floor(below * uniform()) };
}
