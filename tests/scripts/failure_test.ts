// What a user is told of an error.
import assert from "node:assert/strict";
import { FileError } from "../../lib/files/mod.ts";
import { explain, Failure, UsageError } from "../../scripts/_failure.ts";

Deno.test("explain() tells expected errors as they are", () => {
  assert.deepEqual(explain(new UsageError("no")), { line: "no", exitCode: 2 });
  assert.deepEqual(explain(new Failure("gone", 130)), { line: "gone", exitCode: 130 });
  assert.deepEqual(explain(new FileError("cut short")), { line: "cut short", exitCode: 1 });
  assert.deepEqual(explain(new RangeError("`seed` must be whole")), {
    line: "--seed must be whole",
    exitCode: 1,
  });
});

Deno.test("explain() says in one line where to look for an unexpected error", () => {
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
