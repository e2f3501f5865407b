// A report in a file.
import { writeFileAtomic } from "../image/mod.ts";
import { reportHtml } from "./report_html.ts";
import type { Report } from "./report.ts";

/**
 * Writes {@linkcode reportHtml}'s page to a file, whole or not at all.
 *
 * @param path The file; an older one is replaced.
 * @param report What it shows.
 * @throws {ImageError} If the file cannot be written.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile({ suffix: ".html" });
 * await writeReport(path, { title: "Nothing yet" });
 * assert.match(await Deno.readTextFile(path), /^<!DOCTYPE html>/);
 * await Deno.remove(path);
 * ```
 */
export async function writeReport(path: string, report: Report): Promise<void> {
  await writeFileAtomic(path, new TextEncoder().encode(await reportHtml(report)));
}
