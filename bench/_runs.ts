// Runs whose records are kept, so that a table can be made again, and an interrupted study goes on.
import { join } from "node:path";
import type { RunRecord } from "../mod.ts";
import { writeFileAtomic } from "../lib/files/mod.ts";

/**
 * The record of a run; it is read if an earlier study left it.
 *
 * @param folder Where records are kept; nothing is kept if it is left out.
 * @param name What the run is called; one name, one run.
 * @param run Makes the run.
 */
export async function recordOf(
  folder: string | undefined,
  name: string,
  run: () => Promise<RunRecord>,
): Promise<RunRecord> {
  if (folder === undefined) return await run();
  const file = join(folder, `${name.replaceAll(/[^\w.=-]+/g, "_")}.json`);
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch {
    // It is made now.
  }
  const record = await run();
  await Deno.mkdir(folder, { recursive: true });
  await writeFileAtomic(file, new TextEncoder().encode(JSON.stringify(record)));
  return record;
}
