// The Python environment of the notebooks: JupyterLab, and this Deno as its kernel.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Failure } from "./_failure.ts";

/** The folder of the notebooks. */
export const NOTEBOOKS = fileURLToPath(new URL("../notebooks", import.meta.url));

const REQUIREMENTS = join(NOTEBOOKS, "requirements.txt");
const ENVIRONMENT = join(NOTEBOOKS, ".venv");

/** Written last. If it is missing, or has other requirements, the environment is created anew. */
const COMPLETE = join(ENVIRONMENT, "complete.txt");

const isWindows = Deno.build.os === "windows";
const programs = join(ENVIRONMENT, isWindows ? "Scripts" : "bin");

/** Possible names of Python 3. */
const PYTHONS = isWindows ? ["py", "python"] : ["python3", "python"];

/** Environment variables that make Jupyter use only this environment. */
const ENV = {
  VIRTUAL_ENV: ENVIRONMENT,
  JUPYTER_PREFER_ENV_PATH: "1",
  PATH: `${programs}${isWindows ? ";" : ":"}${Deno.env.get("PATH") ?? ""}`,
};

/**
 * Starts the environment's Python.
 *
 * @param args Its arguments.
 * @param options The working folder and the handling of its output.
 * @returns The process.
 */
export function python(
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Deno.ChildProcess {
  const command = join(programs, isWindows ? "python.exe" : "python");
  const env = { ...options.env, ...ENV };
  return new Deno.Command(command, { ...options, args: [...args], env }).spawn();
}

/**
 * Creates the environment unless it exists with the same requirements, and registers this Deno as its kernel.
 *
 * @throws {Failure} If there is no Python 3 with `venv`, or the packages cannot be installed.
 */
export async function prepareEnvironment(): Promise<void> {
  const wanted = await Deno.readTextFile(REQUIREMENTS);
  if (await Deno.readTextFile(COMPLETE).catch(() => "") !== wanted) {
    console.error("preparing the notebooks' environment, once: some minutes");
    await makeEnvironment();
    const installed = await python(["-m", "pip", "install", "--quiet", "-r", REQUIREMENTS]).status;
    if (!installed.success) throw new Failure("pip could not install notebooks/requirements.txt");
    await Deno.writeTextFile(COMPLETE, wanted);
  }
  // At every start, because Deno may have moved; npx moves it with every version.
  await writeJson(["kernels", "deno", "kernel.json"], {
    argv: [Deno.execPath(), "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  });
  // Disables network requests, and the question whether they are allowed.
  await writeJson(["lab", "settings", "overrides.json"], {
    "@jupyterlab/apputils-extension:notification": { checkForUpdates: false, fetchNews: "false" },
  });
}

/** Writes a data file of Jupyter in the environment. */
async function writeJson(path: readonly string[], data: unknown): Promise<void> {
  const file = join(ENVIRONMENT, "share", "jupyter", ...path);
  await Deno.mkdir(dirname(file), { recursive: true });
  await Deno.writeTextFile(file, JSON.stringify(data));
}

async function makeEnvironment(): Promise<void> {
  const isThree = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))";
  for (const name of PYTHONS) {
    if (!await succeeds(name, "-c", isThree)) continue;
    if (await succeeds(name, "-m", "venv", "--clear", ENVIRONMENT)) return;
  }
  throw new Failure(
    "Python 3.10 or later with venv is needed (Debian and Ubuntu: apt install python3-venv)",
  );
}

async function succeeds(command: string, ...args: string[]): Promise<boolean> {
  try {
    const options: Deno.CommandOptions = { args, stdout: "null", stderr: "null" };
    return (await new Deno.Command(command, options).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
