// Makes a report as a single HTML page.
import { writeFileAtomic } from "../files/mod.ts";
import type { JsonNumber } from "../restoration/mod.ts";
import {
  effectiveBandwidth,
  fourierRingCorrelation,
  logPower,
  type Spectrum,
  spectrumOf,
  spectrumPicture,
} from "../spectrum/mod.ts";
import { escapeHtml, scriptHash, scriptText } from "./_html.ts";
import { plotlySource } from "./_plotly.ts";
import style from "./_report.css" with { type: "text" };
import script from "./_report.js" with { type: "text" };
import { measurementCharts, runCharts, studyCharts } from "./_report_charts.ts";
import {
  divided,
  endingOf,
  gallery,
  numbersOf,
  pictureUrl,
  qualityOf,
  rulesOf,
  settingsOf,
  tableOf,
  tilesOf,
} from "./_report_parts.ts";
import type { Report, ReportMeasurement, ReportRun, ReportStudy } from "./report.ts";

/**
 * Makes a report as a single HTML page that needs no other files: it can be sent by mail, and opened offline; its
 * Content-Security-Policy forbids network access. Charts for which a record lacks data are left out.
 *
 * @param report The contents.
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

/** The command line, for copying. */
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

/** The pictures before and after the restoration. */
async function comparisonOf({ record, before, after }: ReportRun): Promise<string> {
  const [first, second] = await Promise.all([
    before ? pictureUrl(before) : record.snapshots?.observed,
    after ? pictureUrl(after) : record.snapshots?.result,
  ]);
  if (first === undefined || second === undefined) return "";
  return divided(["before", first], ["after", second]);
}

/**
 * Writes the page of {@linkcode reportHtml} to a file, whole or not at all.
 *
 * @param path The file; an older one is replaced.
 * @param report The contents.
 * @throws {FileError} If the file cannot be written.
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

/** As in a run's snapshots: from below the rounding error of 8 bits to the mean of a bright picture. */
const RANGE = { low: -6, high: 3 } as const;

const digits = (value: JsonNumber) => value === null ? "" : value.toFixed(3);

/** The section about a picture compared with another, as HTML. */
async function measurementOf(measurement: ReportMeasurement): Promise<string> {
  const { output, target, reference, bands, channels, account, window = "none" } = measurement;
  const spectra = {
    output: spectrumOf(output, { window }),
    target: spectrumOf(target, { window }),
    ...reference ? { reference: spectrumOf(reference, { window }) } : {},
  };
  const picture = async ([name, spectrum]: [string, Spectrum]) =>
    [name, await pictureUrl(spectrumPicture(logPower(spectrum), RANGE))] as const;
  const { halfBit } = fourierRingCorrelation(spectra.output, spectra.target).resolution;
  const width = effectiveBandwidth(spectra.output);
  const tiles = tilesOf([
    ...reference ? qualityOf(reference, output, target) : [],
    [
      "Agreement",
      halfBit === null ? "all" : halfBit.toFixed(3),
      `${halfBit === null ? "frequencies" : "cycles/pixel and below"}, by the half-bit threshold`,
    ],
    [
      "Bandwidth",
      width.toFixed(3),
      `cycles/pixel hold 95 % of the power; the target's ${
        effectiveBandwidth(spectra.target).toFixed(3)
      }`,
    ],
  ]);
  const table = tableOf({
    header: [
      ...channels.length > 1 ? ["Channel"] : [],
      ...["Band", `Range, ${bands.unit}`, "H", "Gain", "Coherence"],
    ],
    rows: channels.flatMap(({ name, correspondence, gain, coherence }) =>
      bands.ranges.map((range, i) => [
        ...channels.length > 1 ? [name] : [],
        ...[`${i + 1}`, range],
        ...[correspondence, gain, coherence].map((values) => digits(values[i]!)),
      ])
    ),
  });
  const charts = measurementCharts({
    channels,
    ...account ? { account } : {},
    spectra,
    pictures: await Promise.all(Object.entries(spectra).map(picture)),
    range: RANGE,
  });
  const pictures = divided(
    ["target", await pictureUrl(target)],
    ["output", await pictureUrl(output)],
  );
  return `<section>\n${pictures}\n${tiles}\n${table}\n${charts}\n</section>`;
}
