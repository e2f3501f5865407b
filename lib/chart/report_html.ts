// One page that shows runs: pictures, numbers, charts, settings.
import { escapeHtml, scriptHash, scriptText } from "./_html.ts";
import { plotlySource } from "./_plotly_source.ts";
import script from "./_report.js" with { type: "text" };
import style from "./_report.css" with { type: "text" };
import { runCharts, studyCharts } from "./_report_charts.ts";
import { endingOf, numbersOf, rulesOf } from "./_report_numbers.ts";
import { settingsOf } from "./_report_settings.ts";
import { divided, gallery, pictureUrl } from "./_report_pictures.ts";
import { measurementOf } from "./_report_measurement.ts";
import { tableOf } from "./_report_table.ts";
import type { Report, ReportRun, ReportStudy } from "./report.ts";

/**
 * Writes a report as one HTML page that needs nothing else: it can be mailed, and opened without a network,
 * which its Content-Security-Policy forbids it to use. Charts that a record does not allow are left out.
 *
 * @param report What it shows.
 * @returns The page, some 5 MB of which are Plotly.
 * @throws {RangeError} If pictures of a run differ in shape.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const record = JSON.parse(await Deno.readTextFile("tests/chart/record.json"));
 * const page = await reportHtml({ title: "A run", runs: [{ record }] });
 * assert.match(page, /<h1>A run<\/h1>/);
 * ```
 */
export async function reportHtml(report: Report): Promise<string> {
  const { title, measurement, study, runs = [], command } = report;
  const programs = [scriptText(await plotlySource()), scriptText(script)];
  const hashes = await Promise.all(programs.map(scriptHash));
  const policy = `default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src ${
    hashes.join(" ")
  }`;
  const sections = await Promise.all(
    runs.map((run, i) => sectionOf(run, runs.length > 1 ? `-${i + 1}` : "")),
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${measurement ? await measurementOf(measurement) : ""}
${study ? await studyOf(study) : ""}
${sections.join("\n")}
${command === undefined ? "" : commandOf(command)}
${programs.map((program) => `<script>${program}</script>`).join("\n")}
</body>
</html>
`;
}

async function studyOf(study: ReportStudy): Promise<string> {
  const { results, table, pictures = [], noisyPsnr } = study;
  return `<section>
<h2>Study</h2>
${table ? tableOf(table) : ""}
${await gallery(pictures)}
${studyCharts({ results, ...noisyPsnr === undefined ? {} : { noisyPsnr } })}
</section>`;
}

/** The command line, to be copied. */
const commandOf = (command: string): string =>
  `<section><h2>Again</h2><div class="scroll" tabindex="0" role="region" aria-label="Command">` +
  `<pre><code>${escapeHtml(command)}</code></pre></div></section>`;

async function sectionOf(run: ReportRun, suffix: string): Promise<string> {
  const { name, record } = run;
  return `<section>
${name === undefined ? "" : `<h2>${escapeHtml(name)}</h2>`}
${endingOf(record)}
${await comparisonOf(run)}
${numbersOf(run)}
${record.rules.length > 1 ? rulesOf(record) : ""}
${runCharts(record, suffix)}
<h3>Settings</h3>
${settingsOf(record)}
</section>`;
}

/** The picture before the restoration and after it. */
async function comparisonOf({ record, before, after }: ReportRun): Promise<string> {
  const [first, second] = await Promise.all([
    before ? pictureUrl(before) : record.snapshots?.observed,
    after ? pictureUrl(after) : record.snapshots?.result,
  ]);
  if (first === undefined || second === undefined) return "";
  return divided(["before", first], ["after", second]);
}
