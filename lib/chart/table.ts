// Tables of numbers in HTML, or in plain text where HTML is not possible.
import { escapeHtml } from "./_html.ts";

/** A row of a table: the values of the cells by column title. */
export type Row = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The text of a cell; a dash for infinity and for a missing value. */
function textOf(value: Row[string]): string {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return String(value);
  return Number.isFinite(value) ? String(value).replace("-", "−") : "–";
}

/** Whether a cell is a number or the text of one. */
const isNumber = (value: Row[string]) =>
  value === null || typeof value === "number" ||
  (typeof value === "string" && /^[−+-]?\d[\d.]*$/.test(value));

/** Titles of all columns, in the order in which they first appear. */
const columnsOf = (rows: readonly Row[]): string[] => [...new Set(rows.flatMap(Object.keys))];

/**
 * A list of rows as an HTML table; numbers are aligned to the right.
 *
 * @param rows The rows.
 * @returns The table.
 *
 * @example A number that is not finite, or missing, is a dash
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const html = tableHtml([{ network: "dip", "learned at": Infinity }]);
 * assert.match(html, /<th scope="col">network<\/th>/);
 * assert.match(html, />–<\/td>/);
 * ```
 */
export function tableHtml(rows: readonly Row[]): string {
  const columns = columnsOf(rows);
  const right = ' style="text-align: right"';
  const numeric = columns.map((name) => rows.every((row) => isNumber(row[name] ?? null)));
  const head = columns.map((name, i) =>
    `<th scope="col"${numeric[i] ? right : ""}>${escapeHtml(name)}</th>`
  );
  const body = rows.map((row) => {
    const cells = columns.map((name, i) =>
      `<td${numeric[i] ? right : ""}>${escapeHtml(textOf(row[name]))}</td>`
    );
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<table><thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

/**
 * The same in plain text.
 *
 * @param rows The rows.
 * @returns Lines of columns.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(tableText([{ a: 1, b: "x" }, { a: 22, b: "y" }]), " a  b\n 1  x\n22  y");
 * ```
 */
export function tableText(rows: readonly Row[]): string {
  const columns = columnsOf(rows);
  const lines = [columns, ...rows.map((row) => columns.map((name) => textOf(row[name])))];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines.map((line) => line.map((cell, i) => cell.padStart(widths[i]!)).join("  ")).join(
    "\n",
  );
}
