// What a run came to, in numbers and in words.
import { type Image, psnr, ssim } from "../image/mod.ts";
import type { Finite, RunRecord } from "../restoration/mod.ts";
import { escapeHtml } from "./_html.ts";
import { tableOf } from "./_report_table.ts";
import type { ReportRun } from "./report.ts";

/** A number with its name and perhaps a note, as HTML. */
export type Tile = readonly [name: string, value: string, note?: string];

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

/** Numbers that catch the eye, each with its name and perhaps a note. */
export function tilesOf(tiles: readonly Tile[]): string {
  const items = tiles.map(([name, value, note = ""]) =>
    `<div><dt>${name}</dt><dd>${value}${note && `<small>${note}</small>`}</dd></div>`
  );
  return `<dl class="numbers">${items.join("")}</dl>`;
}

/** How good a picture is, and how much better than before. */
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

/** Why a run ended, and what else there is to say of it, as a paragraph. */
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

/** What every rule made of the run, as a table. */
export function rulesOf({ rules }: RunRecord): string {
  const decibel = (value: Finite | undefined) => value == null ? "" : value.toFixed(2);
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
