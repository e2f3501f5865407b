// deno task notebook: prepares JupyterLab with this Deno as its kernel, and opens it.
import { runCommand } from "./_failure.ts";
import { NOTEBOOKS, prepareEnvironment, python } from "./_notebook_environment.ts";

async function notebook(args: readonly string[]): Promise<number> {
  await prepareEnvironment();
  // Ctrl-C is JupyterLab's: it asks whether to end, and this ends with it.
  Deno.addSignalListener("SIGINT", () => {});
  const options = { cwd: NOTEBOOKS };
  return (await python(["-m", "jupyterlab", ...args], options).status).code;
}

await runCommand("notebook", notebook);
