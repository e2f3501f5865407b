// deno task test:notebooks [--write] [NAME...]: runs the notebooks through Jupyter, each in a fresh kernel.
import { basename, join } from "node:path";
import { runCommand } from "../../scripts/_failure.ts";
import { NOTEBOOKS, prepareEnvironment, python } from "../../scripts/_notebook_environment.ts";
import { type Cell, faultsOf, type Notebook } from "./_notebook.ts";

/** The longest that a cell may take. */
const CELL_SECONDS = 600;

const EXECUTE = join(import.meta.dirname!, "execute.py");

const read = async (file: string): Promise<Notebook> => JSON.parse(await Deno.readTextFile(file));

/** Runs a notebook; the file itself stays as it is. */
async function execute(file: string): Promise<Notebook> {
  const folder = await Deno.makeTempDir();
  try {
    const target = join(folder, basename(file));
    const { success, stderr } = await python(
      [EXECUTE, file, target, String(CELL_SECONDS)],
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
  await Deno.writeTextFile(file, `${JSON.stringify({ ...notebook, cells }, null, 1)}\n`);
}

async function run(args: readonly string[]): Promise<number> {
  await prepareEnvironment();
  const isKept = args.includes("--write"), chosen = args.filter((arg) => !arg.startsWith("--"));
  const names = [...Deno.readDirSync(NOTEBOOKS)].map(({ name }) => name)
    .filter((name) => name.endsWith(".ipynb"))
    .filter((name) => chosen.length === 0 || chosen.some((part) => name.includes(part))).sort();
  let failed = 0;
  for (const name of names) {
    const file = join(NOTEBOOKS, name), start = performance.now();
    const faults: string[] = [];
    try {
      const executed = await execute(file);
      faults.push(...faultsOf(executed));
      if (isKept && faults.length === 0) await write(file, executed);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`${name} ... ${faults.length > 0 ? "FAILED" : "ok"} (${seconds}s)`);
    for (const fault of faults) console.log(`  ${fault}`);
    if (faults.length > 0) failed++;
  }
  console.log(`\n${names.length - failed} passed | ${failed} failed`);
  return failed > 0 || names.length === 0 ? 1 : 0;
}

await runCommand("test:notebooks", run);
