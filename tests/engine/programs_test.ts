// Random programs of supported kernels, compiled, against tfjs's cpu backend.
import assert from "node:assert/strict";
import fc from "fast-check";
import { disagreementOf } from "./programs/_comparison.ts";
import { describe, writeProgram } from "./programs/_program.ts";

const environment = (name: string, usual: number): number => Number(Deno.env.get(name) ?? usual);

/** How many programs, and where the choices start. */
const COUNT = environment("PROGRAMS", 500), SEED = environment("PROGRAMS_SEED", 1);

/** What programs are written from. */
const choices = fc.array(fc.nat(2 ** 31 - 1), { minLength: 10, maxLength: 120, size: "max" });

Deno.test(`${COUNT} random programs agree with tfjs's cpu backend`, async () => {
  let differentiated = 0;
  await fc.assert(
    fc.asyncProperty(choices, async (choices) => {
      const program = writeProgram(choices);
      if (program.by.length > 0) differentiated++;
      const what = await disagreementOf(program);
      assert.ok(what === undefined, `${what}\n${describe(program)}`);
    }),
    { numRuns: COUNT, seed: SEED },
  );
  assert.ok(differentiated > COUNT / 2, `${differentiated} of ${COUNT} have gradients`);
});
