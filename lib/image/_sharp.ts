// The picture codec, sharp, loaded when it is first used.

/**
 * Loads sharp. It is native code, which needs permissions (`--allow-ffi`, `--allow-read`, `--allow-env`); a
 * program that only computes with pictures never loads it and needs none of them.
 *
 * @returns sharp's function, with its settings made.
 */
export const loadSharp = () => loaded ??= load();

let loaded: ReturnType<typeof load> | undefined;

async function load() {
  const { default: sharp } = await import("sharp");
  // sharp would keep decoded files in memory and serve an old picture after its file has changed.
  sharp.cache(false);
  return sharp;
}
