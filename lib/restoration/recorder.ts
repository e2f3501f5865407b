// Builds the record of a run while the run goes on.
import type { Degradation } from "../degradation/mod.ts";
import type { CompiledStep, tf } from "../engine/mod.ts";
import { assumedOf } from "./noise_level.ts";
import { layerNorms } from "../network/mod.ts";
import type { RuleReport } from "../stopping/mod.ts";
import type { MeasuredIterate } from "./monitor.ts";
import { hasQuality } from "./defaults.ts";
import type { ResolvedOptions } from "./resolve_options.ts";
import {
  type ErrorSeries,
  type JsonNumber,
  jsonNumber,
  RECORD_VERSION,
  type RecordEvent,
  roundedJsonNumber,
  type RuleRecord,
  type RunRecord,
  type Series,
  type Snapshots,
  softwareVersions,
  type SpectralNorms,
} from "./record.ts";
import type { Iterate } from "./training.ts";

/** Appends a number to each of several lists; creates the lists on the first call. */
function appendEach(lists: JsonNumber[][], values: readonly number[]): void {
  values.forEach((value, i) => (lists[i] ??= []).push(roundedJsonNumber(value)));
}

const engineOf = ({ convolutions, compileMilliseconds, memory }: CompiledStep) => ({
  convolutions,
  compileMilliseconds,
  memory,
});

/** Builds a {@linkcode RunRecord}. */
export interface Recorder {
  /** Records an iteration; a measure is computed only if it is recorded. */
  iteration(
    iterate: Iterate,
    measured: MeasuredIterate,
    values: readonly number[],
    lambda: number | undefined,
  ): void;
  /** Records the spectral norms of the weights after an iteration. */
  norms(iteration: number, model: tf.LayersModel, lambda: number | undefined): void;
  event(event: RecordEvent): void;
  /** The state of the recorder, for a checkpoint. */
  state(): RecorderState;
  restoreState(state: RecorderState): void;
  finish(
    step: CompiledStep | undefined,
    stop: RunRecord["stop"],
    reports: readonly RuleReport[],
    seconds: number,
    snapshots: Snapshots | undefined,
    guide?: RunRecord["guide"],
  ): RunRecord;
}

/** The lists of a record that grow with the run. */
export interface RecorderState {
  readonly series: Series;
  readonly spectral: SpectralNorms;
  readonly events: readonly RecordEvent[];
  /** One list for each rule. */
  readonly criteria: readonly JsonNumber[][];
}

/**
 * Starts a record.
 *
 * @param problem The problem.
 * @param settings All options of the run.
 * @returns The recorder.
 */
export function createRecorder(problem: Degradation, settings: ResolvedOptions): Recorder {
  const { network, seed, reference, measure } = settings;
  const { height, width, channels } = problem.initialEstimate;
  const account: ErrorSeries = { signal: [], noise: [], cross: [], remainder: [] };
  const series = {
    loss: [] as JsonNumber[],
    misfit: [] as JsonNumber[],
    milliseconds: [] as number[],
    divergence: [] as JsonNumber[],
    lambda: [] as JsonNumber[],
    heldOut: [] as JsonNumber[],
    psnr: [] as JsonNumber[],
    averagePsnr: [] as JsonNumber[],
    bands: [] as JsonNumber[][],
    bandGain: [] as JsonNumber[][],
    bandCoherence: [] as JsonNumber[][],
    blurriness: [] as JsonNumber[],
    sharpness: [] as JsonNumber[],
    account,
  };
  const spectral: SpectralNorms = { layers: [], iterations: [], kernel: [], controlled: [] };
  const events: RecordEvent[] = [];
  const criteria: JsonNumber[][] = settings.stop.map(() => []);

  const withLoss = ({ stop, best, ...report }: RuleReport, i: number): RuleRecord => {
    const values = criteria[i]!.slice(0, stop ?? undefined);
    if (!reference) return { ...report, stop, best, values };
    const highest = series.averagePsnr.reduce<number>(
      (most, value) => Math.max(most, value ?? -Infinity),
      -Infinity,
    );
    const psnr = best === null ? null : series.averagePsnr[best - 1] ?? null;
    const lost = psnr === null ? null : highest - psnr;
    return { ...report, stop, best, values, psnr, lost };
  };

  return {
    iteration({ loss, misfit, milliseconds, heldOut, divergence }, measured, values, lambda) {
      series.loss.push(jsonNumber(loss));
      series.misfit.push(jsonNumber(misfit));
      series.milliseconds.push(milliseconds);
      if (lambda !== undefined) series.lambda.push(roundedJsonNumber(lambda));
      if (divergence !== undefined) series.divergence.push(roundedJsonNumber(divergence));
      if (heldOut !== undefined) series.heldOut.push(jsonNumber(heldOut));
      criteria.forEach((list, i) => list.push(roundedJsonNumber(values[i] ?? NaN)));
      if (reference) {
        series.psnr.push(jsonNumber(measured.psnr!));
        series.averagePsnr.push(jsonNumber(measured.averagePsnr!));
      }
      if (!measure) return;
      appendEach(series.bands, measured.bands);
      appendEach(series.bandGain, measured.transfer.gain);
      appendEach(series.bandCoherence, measured.transfer.coherence);
      series.blurriness.push(roundedJsonNumber(measured.blurriness));
      series.sharpness.push(roundedJsonNumber(measured.sharpness));
      if (!measured.account) return;
      for (const part of ["signal", "noise", "cross", "remainder"] as const) {
        appendEach(account[part], measured.account[part]);
      }
    },
    norms(iteration, model, lambda) {
      const norms = layerNorms(model, lambda);
      spectral.iterations.push(iteration);
      if (iteration === 0) spectral.layers.push(...norms.map(({ layer }) => layer));
      appendEach(spectral.kernel, norms.map(({ kernel }) => kernel));
      appendEach(spectral.controlled, norms.map(({ controlled }) => controlled));
    },
    event: (event) => void events.push(event),
    state: () => ({ series, spectral, events, criteria }),
    restoreState(state) {
      const { account: parts, ...lists } = state.series;
      Object.assign(series, lists);
      Object.assign(account, parts);
      Object.assign(spectral, state.spectral);
      Object.assign(events, state.events);
      Object.assign(criteria, state.criteria);
    },
    finish(step, stop, reports, seconds, snapshots, guide) {
      const { loss, misfit, milliseconds, divergence, lambda, heldOut, psnr, averagePsnr } = series;
      const { bands, bandGain, bandCoherence, blurriness, sharpness } = series;
      return {
        version: RECORD_VERSION,
        task: problem.task,
        degradation: problem.settings,
        seed,
        picture: { height, width, channels },
        settings: {
          network: settings.objective === "plug-and-play"
            ? { name: "none" }
            : { name: network.name, ...network.settings },
          objective: settings.objective,
          ...hasQuality(settings.objective) ? { quality: settings.quality } : {},
          ...assumedOf(settings.noise),
          iterations: settings.iterations,
          learningRate: settings.learningRate,
          warmUp: settings.warmUp,
          ...settings.objective === "mse" ? { input: settings.input } : {},
          inputNoise: settings.objective === "mse" ? settings.inputNoise : 0,
          averaging: settings.averaging,
          decision: settings.decision,
          threads: settings.threads,
          device: settings.device,
        },
        versions: softwareVersions(),
        ...step && { engine: engineOf(step) },
        ...guide && { guide },
        series: {
          loss,
          misfit,
          milliseconds,
          ...divergence.length > 0 ? { divergence } : {},
          ...lambda.length > 0 ? { lambda } : {},
          ...heldOut.length > 0 ? { heldOut } : {},
          ...reference ? { psnr, averagePsnr } : {},
          ...measure ? { bands, bandGain, bandCoherence, blurriness, sharpness } : {},
          ...measure && reference ? { account } : {},
        },
        spectralNorms: spectral,
        ...snapshots ? { snapshots } : {},
        rules: reports.map(withLoss),
        events,
        stop,
        seconds,
      };
    },
  };
}
