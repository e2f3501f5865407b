// deno task notebook: prepares JupyterLab with this Deno as its kernel, and opens the notebooks.
import { runCommand } from "./_failure.ts";
import { NOTEBOOKS, prepareEnvironment, python } from "./_notebook_environment.ts";

/** The notebook that JupyterLab opens. */
const INDEX = "index.ipynb";

async function notebook(args: readonly string[]): Promise<number> {
  await prepareEnvironment();
  // JupyterLab handles Ctrl-C: it asks whether to end, and then this process ends too.
  Deno.addSignalListener("SIGINT", () => {});
  const options = { cwd: NOTEBOOKS };
  // JupyterLab refuses to run as root without this option.
  const root = Deno.uid() === 0 ? ["--allow-root"] : [];
  const settings = [`--LabApp.default_url=/lab/tree/${INDEX}`, ...root];
  return (await python(["-m", "jupyterlab", ...settings, ...args], options).status).code;
}

await runCommand("notebook", notebook);
