// What a run came to, in numbers and in words.
import { psnr, ssim } from "../image/mod.ts";
import type { Finite, RunRecord } from "../restoration/mod.ts";
import { escapeHtml } from "./_html.ts";
import type { ReportRun } from "./report.ts";

/** The numbers as a list of tiles. */
export function numbersOf({ record, before, after, reference }: ReportRun): string {
  const { stop, seconds, series } = record;
  const tiles: [name: string, value: string, note?: string][] = [];
  if (reference && after) {
    const value = psnr(after, reference), from = before && psnr(before, reference);
    tiles.push(["PSNR", `${value.toFixed(2)} dB`, changeOf(from, value, 2)]);
    const likeness = ssim(after, reference), once = before && ssim(before, reference);
    tiles.push(["SSIM", likeness.toFixed(3), changeOf(once, likeness, 3)]);
  } else {
    const value = series.averagePsnr?.[stop.best - 1];
    if (value != null) tiles.push(["PSNR", `${value.toFixed(2)} dB`]);
  }
  tiles.push(["Iterations", `${stop.iteration}`, `picture of iteration ${stop.best}`]);
  const each = series.milliseconds.reduce((sum, value) => sum + value, 0) / stop.iteration;
  tiles.push([
    "Time",
    durationOf(seconds),
    Number.isFinite(each) ? `${each.toFixed(1)} ms a step` : "",
  ]);
  const items = tiles.map(([name, value, note = ""]) =>
    `<div><dt>${name}</dt><dd>${value}${note && `<small>${note}</small>`}</dd></div>`
  );
  return `<dl class="numbers">${items.join("")}</dl>`;
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
export function endingOf({ stop, events }: RunRecord): string {
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
  const rows = rules.map(({ name, stop, best, psnr, lost }) =>
    [name, stop ?? "did not", best ?? "", decibel(psnr), decibel(lost)]
      .map((cell) => `<td>${escapeHtml(String(cell))}</td>`).join("")
  );
  const head = ["Rule", "Stopped", "Best", "PSNR (dB)", "Below the best (dB)"]
    .map((name) => `<th scope="col">${name}</th>`).join("");
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${
    rows.map((row) => `<tr>${row}</tr>`).join("")
  }</tbody></table></div>`;
}
