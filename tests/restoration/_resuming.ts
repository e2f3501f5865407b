// Runs that are interrupted and resumed from their checkpoints.
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Degradation } from "../../lib/degradation/mod.ts";
import {
  restore,
  type RestoreOptions,
  type RunRecord,
  type RunResult,
} from "../../lib/restoration/mod.ts";

/** Runs a test in a folder of its own. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "checkpoint-test-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A record without what a clock has said. */
export function timeless({ seconds: _, engine, guide, series, ...record }: RunRecord): unknown {
  const { compileMilliseconds: _compile, ...others } = engine!;
  const { milliseconds, ...measures } = series;
  return {
    ...record,
    engine: others,
    draws: guide?.draws,
    series: { ...measures, steps: milliseconds.length },
  };
}

/** Asserts that two runs gave the same bytes and, but for times, the same record. */
export function assertSame(a: RunResult, b: RunResult, message = ""): void {
  assert.deepEqual(a.image, b.image, message);
  assert.deepEqual(timeless(a.record), timeless(b.record), message);
}

/**
 * Asserts that a run is the same with checkpoints as without, and when it is left after each of some
 * iterations and goes on from its last checkpoint.
 *
 * @returns The uninterrupted run's result.
 */
export async function assertResumable(
  problem: Degradation,
  options: RestoreOptions,
  every: number,
  cuts: readonly number[],
): Promise<RunResult> {
  const whole = await restore(problem, options).result;
  await inFolder(async (folder) => {
    const file = join(folder, "run.checkpoint");
    const kept = await restore(problem, { ...options, checkpoint: { file, every } }).result;
    assertSame(kept, whole, "with checkpoints");
    await Deno.remove(file);
    const checkpoint = { file, every, resume: true };
    let last = 0;
    for (const cut of cuts) {
      const first = last - last % every + 1;
      last = 0;
      for await (const { iteration } of restore(problem, { ...options, checkpoint })) {
        // What comes before the first iteration is no iteration.
        if (iteration === 0) continue;
        if (last === 0) assert.equal(iteration, first, "the first iteration after the checkpoint");
        last = iteration;
        if (iteration === cut) break;
      }
    }
    assertSame(await restore(problem, { ...options, checkpoint }).result, whole, `cut at ${cuts}`);
  });
  return whole;
}
