// Compiles the kernels of lib/nonlocal from AssemblyScript to WebAssembly.
import { main } from "assemblyscript/asc";
import { fileURLToPath } from "node:url";

const room = new URL("../lib/nonlocal/", import.meta.url);

/**
 * Compiles the kernels.
 *
 * @returns The module's bytes: the same for the same source and compiler.
 */
export async function buildKernels(): Promise<Uint8Array> {
  let built: Uint8Array | undefined;
  const { error, stderr } = await main([
    "tile.ts",
    "--baseDir",
    fileURLToPath(new URL("kernels/", room)),
    "--outFile",
    "kernels.wasm",
    "-O3",
    // The kernels allocate once and never free memory, so they need no runtime and no imports.
    "--runtime",
    "stub",
    "--noAssert",
    "--use",
    "abort=",
    "--enable",
    "simd",
    "--enable",
    "relaxed-simd",
  ], {
    writeFile: (_name, contents) => {
      if (typeof contents !== "string") built = contents;
    },
  });
  if (error || !built) throw new Error(`the kernels do not compile: ${stderr}`);
  return built;
}

if (import.meta.main) {
  await Deno.writeFile(new URL("kernels.wasm", room), await buildKernels());
}
