// The WebAssembly module is up to date with its source.
import assert from "node:assert/strict";
import { buildKernels } from "../../scripts/build_wasm.ts";

Deno.test("lib/nonlocal/kernels.wasm is built from kernels/ (deno task build:wasm)", async () => {
  const committed = await Deno.readFile(
    new URL("../../lib/nonlocal/kernels.wasm", import.meta.url),
  );
  assert.deepEqual(await buildKernels(), committed);
});
