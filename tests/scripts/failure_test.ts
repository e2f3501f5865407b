// The error messages for users.
import assert from "node:assert/strict";
import { FileError } from "../../lib/files/mod.ts";
import { explain, Failure, UsageError } from "../../scripts/_failure.ts";

Deno.test("explain() returns the messages of expected errors unchanged", () => {
  assert.deepEqual(explain(new UsageError("no")), { line: "no", exitCode: 2 });
  assert.deepEqual(explain(new Failure("gone", 130)), { line: "gone", exitCode: 130 });
  assert.deepEqual(explain(new FileError("cut short")), { line: "cut short", exitCode: 1 });
  assert.deepEqual(explain(new RangeError("`seed` must be whole")), {
    line: "--seed must be whole",
    exitCode: 1,
  });
});

Deno.test("explain() names the place of an unexpected error in one line", () => {
  const hint = "(DEBUG=1 shows where)";
  assert.deepEqual(explain(new TypeError("x is not\n  a function")), {
    line: `unexpected error: x is not a function ${hint}`,
    exitCode: 1,
  });
  assert.equal(
    explain(new RangeError("Array buffer allocation failed")).line,
    `unexpected error: Array buffer allocation failed ${hint}`,
  );
  assert.equal(explain("thrown text").line, `unexpected error: thrown text ${hint}`);
});
