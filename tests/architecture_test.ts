// Imports run one way between the folders of the library (ARCHITECTURE.md).
import assert from "node:assert/strict";
import { posix } from "node:path";

const root = new URL("../", import.meta.url);

/** The file outside the folders, which all of them may import and which imports nothing. */
const CHECKS = "lib/check.ts";

/** The folders that each folder may import, and nothing else. */
const FOLDERS: Record<string, readonly string[]> = {
  random: [],
  files: [],
  image: ["random", "files"],
  noise: ["random", "image", "spectrum"],
  nonlocal: ["random", "image", "noise"],
  engine: [],
  degradation: ["files", "image", "noise", "spectrum", "engine", "random"],
  network: ["engine", "random"],
  spectrum: ["image"],
  stopping: ["random", "image", "noise"],
  baseline: ["random", "image", "noise", "nonlocal", "engine"],
  restoration: [
    "files",
    "image",
    "noise",
    "nonlocal",
    "degradation",
    "engine",
    "network",
    "random",
    "spectrum",
    "stopping",
  ],
  tangent: ["engine", "network", "random", "spectrum"],
  chart: ["files", "image", "noise", "spectrum", "stopping", "restoration"],
};

/** Every TypeScript file below a folder, as a path from the root; none where there is no folder. */
async function* filesIn(folder: string): AsyncGenerator<string> {
  try {
    for await (const { name, isDirectory } of Deno.readDir(new URL(`${folder}/`, root))) {
      if (isDirectory) yield* filesIn(`${folder}/${name}`);
      else if (name.endsWith(".ts")) yield `${folder}/${name}`;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A file without its comments. */
async function codeOf(file: string): Promise<string> {
  const source = await Deno.readTextFile(new URL(file, root));
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

/** What a file imports: paths from the root for its own files, else the specifier. */
async function importsOf(file: string): Promise<string[]> {
  const code = await codeOf(file);
  const specifiers = [
    /^\s*(?:import|export)\s(?:[^;"']*?\sfrom\s+)?"([^"]+)"/gm,
    /\bimport\(\s*"([^"]+)"/g,
    /\bnew URL\(\s*"([^"]+\.ts)",\s*import\.meta\.url/g,
  ].flatMap((pattern) => [...code.matchAll(pattern)].map(([, specifier]) => specifier!));
  return specifiers.map((specifier) =>
    specifier.startsWith(".") ? posix.join(posix.dirname(file), specifier) : specifier
  );
}

const isOwn = (path: string) => /^(?:lib|scripts|tests|bench|notebooks)\/|^mod\.ts$/.test(path);

async function each(
  folder: string,
  check: (file: string, imported: string) => void,
): Promise<number> {
  let files = 0;
  for await (const file of filesIn(folder)) {
    files++;
    for (const imported of await importsOf(file)) check(file, imported);
  }
  return files;
}

Deno.test("folders of the library import only folders below them, through their mod.ts", async () => {
  const files = await each("lib", (file, imported) => {
    assert.notEqual(file, CHECKS, `${file} imports ${imported}`);
    if (imported === CHECKS) return;
    const folder = file.split("/")[1]!;
    const allowed = FOLDERS[folder];
    assert.ok(allowed, `${file}: the folder ${folder} is not in the plan`);
    if (!isOwn(imported)) return;
    assert.match(imported, /^lib\//, `${file} imports ${imported}`);
    const other = imported.split("/")[1]!;
    if (other === folder) return;
    assert.ok(allowed.includes(other), `${file} imports ${imported}`);
    assert.equal(imported, `lib/${other}/mod.ts`, `${file} imports ${imported}`);
  });
  assert.ok(files > 20);
});

Deno.test("the imports of the folders have no cycle", () => {
  const reached = (folder: string, seen: readonly string[]): void => {
    assert.ok(!seen.includes(folder), [...seen, folder].join(" -> "));
    for (const next of FOLDERS[folder]!) reached(next, [...seen, folder]);
  };
  for (const folder of Object.keys(FOLDERS)) reached(folder, []);
});

Deno.test("only the folders that compute with tensors import tfjs, and through the engine", async () => {
  await each("lib", (file, imported) => {
    if (imported.startsWith("@tensorflow") || imported.startsWith("onnxruntime-node")) {
      const version = imported.endsWith("/package.json");
      assert.ok(version || file.startsWith("lib/engine/"), `${file} imports ${imported}`);
    }
  });
});

Deno.test("scripts, benches and notebooks import mod.ts or the folders, not their insides", async () => {
  for (const folder of ["scripts", "bench", "notebooks"]) {
    await each(folder, (file, imported) => {
      const inside = imported.startsWith("lib/") && !/^lib\/\w+\/mod\.ts$/.test(imported);
      assert.ok(!inside && !imported.startsWith("tests/"), `${file} imports ${imported}`);
    });
  }
});

Deno.test("mod.ts imports the folders and nothing else", async () => {
  for (const imported of await importsOf("mod.ts")) {
    assert.match(imported, /^lib\/\w+\/mod\.ts$/);
  }
});

Deno.test("a helper of fewer than 25 lines of code is in the file of its only user", async () => {
  const users = new Map<string, Set<string>>();
  for (const folder of ["lib", "scripts", "bench", "notebooks"]) {
    await each(folder, (file, imported) => {
      if (isOwn(imported)) users.set(imported, (users.get(imported) ?? new Set()).add(file));
    });
  }
  for (const [file, [user, ...others]] of users) {
    // A public function may have a file of its own; a folder has a mod.ts, and a worker a file.
    const isOfOne = others.length === 0 && !user!.endsWith("/mod.ts");
    if (!isOfOne || /(?:\/mod|worker)\.ts$/.test(file)) continue;
    const lines = (await codeOf(file)).split("\n").filter((line) => line.trim() !== "");
    assert.ok(lines.length >= 25, `${file} has ${lines.length} lines and one user, ${user}`);
  }
});
