// The parts of a report: numbers, tables, settings and pictures as HTML.
import { encodePng, type Image, psnr, ssim } from "../image/mod.ts";
import type { JsonNumber, RunRecord } from "../restoration/mod.ts";
import { escapeHtml } from "./_html.ts";
import { sidesOf } from "./_panels.ts";
import type { ReportRun, ReportTable } from "./report.ts";

/** A number with its name and optionally a note, as HTML. */
type Tile = readonly [name: string, value: string, note?: string];

/** The numbers of a run as a list of tiles. */
export function numbersOf({ record, before, after, reference }: ReportRun): string {
  const { stop, seconds, series, guide } = record;
  const tiles: Tile[] = [];
  if (reference && after) {
    tiles.push(...qualityOf(reference, after, before));
  } else {
    const value = series.averagePsnr?.[stop.best - 1];
    if (value != null) tiles.push(["PSNR", `${value.toFixed(2)} dB`]);
  }
  tiles.push(["Iterations", `${stop.iteration}`, `picture of iteration ${stop.best}`]);
  if (guide) {
    tiles.push(["Initial estimate", durationOf(guide.seconds), `${guide.draws} draws`]);
  }
  const each = series.milliseconds.reduce((sum, value) => sum + value, 0) / stop.iteration;
  tiles.push([
    "Time",
    durationOf(seconds),
    Number.isFinite(each) ? `${each.toFixed(1)} ms a step` : "",
  ]);
  return tilesOf(tiles);
}

/** A list of prominent numbers, each with its name and optionally a note. */
export function tilesOf(tiles: readonly Tile[]): string {
  const items = tiles.map(([name, value, note = ""]) =>
    `<div><dt>${name}</dt><dd>${value}${note && `<small>${note}</small>`}</dd></div>`
  );
  return `<dl class="numbers">${items.join("")}</dl>`;
}

/** The quality of a picture, and its gain over the picture before. */
export function qualityOf(reference: Image, after: Image, before: Image | undefined): Tile[] {
  const value = psnr(after, reference), from = before && psnr(before, reference);
  const likeness = ssim(after, reference), once = before && ssim(before, reference);
  return [
    ["PSNR", `${value.toFixed(2)} dB`, changeOf(from, value, 2)],
    ["SSIM", likeness.toFixed(3), changeOf(once, likeness, 3)],
  ];
}

function changeOf(from: number | undefined, to: number, digits: number): string {
  if (from === undefined) return "";
  const change = to - from;
  return `${change < 0 ? "−" : "+"}${Math.abs(change).toFixed(digits)}, from ${
    from.toFixed(digits)
  }`;
}

function durationOf(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`;
}

/** Why a run ended, and other remarks, as a paragraph. */
export function endingOf({ stop, events, guide }: RunRecord): string {
  const { reason, iteration, best, rule } = stop;
  const failure = events.find(({ kind }) => kind === "failure");
  const sentences = [
    {
      rule: `The rule ${rule} ended the run after ${iteration} iterations.`,
      iterations: `The run made all of its ${iteration} iterations.`,
      aborted: `The run was interrupted after ${iteration} iterations.`,
      diverged: `The run was given up after ${iteration} iterations: its loss kept diverging.`,
      failed: `An error ended the run after ${iteration} iterations: ${
        failure?.message ?? "unknown"
      }.`,
    }[reason],
  ];
  sentences.push(
    best > 0
      ? `The picture is that of iteration ${best}, chosen by ${rule}.`
      : guide
      ? "The picture is the initial estimate."
      : "No iteration was good: the picture is the observed one.",
  );
  const divergences = events.filter(({ kind }) => kind === "divergence").length;
  if (divergences > 0) {
    sentences.push(
      `It diverged ${divergences === 1 ? "once" : `${divergences} times`} and went back.`,
    );
  }
  return `<p>${escapeHtml(sentences.join(" "))}</p>`;
}

/** The reports of all rules as a table. */
export function rulesOf({ rules }: RunRecord): string {
  const decibel = (value: JsonNumber | undefined) => value == null ? "" : value.toFixed(2);
  return tableOf({
    header: ["Rule", "Stopped", "Best", "PSNR (dB)", "Below the best (dB)"],
    rows: rules.map(({ name, stop, best, psnr, lost }) => [
      name,
      `${stop ?? "did not"}`,
      `${best ?? ""}`,
      decibel(psnr),
      decibel(lost),
    ]),
  });
}

/** A table. If it is wider than the page it scrolls by itself, also by keyboard. */
export function tableOf({ header, rows }: ReportTable): string {
  const head = header.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const lines = rows.map((row) =>
    `<tr>${row.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${head}</tr></thead>` +
    `<tbody>${lines.join("")}</tbody></table></div>`;
}

/** All settings and versions. */
export function settingsOf(record: RunRecord): string {
  const { task, seed, picture, settings, engine, versions } = record;
  const { height, width, channels } = picture;
  const { noiseSigma, ...others } = settings;
  const rows = flat({
    task,
    picture: `${width} × ${height}, ${channels === 1 ? "grey" : "colour"}`,
    seed,
    ...others,
    noise: noiseSigma && `σ ${(255 * noiseSigma.value).toFixed(1)} of 255, ${noiseSigma.from}`,
    convolutions: engine?.convolutions,
    memory: engine && `${(engine.memory / 1e9).toFixed(2)} GB, estimated`,
    version: versions,
  });
  const lines = rows.map(([name, value]) =>
    `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`
  );
  return `<div class="scroll" tabindex="0" role="region" aria-label="Settings">` +
    `<table class="settings"><tbody>${lines.join("")}</tbody></table></div>`;
}

/** The leaves of nested data by path; undefined ones are left out. */
function flat(data: object, path = ""): [name: string, value: string][] {
  return Object.entries(data).flatMap(([name, value]): [string, string][] => {
    const at = path + name;
    if (value === null || value === undefined) return [];
    if (Array.isArray(value) && value.every((item) => typeof item !== "object")) {
      return [[at, value.join(", ")]];
    }
    return typeof value === "object" ? flat(value, `${at}.`) : [[at, String(value)]];
  });
}

/** The longest side of pictures; larger ones are made smaller. */
const LONGEST = 2048;

/** Pictures narrower than this are enlarged with sharp pixels. */
const SMALL = 640;

/** A picture as a PNG data URL. */
export const pictureUrl = async (image: Image): Promise<string> =>
  `data:image/png;base64,${(await encodePng(image, { longest: LONGEST })).toBase64()}`;

/**
 * Two pictures on top of each other, with a movable divider between them.
 *
 * @param left Name and data URL of the picture on the left.
 * @param right The same for the one on the right, which gives the size.
 * @returns HTML.
 */
export function divided(
  left: readonly [name: string, source: string],
  right: readonly [name: string, source: string],
): string {
  const { height, width } = sidesOf(right[1]);
  const look = width < SMALL ? "pixelated" : "";
  const ratio = width / height;
  const size = `aspect-ratio: ${ratio}; max-width: min(${Math.max(width, SMALL)}px, ${
    80 * ratio
  }vh)`;
  const [first, second] = [left, right].map(([name]) => escapeHtml(name));
  return `<figure class="comparison" style="${size}">
<img class="${look}" src="${right[1]}" alt="Picture: ${second}">
<img class="before ${look}" src="${left[1]}" alt="Picture: ${first}">
<input type="range" min="0" max="100" value="50" step="0.5" aria-label="Divider between ${first} and ${second}">
<div class="divider"></div>
<figcaption><span>${first}</span><span>${second}</span></figcaption>
</figure>`;
}

/** A picture in a gallery: its name, optionally a note, and the image. */
interface Shown {
  readonly name: string;
  readonly note?: string;
  readonly image: Image;
}

/**
 * Pictures in rows that fill the width of the page.
 *
 * @param pictures The pictures.
 * @returns HTML; empty if there are none.
 */
export async function gallery(pictures: readonly Shown[]): Promise<string> {
  if (pictures.length === 0) return "";
  const items = await Promise.all(pictures.map(async ({ name, note = "", image }) => {
    const look = image.width < SMALL ? ` class="pixelated"` : "";
    const title = escapeHtml(name);
    return `<figure><img${look} src="${await pictureUrl(image)}" alt="Picture: ${title}">` +
      `<figcaption>${title}${note && `<small>${escapeHtml(note)}</small>`}</figcaption></figure>`;
  }));
  return `<div class="gallery">${items.join("\n")}</div>`;
}
