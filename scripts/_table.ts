// A plain text table; numbers are aligned to the right.

/**
 * Formats rows as columns.
 *
 * @param header The columns' names.
 * @param rows Their cells.
 * @returns Lines without a final line break.
 *
 * @example
 * ```ts
 * import { table } from "./_table.ts";
 * import assert from "node:assert/strict";
 * assert.equal(table(["band", "H"], [["low", 0.9], ["highest", 0.1]]), "band       H\nlow      0.9\nhighest  0.1");
 * ```
 */
export function table(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ")
  ).join("\n");
}
