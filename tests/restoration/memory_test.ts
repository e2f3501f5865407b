// The memory of a long run.
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { denoising } from "../../lib/degradation/mod.ts";
import { restore } from "../../lib/restoration/mod.ts";
import { noisy, picture, tinyDip } from "./_pictures.ts";

/** Collects garbage now: when V8 would is its own affair, and hides a leak or looks like one. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

Deno.test("resident memory of the second half of 500 steps is flat to 2 %", async () => {
  const warmUp = 200, steps = 500, collect = garbageCollector();
  const clean = picture(64, 64, 3), problem = denoising(noisy(clean));
  const run = restore(problem, {
    objective: "mse",
    network: tinyDip,
    iterations: warmUp + steps,
    reference: clean,
  });
  const resident: number[] = [];
  for await (const { iteration } of run) {
    if (iteration % 10 > 0) continue;
    collect();
    if (iteration >= warmUp + steps / 2) resident.push(Deno.memoryUsage().rss);
  }
  const spread = Math.max(...resident) / Math.min(...resident) - 1;
  assert.ok(spread < 0.02, `${spread} of ${Math.min(...resident)}`);
});
