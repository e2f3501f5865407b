import assert from "node:assert/strict";
import {
  type Cell,
  expectedOf,
  faultsOf,
  faultsOfKept,
  LARGEST,
  type Notebook,
  type Output,
  solutionsOf,
} from "./_notebook.ts";

const FIGURE: Output = {
  output_type: "display_data",
  data: {
    "application/vnd.plotly.v1+json": { data: [] },
    "image/png": "aGk=",
    "text/plain": ["f"],
  },
};
const TEXT: Output = { output_type: "display_data", data: { "text/plain": ["a line"] } };
const printed = (...text: string[]): Output => ({ output_type: "stream", name: "stdout", text });

const cell = (source: string, outputs: readonly Output[] = [], more: Partial<Cell> = {}): Cell => ({
  id: "a",
  cell_type: "code",
  metadata: {},
  source: source.split(/(?<=\n)/),
  execution_count: 1,
  outputs,
  ...more,
});

const notebook = (...cells: Cell[]): Notebook => ({
  cells,
  metadata: { kernelspec: { name: "deno" } },
  nbformat: 4,
  nbformat_minor: 5,
});

/** The faults of a notebook of one cell. */
const faults = (...args: Parameters<typeof cell>) => faultsOf(notebook(cell(...args)));

/** Cells that show what their code says, and what it is. */
const RIGHT: readonly (readonly [source: string, outputs: readonly Output[]])[] = [
  ["const a = 1;", []],
  ["await display(show(figure));", [FIGURE]],
  ["await display(\n  show(figure),\n);", [FIGURE]],
  ["await display(md`text`);\nawait display(show(figure));", [TEXT, FIGURE]],
  ["const { record } = await showProgress(run);", [TEXT, FIGURE]],
  ['console.log("a");\nconsole.table(b);', [printed("a\n", "┌─┐\n", "└─┘\n")]],
  ['for (const a of b) console.log("a");', [printed("a\n", "a\n"), printed("a\n")]],
];

Deno.test("faultsOf() finds nothing if every cell has the outputs of its code", () => {
  const text = cell("console.log, in words", [], { cell_type: "markdown" });
  const code = RIGHT.map(([source, outputs]) => cell(source, outputs));
  assert.deepEqual(faultsOf(notebook(text, ...code)), []);
});

for (const [source, outputs] of RIGHT.filter(([, outputs]) => outputs.length > 0)) {
  Deno.test(`faultsOf() finds that any output is lost of ${source.replaceAll("\n", " ")}`, () => {
    outputs.forEach((_, i) => {
      const rest = outputs.filter((_, k) => k !== i);
      // Of a loop's lines one is as good as many: it is seen only when all are lost.
      const isLoop = source.startsWith("for");
      assert.equal(faults(source, isLoop ? [] : rest).length > 0, true, `output ${i + 1}`);
    });
  });
}

Deno.test("faultsOf() names what is missing, and in which cell", () => {
  const two = "await display(show(a));\nawait display(show(b));\n";
  assert.deepEqual(
    faultsOf(notebook(cell("const a = 1;"), cell(two, [FIGURE]))),
    [
      "cell 2: shows 1 of 2 displays",
      "cell 2: shows 1 of 2 charts, pictures and tables",
    ],
  );
  assert.deepEqual(faults('console.log("a");\nconsole.log("b");', [printed("a\n")]), [
    "cell 1: prints 1 of 2 lines",
  ]);
});

Deno.test("faultsOf() requires a chart, a picture or a table for each show()", () => {
  const source = "await display(show(what));";
  for (const type of ["application/vnd.plotly.v1+json", "image/png", "text/html"]) {
    assert.deepEqual(faults(source, [{ ...FIGURE, data: { [type]: "a", "text/plain": "b" } }]), []);
  }
  assert.deepEqual(faults(source, [TEXT]), ["cell 1: shows 0 of 1 charts, pictures and tables"]);
});

Deno.test("faultsOfKept() requires a picture beside every chart", () => {
  const { "image/png": _, ...data } = FIGURE.data!;
  const source = "await display(show(a));";
  assert.deepEqual(faultsOfKept(notebook(cell(source, [FIGURE]))), []);
  assert.deepEqual(faultsOfKept(notebook(cell(source, [{ ...FIGURE, data }]))), [
    "cell 1: a chart has no picture",
  ]);
});

Deno.test("faultsOf() finds outputs that the code does not produce", () => {
  assert.deepEqual(faults("const a = 1;", [TEXT]), ["cell 1: shows 1 of 0 displays"]);
  assert.deepEqual(faults("const a = 1;", [printed("a\n")]), ["cell 1: prints"]);
  const value: Output = { output_type: "execute_result", data: { "text/plain": ["1"] } };
  assert.deepEqual(faults("1", [value]), ["cell 1: shows its last value"]);
});

Deno.test("faultsOf() finds errors, warnings, and cells that did not run", () => {
  const error: Output = { output_type: "error", ename: "AssertionError", evalue: "no\n  at <a>" };
  assert.deepEqual(faults("f();", [error]), ["cell 1: AssertionError: no"]);
  const warning: Output = { output_type: "stream", name: "stderr", text: ["careful\n"] };
  assert.deepEqual(faults("f();", [warning]), ["cell 1: warns: careful"]);
  assert.deepEqual(faults("f();", [], { execution_count: null }), ["cell 1: did not run"]);
});

Deno.test("faultsOf() finds a notebook that is too large", () => {
  const long = (bytes: number) =>
    faults('console.log("a");', [printed("a\n", "ä".repeat(bytes / 2))]);
  assert.deepEqual(long(LARGEST), ["has 3.0 of 3 MB"]);
  assert.deepEqual(long(LARGEST - 1000), []);
});

Deno.test("expectedOf() counts calls, not names", () => {
  const source =
    "const { display } = Deno.jupyter;\n// a display, a progress\nredisplay(a); myshowProgress(b);\n";
  assert.deepEqual(expectedOf(cell(source)), { displays: 0, rich: 0, lines: 0 });
  const watched = "await showProgress(run);\nawait display(show(a));\nconsole.log(b);";
  assert.deepEqual(expectedOf(cell(watched)), { displays: 3, rich: 2, lines: 1 });
});

Deno.test("solutionsOf() finds the code of folded solutions, not of hints", () => {
  const text = (source: string) => cell(source, [], { cell_type: "markdown" });
  const folded = (title: string, code: string) =>
    `<details><summary>${title}</summary>\n\n\`\`\`ts\n${code}\n\`\`\`\n\nWords.\n\n</details>\n`;
  const exercise = `### Exercise 2\n\nDo it.\n\n${folded("Hint", "const hint = 1;")}\n` +
    folded("Solution", "const a = 1;\nassert.equal(a, 1);");
  assert.deepEqual(solutionsOf(notebook(text("# A"), text(exercise))), [
    { name: "exercise 2", code: "const a = 1;\nassert.equal(a, 1);\n" },
  ]);
});
