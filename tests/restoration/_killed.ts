// A run in a process of its own, to be killed: [folder]. It keeps a checkpoint after each iteration, says
// its number, and goes on when it is sent a byte.
import { join } from "node:path";
import { denoising } from "../../lib/degradation/mod.ts";
import { restore, type RestoreOptions } from "../../lib/restoration/mod.ts";
import { heldOutPixels, movingVariance, windowedVariance } from "../../lib/stopping/mod.ts";
import { noisy, picture, tinyDip } from "./_pictures.ts";

const clean = picture(32, 40, 3);

/** What is restored. */
export const problem = denoising(noisy(clean));

/** How, but for the checkpoints. */
export const options: RestoreOptions = {
  objective: "mse",
  network: tinyDip,
  iterations: 130,
  reference: clean,
  snapshots: true,
  stop: [heldOutPixels(), windowedVariance({ window: 10 }), movingVariance({ start: 10 })],
  threads: 1,
};

/** The checkpoint's file, and where the result goes. */
export const places = (folder: string) => ({
  file: join(folder, "run.checkpoint"),
  picture: join(folder, "picture"),
  record: join(folder, "record.json"),
});

if (import.meta.main) {
  const { file, picture, record } = places(Deno.args[0]!);
  const run = restore(problem, { ...options, checkpoint: { file, every: 1, resume: true } });
  for await (const { iteration } of run) {
    console.log(iteration);
    await Deno.stdin.read(new Uint8Array(1));
  }
  const result = await run.result;
  await Deno.writeFile(picture, new Uint8Array(result.image.data.buffer as ArrayBuffer));
  await Deno.writeTextFile(record, JSON.stringify(result.record));
}
