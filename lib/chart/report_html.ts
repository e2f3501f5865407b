// One page that shows runs: pictures, numbers, charts, settings.
import { encodePng, type Image } from "../image/mod.ts";
import { escapeHtml, scriptHash, scriptText } from "./_html.ts";
import { plotlySource } from "./_plotly_source.ts";
import script from "./_report.js" with { type: "text" };
import style from "./_report.css" with { type: "text" };
import { runCharts, studyCharts } from "./_report_charts.ts";
import { endingOf, numbersOf, rulesOf } from "./_report_numbers.ts";
import { settingsOf } from "./_report_settings.ts";
import { sidesOf } from "./_picture.ts";
import type { Report, ReportRun } from "./report.ts";

/** Pictures are made smaller so that no side is longer. */
const LONGEST = 2048;

/** Pictures narrower than this are shown enlarged, pixel by pixel. */
const SMALL = 640;

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
export async function reportHtml({ title, runs = [], study = [] }: Report): Promise<string> {
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
${sections.join("\n")}
${study.length > 0 ? `<section><h2>Study</h2>${studyCharts(study)}</section>` : ""}
${programs.map((program) => `<script>${program}</script>`).join("\n")}
</body>
</html>
`;
}

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

/** Both pictures on top of each other, and what divides them. */
async function comparisonOf({ record, before, after }: ReportRun): Promise<string> {
  const [first, second] = await Promise.all([
    before ? urlOf(before) : record.snapshots?.observed,
    after ? urlOf(after) : record.snapshots?.result,
  ]);
  if (first === undefined || second === undefined) return "";
  const { height, width } = sidesOf(second);
  const look = width < SMALL ? "pixelated" : "";
  const ratio = width / height;
  const size = `aspect-ratio: ${ratio}; max-width: min(${Math.max(width, SMALL)}px, ${
    80 * ratio
  }vh)`;
  return `<figure class="comparison" style="${size}">
<img class="${look}" src="${second}" alt="After the restoration">
<img class="before ${look}" src="${first}" alt="Before the restoration">
<input type="range" min="0" max="100" value="50" step="0.5" aria-label="Divider between before and after">
<div class="divider"></div>
<figcaption><span>before</span><span>after</span></figcaption>
</figure>`;
}

const urlOf = async (image: Image): Promise<string> =>
  `data:image/png;base64,${(await encodePng(image, { longest: LONGEST })).toBase64()}`;
