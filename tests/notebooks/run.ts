// deno task test:notebooks: runs notebooks through Jupyter, each in a fresh kernel.
import { basename, dirname, join } from "node:path";
import { createCommand, parseArguments, wholeNumber } from "../../scripts/_command_line.ts";
import { runCommand, UsageError } from "../../scripts/_failure.ts";
import { NOTEBOOKS, prepareEnvironment, python } from "../../scripts/_notebook_environment.ts";
import { type Figure, renderPng } from "../../lib/chart/mod.ts";
import { busy } from "./_busy.ts";
import {
  type Cell,
  expectedOf,
  faultsOf,
  type Notebook,
  type Output,
  PLOTLY,
  solutionsOf,
  textOf,
} from "./_notebook.ts";

/** The longest that a cell may take, where nothing is said. */
const CELL_SECONDS = 600;

const EXECUTE = join(import.meta.dirname!, "execute.py");

const read = async (file: string): Promise<Notebook> => JSON.parse(await Deno.readTextFile(file));

/** A solution as a cell, in a scope of its own. */
const solutionCell = ({ name, code }: ReturnType<typeof solutionsOf>[number]): Cell => ({
  id: name.replaceAll(" ", "-"),
  cell_type: "code",
  metadata: {},
  source: [`{\n${code}}\n`],
  outputs: [],
  execution_count: null,
});

/** Runs a notebook, and after it in the same kernel the solutions of its exercises; the file stays as it is. */
async function execute(file: string, seconds: number): Promise<Notebook> {
  const folder = await Deno.makeTempDir();
  try {
    const from = join(folder, "from.ipynb"), to = join(folder, "to.ipynb");
    const notebook = await read(file);
    const cells = [...notebook.cells, ...solutionsOf(notebook).map(solutionCell)];
    await Deno.writeTextFile(from, textOf({ ...notebook, cells }));
    const shown = JSON.stringify(cells.map(expectedOf));
    const { success, stderr } = await python(
      [EXECUTE, from, to, dirname(file), String(seconds), shown],
      { stdout: "null", stderr: "piped" },
    ).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
    return await read(to);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Pixels of the picture of a chart: as wide as a notebook's text. */
const WIDTH = 760;

/** A chart with its picture, which is shown where no script runs. */
async function withPicture(output: Output): Promise<Output> {
  const live = output.data?.[PLOTLY] as (Figure & { config?: unknown }) | undefined;
  if (!live) return output;
  const { still: _, ...figure } = live;
  const png = await renderPng(live, { width: WIDTH, scale: 1 });
  return { ...output, data: { ...output.data, [PLOTLY]: figure, "image/png": png.toBase64() } };
}

/** Outputs alone are new, so that what changes is what a reader sees. */
async function write(file: string, executed: Notebook): Promise<void> {
  const notebook = await read(file);
  const cells = await Promise.all(notebook.cells.map(async (cell, i): Promise<Cell> => {
    if (cell.cell_type !== "code") return cell;
    const { outputs = [], execution_count = null } = executed.cells[i]!;
    return { ...cell, execution_count, outputs: await Promise.all(outputs.map(withPicture)) };
  }));
  await Deno.writeTextFile(file, textOf({ ...notebook, cells }));
}

/** What is wrong with a run: in the notebook itself, and in the solutions that were run after it. */
function faultsOfRun(notebook: Notebook, executed: Notebook): string[] {
  const count = notebook.cells.length;
  const own = faultsOf({ ...executed, cells: executed.cells.slice(0, count) });
  const solutions = solutionsOf(notebook).flatMap(({ name }, i) => {
    const { outputs = [], execution_count } = executed.cells[count + i]!;
    const error = outputs.find(({ output_type }) => output_type === "error");
    if (error) return [`${name}: ${error.ename}: ${error.evalue?.split("\n")[0]}`];
    return typeof execution_count === "number" ? [] : [`${name}: did not run`];
  });
  return [...own, ...solutions];
}

/** Runs a notebook and tells of it; whether nothing was wrong. */
async function passes(file: string, isKept: boolean, patience: number): Promise<boolean> {
  const start = performance.now();
  const faults: string[] = [];
  try {
    const executed = await execute(file, patience);
    faults.push(...faultsOfRun(await read(file), executed));
    if (isKept && faults.length === 0) await write(file, executed);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  const isOk = faults.length === 0, seconds = (performance.now() - start) / 1000;
  console.log(`${basename(file)} ... ${isOk ? "ok" : "FAILED"} (${seconds.toFixed(0)}s)`);
  for (const fault of faults) console.log(`  ${fault}`);
  return isOk;
}

/** A name is a part of the name of one in `notebooks/`, or the path of one elsewhere. */
function find(names: readonly string[]): string[] {
  const all = [...Deno.readDirSync(NOTEBOOKS)].map(({ name }) => name)
    .filter((name) => /^\d.*\.ipynb$/.test(name)).sort();
  if (names.length === 0) return all.map((name) => join(NOTEBOOKS, name));
  return names.flatMap((name) => {
    if (name.includes("/")) return [name];
    const found = all.filter((each) => each.includes(name));
    if (found.length === 0) throw new UsageError(`no notebook is called "${name}"`);
    return found.map((each) => join(NOTEBOOKS, each));
  });
}

async function run(args: readonly string[]): Promise<number> {
  const command = createCommand("test:notebooks", "Runs notebooks through Jupyter.", [
    ["all of them", ""],
    ["one of them, and keeps its outputs", "01 --write"],
    ["whether outputs are lost", "tests/notebooks/outputs.ipynb --times 20 --load"],
  ])
    .argument("[names...]", "parts of names, or paths")
    .option("--write", "keep the outputs of those that pass")
    .option("--times <number>", "how often each is run", wholeNumber(1, 1000), 1)
    .option("--load", "keep every core busy beside it")
    .option(
      "--jobs <number>",
      "how many at once: one alone leaves cores idle while its kernel starts",
      wholeNumber(1, 64),
      2,
    )
    .option(
      "--patience <seconds>",
      "the longest that a cell may take, on a busy machine",
      wholeNumber(1, 1_000_000),
      CELL_SECONDS,
    );
  if (!parseArguments(command, args)) return 0;
  const { write = false, times, load = false, jobs, patience } = command.opts();
  const files = find(command.args).flatMap((file) => new Array<string>(times).fill(file));
  await prepareEnvironment();
  using _load = load ? busy() : null;
  let passed = 0;
  const queue = files.values();
  await Promise.all(Array.from({ length: jobs }, async () => {
    for (const file of queue) if (await passes(file, write, patience)) passed++;
  }));
  console.log(`\n${passed} passed | ${files.length - passed} failed`);
  return passed === files.length ? 0 : 1;
}

await runCommand("test:notebooks", run);
