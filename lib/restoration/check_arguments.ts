// Finds mistakes that types did not catch: an option that does not exist, or a picture where a problem is expected.
import type { Degradation } from "../degradation/mod.ts";
import type { RestoreOptions } from "./options.ts";

/** Every option of a run. The type makes the compiler check that the list is complete. */
const OPTIONS: Readonly<Record<keyof RestoreOptions, true>> = {
  averaging: true,
  checkpoint: true,
  decision: true,
  device: true,
  draws: true,
  input: true,
  inputNoise: true,
  iterations: true,
  learningRate: true,
  measure: true,
  memoryLimit: true,
  network: true,
  noise: true,
  noiseSigma: true,
  objective: true,
  quality: true,
  reference: true,
  seed: true,
  signal: true,
  snapshots: true,
  steerFrom: true,
  stop: true,
  threads: true,
  warmUp: true,
};

/**
 * Checks the arguments of {@linkcode restore} for mistakes that callers without types can make.
 *
 * @param problem The problem.
 * @param options The options of the run.
 * @throws {TypeError} If `problem` is not a degradation, for example a picture, or an option does not exist.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 * import { denoising } from "../degradation/mod.ts";
 * import { checkArguments } from "./check_arguments.ts";
 *
 * const problem = denoising(createImage({ height: 16, width: 16, channels: 1 }));
 * checkArguments(problem, { seed: 1 });
 * assert.throws(() => checkArguments(problem, { sed: 1 } as object), /did you mean `seed`/);
 * ```
 */
export function checkArguments(problem: Degradation, options: RestoreOptions): void {
  const given: Partial<Degradation> | null | undefined = problem;
  if (typeof given?.misfit !== "function" || !given.observed || !given.initialEstimate) {
    throw new TypeError(
      "`problem` must say what was observed and how it came about, such as `denoising(image)` or " +
        "`inpainting(image, mask)`: a picture alone does not",
    );
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(OPTIONS, name)) continue;
    throw new TypeError(`\`${name}\` is not an option: did you mean \`${nearest(name)}\`?`);
  }
}

/** The option with the smallest edit distance to `name`. */
function nearest(name: string): string {
  const distances = Object.keys(OPTIONS).map((option) =>
    [option, editDistance(name.toLowerCase(), option.toLowerCase())] as const
  );
  return distances.reduce((least, next) => next[1] < least[1] ? next : least)[0];
}

/** The number of letters to insert, remove or replace to turn one word into the other (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1));
    }
  }
  return row[b.length]!;
}
