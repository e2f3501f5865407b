// The settings of a run as a table.
import type { RunRecord } from "../restoration/mod.ts";
import { escapeHtml } from "./_html.ts";

/** Everything that was set, and what it was computed with. */
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

/** The leaves of nested data, by their path; those that are not set are left out. */
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
