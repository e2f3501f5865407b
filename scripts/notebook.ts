// deno task notebook: prepares JupyterLab with this Deno as its kernel, and opens the course.
import { runCommand } from "./_failure.ts";
import { NOTEBOOKS, prepareEnvironment, python } from "./_notebook_environment.ts";

/** What JupyterLab opens. */
const INDEX = "index.ipynb";

async function notebook(args: readonly string[]): Promise<number> {
  await prepareEnvironment();
  // Ctrl-C is JupyterLab's: it asks whether to end, and this ends with it.
  Deno.addSignalListener("SIGINT", () => {});
  const options = { cwd: NOTEBOOKS };
  // Whoever is root already has decided; JupyterLab would refuse.
  const root = Deno.uid() === 0 ? ["--allow-root"] : [];
  const settings = [`--LabApp.default_url=/lab/tree/${INDEX}`, ...root];
  return (await python(["-m", "jupyterlab", ...settings, ...args], options).status).code;
}

await runCommand("notebook", notebook);
