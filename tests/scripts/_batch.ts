// Small batches: their options, pictures and files.
import { join } from "node:path";
import { crop, writeImage } from "../../lib/image/mod.ts";
import { catsFace, runTask, TINY } from "./_command.ts";

export const NOISY = [...TINY, "--add-noise", "25"];
export const batch = (...args: string[]) => runTask("batch", ...args);

/** Writes small pictures, each another part of the cat's face, and gives their folder. */
export async function photosIn(folder: string, ...names: string[]): Promise<string> {
  const photos = join(folder, "photos"), face = await catsFace(64);
  await Deno.mkdir(photos, { recursive: true });
  for (const [i, name] of names.entries()) {
    await writeImage(join(photos, name), crop(face, 8 * i, 4 * i, 32, 32));
  }
  return photos;
}

/** The bytes of files, by name. */
export const bytesOf = (folder: string, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, Deno.readFileSync(join(folder, name))]));
