// Shows the progress of a run in a notebook's cell.
import type { JsonNumber, Run, RunRecord, RunResult, Step } from "../restoration/mod.ts";
import { bandCorrespondenceFigure } from "./band_correspondence_figure.ts";
import { renderSvg } from "./render_png.ts";
import { type MimeBundle, show } from "./show.ts";

/** Sends a message to the notebook, as `Deno.jupyter.broadcast` does. */
export type Broadcast = (
  type: "display_data" | "update_display_data",
  content: { data: MimeBundle; metadata: object; transient: { display_id: string } },
) => Promise<void>;

/** Options of {@linkcode showProgress}. */
export interface ShowProgressOptions {
  /** Receives the messages. @default {the notebook in which this runs} */
  broadcast?: Broadcast;
}

/** The least interval between two drawings, in milliseconds, and relative to the time of a drawing. */
const INTERVAL = 1000, TIMES = 10;

/**
 * Shows the progress of a run in a notebook's cell: a line of numbers, and the band correspondence and PSNR so far,
 * as a picture that is replaced once a second; at the end the live chart. Interrupting the cell ends the run after
 * the current iteration, and keeps its result.
 *
 * @param run The run, not yet started.
 * @param options Where it is shown.
 * @returns The result of the run.
 * @throws {Error} The error of the run.
 *
 * @example In a notebook, `await showProgress(run)` is enough
 * ```ts
 * import assert from "node:assert/strict";
 * import { createImage } from "../image/mod.ts";
 * import { denoising } from "../degradation/mod.ts";
 * import { decoder } from "../network/mod.ts";
 * import { restore } from "../restoration/mod.ts";
 *
 * const noisy = createImage({ height: 32, width: 32, channels: 1 });
 * const run = restore(denoising(noisy), { network: decoder({ channels: 8 }), iterations: 3 });
 * const texts: unknown[] = [];
 * const { record } = await showProgress(run, {
 *   broadcast: (_type, { data }) => Promise.resolve(void texts.push(data["text/plain"])),
 * });
 * assert.equal(record.stop.iteration, 3);
 * assert.equal(texts.at(-1), "Figure: Band correspondence");
 * ```
 */
export async function showProgress(
  run: Run,
  options: ShowProgressOptions = {},
): Promise<RunResult> {
  const { broadcast = Deno.jupyter.broadcast as Broadcast } = options;
  const drawLine = place(broadcast), drawChart = place(broadcast);
  const seen = collect();
  let isInterrupted = false, due = -Infinity;
  // Deno's kernel gets an interrupt as SIGINT, which ends it if there is no listener.
  const interrupt = () => void (isInterrupted = true);
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    for await (const step of run) {
      // The initial estimate, iteration 0, is not in the chart.
      if (step.iteration > 0) seen.add(step);
      if (isInterrupted) break;
      const start = performance.now();
      if (start < due) continue;
      await drawLine({ "text/plain": describe(step) });
      if (step.iteration > 0) await drawChart(await moving(seen.record([], step.iteration)));
      const end = performance.now();
      due = end + Math.max(INTERVAL, TIMES * (end - start));
    }
    const result = await run.result;
    const { rules, stop } = result.record;
    await drawLine({ "text/plain": summary(result.record) });
    if (stop.iteration > 0) {
      const figure = bandCorrespondenceFigure(seen.record(rules, stop.iteration));
      await drawChart(await show(figure)[Symbol.for("Jupyter.display")]!());
    }
    return result;
  } finally {
    Deno.removeSignalListener("SIGINT", interrupt);
  }
}

/** An output in the cell: the first message creates it, later ones replace it. */
function place(broadcast: Broadcast): (data: MimeBundle) => Promise<void> {
  const transient = { display_id: crypto.randomUUID() };
  let isMade = false;
  return (data) => {
    const type = isMade ? "update_display_data" : "display_data";
    isMade = true;
    return broadcast(type, { data, metadata: {}, transient });
  };
}

/** Collects the part of a record that the chart shows; H is rounded to three digits. */
function collect() {
  const bands: JsonNumber[][] = [], psnr: JsonNumber[] = [], averagePsnr: JsonNumber[] = [];
  return {
    add(step: Step): void {
      step.bands.forEach((band, i) => (bands[i] ??= []).push(Math.round(1000 * band) / 1000));
      if (step.psnr !== undefined) psnr.push(step.psnr);
      if (step.averagePsnr !== undefined) averagePsnr.push(step.averagePsnr);
    },
    record(rules: RunRecord["rules"], iteration: number): RunRecord {
      const series = { bands, ...psnr.length > 0 ? { psnr, averagePsnr } : {} };
      return { series, rules, stop: { iteration } } as RunRecord;
    },
  };
}

/**
 * A chart as a picture that is soon replaced: JupyterLab's Plotly draws a figure once, and ignores changes.
 */
async function moving(record: RunRecord): Promise<MimeBundle> {
  const svg = await renderSvg(bandCorrespondenceFigure(record), { scale: 1 });
  return { "image/svg+xml": svg, "text/plain": "Figure: Band correspondence" };
}

function describe({ iteration, loss, averagePsnr, best }: Step): string {
  const parts = iteration === 0
    ? ["initial estimate"]
    : [`iteration ${iteration}`, `loss ${loss.toPrecision(4)}`];
  if (averagePsnr !== undefined) parts.push(`PSNR ${averagePsnr.toFixed(2)} dB`);
  return [...parts, ...iteration > 0 ? [`best ${best.iteration}`] : []].join(", ");
}

/** Why a run ended, in words. */
const REASONS: Readonly<Record<RunRecord["stop"]["reason"], string>> = {
  rule: "stopped by the rule",
  iterations: "all iterations done",
  aborted: "interrupted",
  diverged: "diverged",
  failed: "failed",
};

function summary({ stop, guide }: RunRecord): string {
  if (guide && stop.iteration === 0) return "initial estimate";
  const reason = stop.reason === "rule" ? `${REASONS.rule} ${stop.rule}` : REASONS[stop.reason];
  return `${stop.iteration} iterations, ${reason}, best ${stop.best}`;
}
