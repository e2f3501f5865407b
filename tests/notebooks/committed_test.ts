// The committed notebooks: with their outputs, in the order of reading.
import assert from "node:assert/strict";
import { type Cell, faultsOf, faultsOfKept, type Notebook } from "./_notebook.ts";

const folder = new URL("../../notebooks/", import.meta.url);

/** The contents, which `deno task notebook` opens. */
const INDEX = "index.ipynb";

const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
  .filter((name) => name.endsWith(".ipynb") && name !== INDEX).sort();

const read = async (name: string): Promise<Notebook> =>
  JSON.parse(await Deno.readTextFile(new URL(name, folder)));
const codeOf = ({ cells }: Notebook) => cells.filter(({ cell_type }) => cell_type === "code");
const textOf = ({ source }: Cell) => source.join("");

Deno.test("notebooks are numbered from 01 without a gap", () => {
  assert.ok(names.length > 0);
  assert.deepEqual(
    names.map((name) => name.slice(0, 3)),
    names.map((_, i) => `${String(i + 1).padStart(2, "0")}-`),
  );
});

Deno.test("the index links every notebook in the order of reading, and has no code", async () => {
  const { cells } = await read(INDEX);
  assert.ok(cells.every(({ cell_type }) => cell_type === "markdown"));
  const text = cells.map(textOf).join("\n");
  const linked = [...text.matchAll(/\]\(([^):]+\.ipynb)\)/g)].map(([, to]) => to!);
  assert.deepEqual(linked, names);
});

names.forEach((name, i) => {
  Deno.test(`${name} is kept as it was run, top to bottom`, async () => {
    const notebook = await read(name), code = codeOf(notebook);
    assert.deepEqual([...faultsOf(notebook), ...faultsOfKept(notebook)], []);
    assert.deepEqual(code.map((cell) => cell.execution_count), code.map((_, k) => k + 1));
    assert.ok(code.some((cell) => textOf(cell).includes("assert")), "asserts what it finds");
  });

  Deno.test(`${name} has lines of at most 100 characters, links its neighbours, and has no broken link`, async () => {
    const { cells } = await read(name);
    const text = cells.filter(({ cell_type }) => cell_type === "markdown").map(textOf).join("\n\n");
    assert.match(text, new RegExp(`^# ${i + 1}\\. `));
    const linked = [...text.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, to]) => to!);
    for (const to of linked) assert.ok((await Deno.stat(new URL(to, folder))).isFile, to);
    for (const line of text.split("\n")) {
      // A table's row cannot be wrapped.
      assert.ok(line.length <= 100 || line.startsWith("|"), `too long: ${line}`);
    }
    for (const neighbour of [names[i - 1], names[i + 1]]) {
      if (neighbour) assert.ok(linked.includes(neighbour), `no link to ${neighbour}`);
    }
  });
});
