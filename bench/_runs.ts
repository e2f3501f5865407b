// Runs whose records are stored, so that an interrupted study can be continued, and its table made again.
import { join } from "node:path";
import type { RunRecord } from "../mod.ts";
import { writeFileAtomic } from "../lib/files/mod.ts";

/**
 * The record of a run; it is read if an earlier study has stored it.
 *
 * @param folder The folder of the records.
 * @default {none, nothing is stored}
 * @param name The name of the run, unique in the folder.
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
    // There is no record, so make the run.
  }
  const record = await run();
  await Deno.mkdir(folder, { recursive: true });
  await writeFileAtomic(file, new TextEncoder().encode(JSON.stringify(record)));
  return record;
}
