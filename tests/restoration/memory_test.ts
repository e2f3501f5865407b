// The memory of a long run.
import assert from "node:assert/strict";
import { denoising } from "../../lib/degradation/mod.ts";
import { restore } from "../../lib/restoration/mod.ts";
import { noisy, picture, tinyDip } from "./_pictures.ts";

Deno.test("resident memory of the second half of 500 steps is flat to 2 %", async () => {
  const warmUp = 200, steps = 500;
  const problem = denoising(noisy(picture(64, 64, 3)));
  const resident: number[] = [];
  for await (const _ of restore(problem, { network: tinyDip, iterations: warmUp + steps })) {
    resident.push(Deno.memoryUsage().rss);
  }
  const half = resident.slice(warmUp + steps / 2);
  const spread = Math.max(...half) / Math.min(...half) - 1;
  assert.ok(spread < 0.02, `${spread} of ${Math.min(...half)}`);
});
