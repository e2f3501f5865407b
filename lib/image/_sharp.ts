// sharp, the library that reads and writes pictures, loaded on first use.

/**
 * Loads sharp. It is native code, which needs permissions (`--allow-ffi`, `--allow-read`, `--allow-env`). A program
 * that only computes with pictures does not load it, so it needs none of them.
 *
 * @returns sharp, configured.
 */
export const loadSharp = () => loaded ??= load();

let loaded: ReturnType<typeof load> | undefined;

async function load() {
  const { default: sharp } = await import("sharp");
  // sharp would keep decoded files in memory, and return an old picture after its file has changed.
  sharp.cache(false);
  return sharp;
}
