// A local JupyterLab with a copy of a notebook.
import { join } from "node:path";
import { NOTEBOOKS, prepareEnvironment, python } from "../../scripts/_notebook_environment.ts";
import { ROOT } from "../scripts/_command.ts";
import { type Notebook, textOf } from "../notebooks/_notebook.ts";
import { until } from "./_browser.ts";

/** Where Jupyter keeps what it remembers: nothing of the user's is read or written. */
const PLACES = [
  "JUPYTER_CONFIG_DIR",
  "JUPYTER_DATA_DIR",
  "JUPYTER_RUNTIME_DIR",
  "JUPYTERLAB_SETTINGS_DIR",
  "JUPYTERLAB_WORKSPACES_DIR",
];

/** A running JupyterLab. */
export interface Jupyter extends AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** The copy of the notebook. */
  readonly file: string;
}

/**
 * Starts JupyterLab in a folder of its own that looks like this project's, all of it links but the notebook.
 *
 * @param name The notebook's file in `notebooks/`.
 * @param code The cells of a notebook of that name, where there is none in `notebooks/`.
 * @returns The server; disposing of it ends it and removes the folder.
 * @throws {Failure} If its environment cannot be made.
 */
export async function startJupyter(name: string, code?: readonly string[]): Promise<Jupyter> {
  await prepareEnvironment();
  const folder = await Deno.makeTempDir({ prefix: "jupyter-" });
  const notebooks = join(folder, "project", "notebooks"), file = join(notebooks, name);
  await Deno.mkdir(notebooks, { recursive: true });
  await link(ROOT, join(folder, "project"), (entry) => !["notebooks", ".git"].includes(entry));
  await link(NOTEBOOKS, notebooks, (entry) => entry !== ".venv" && !entry.endsWith(".ipynb"));
  if (code) await Deno.writeTextFile(file, textOf(notebookOf(code)));
  else await Deno.copyFile(join(NOTEBOOKS, name), file);
  const port = freePort(), log = join(folder, "log.txt");
  const output = await Deno.open(log, { write: true, create: true });
  const server = python([
    ...["-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", `--port=${port}`],
    ...[
      "--ServerApp.port_retries=0",
      "--IdentityProvider.token=",
      `--ServerApp.root_dir=${notebooks}`,
    ],
  ], {
    env: Object.fromEntries(PLACES.map((place) => [place, join(folder, place.toLowerCase())])),
    stdout: "null",
    stderr: "piped",
  });
  const logged = server.stderr.pipeTo(output.writable);
  const url = `http://127.0.0.1:${port}`;
  const end = async () => {
    try {
      server.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await server.status;
    await logged;
    await Deno.remove(folder, { recursive: true });
  };
  try {
    await until(() => answers(`${url}/api/status`), "JupyterLab answers", 120);
  } catch (error) {
    const last = (await Deno.readTextFile(log)).trim().split("\n").at(-1);
    await end();
    throw new Error(`${(error as Error).message}: ${last}`);
  }
  return { url, file, [Symbol.asyncDispose]: end };
}

/** A notebook of code. */
const notebookOf = (code: readonly string[]): Notebook => ({
  cells: code.map((source, i) => ({
    id: `cell-${i}`,
    cell_type: "code",
    metadata: {},
    source: [source],
    outputs: [],
    execution_count: null,
  })),
  metadata: { kernelspec: { name: "deno" } },
  nbformat: 4,
  nbformat_minor: 5,
});

async function link(from: string, to: string, isWanted: (name: string) => boolean): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (!isWanted(name)) continue;
    await Deno.symlink(join(from, name), join(to, name), { type: isDirectory ? "dir" : "file" });
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
