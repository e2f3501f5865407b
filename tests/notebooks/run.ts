// deno task test:notebooks: runs notebooks through Jupyter, each in a fresh kernel.
import { basename, join } from "node:path";
import { createCommand, parsed, wholeNumber } from "../../scripts/_command_line.ts";
import { runCommand, UsageError } from "../../scripts/_failure.ts";
import { NOTEBOOKS, prepareEnvironment, python } from "../../scripts/_notebook_environment.ts";
import { busy } from "./_busy.ts";
import { type Cell, expectedOf, faultsOf, type Notebook, textOf } from "./_notebook.ts";

/** The longest that a cell may take. */
const CELL_SECONDS = 600;

const EXECUTE = join(import.meta.dirname!, "execute.py");

const read = async (file: string): Promise<Notebook> => JSON.parse(await Deno.readTextFile(file));

/** Runs a notebook; the file itself stays as it is. */
async function execute(file: string): Promise<Notebook> {
  const folder = await Deno.makeTempDir();
  try {
    const target = join(folder, basename(file));
    const shown = JSON.stringify((await read(file)).cells.map(expectedOf));
    const { success, stderr } = await python(
      [EXECUTE, file, target, String(CELL_SECONDS), shown],
      { stdout: "null", stderr: "piped" },
    ).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
    return await read(target);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Outputs alone are new, so that what changes is what a reader sees. */
async function write(file: string, executed: Notebook): Promise<void> {
  const notebook = await read(file);
  const cells = notebook.cells.map((cell, i): Cell => {
    if (cell.cell_type !== "code") return cell;
    const { outputs = [], execution_count = null } = executed.cells[i]!;
    return { ...cell, execution_count, outputs };
  });
  await Deno.writeTextFile(file, textOf({ ...notebook, cells }));
}

/** Runs a notebook and tells of it; whether nothing was wrong. */
async function passes(file: string, isKept: boolean): Promise<boolean> {
  const start = performance.now();
  const faults: string[] = [];
  try {
    const executed = await execute(file);
    faults.push(...faultsOf(executed));
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
    .filter((name) => name.endsWith(".ipynb")).sort();
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
    .option("--load", "keep every core busy beside it");
  if (!parsed(command, args)) return 0;
  const { write = false, times, load = false } = command.opts();
  const files = find(command.args).flatMap((file) => new Array<string>(times).fill(file));
  await prepareEnvironment();
  using _load = load ? busy() : null;
  let passed = 0;
  for (const file of files) if (await passes(file, write)) passed++;
  console.log(`\n${passed} passed | ${files.length - passed} failed`);
  return passed === files.length ? 0 : 1;
}

await runCommand("test:notebooks", run);
