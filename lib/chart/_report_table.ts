// A table in a report.
import { escapeHtml } from "./_html.ts";
import type { ReportTable } from "./report.ts";

/** The table; where it is wider than the page it is scrolled alone, by the keyboard too. */
export function tableOf({ header, rows }: ReportTable): string {
  const head = header.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const lines = rows.map((row) =>
    `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${head}</tr></thead>` +
    `<tbody>${lines.join("")}</tbody></table></div>`;
}
